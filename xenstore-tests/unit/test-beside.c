// SPDX-License-Identifier: GPL-2.0-or-later
/* A successor is started beside a daemon and loaded: its process and its stream. */
#include "test-beside.h"

static void sizes(const char *how)
{
	static const size_t all[] = {0,	    1,	   7,	       65535,
				     65536, 65537, 65536 - 16, 5 << 20};
	struct err err = {0};
	size_t i;

	CHECK(!begin(how, &err));
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		put_bytes(all[i]);
	ask();
	CHECK(!posix_beside_backlog(host));
	posix_beside_stop(host);
}

static void many_fds(const char *how)
{
	struct err err = {0};
	int fds[NFDS];
	size_t i;

	CHECK(!begin(how, &err));
	for (i = 0; i < NFDS; i++) {
		fds[i] = memfd_create("test", MFD_CLOEXEC);
		CHECK(fds[i] >= 0);
	}
	put_fds(fds, NFDS);
	put_fds(fds, 64);
	put_fds(fds, 65);
	put_fds(fds, 1);
	/* what was put is sent, whatever becomes of the daemon's own */
	for (i = 0; i < NFDS; i++)
		close(fds[i]);
	/* the same numbers, other files */
	for (i = 0; i < 3; i++)
		CHECK(memfd_create("test", MFD_CLOEXEC) == fds[i]);
	put_fds(fds, 3);
	ask();
}

static void first(const char *how)
{
	struct err err = {0};

	CHECK(!begin(how, &err));
	ask();
	CHECK(open_fds() == OPEN + 1); /* the stream */
}

/* Nothing blocks, and everything waits. */
static void not_read(const char *how)
{
	uint64_t began = posix_now_ms(host);
	struct err err = {0};
	unsigned int i;

	CHECK(!begin(how, &err));
	for (i = 0; i < 50; i++)
		put_bytes(1 << 20);
	CHECK(posix_beside_backlog(host) > 45 << 20);
	CHECK(posix_beside_event(host, &err) == EAGAIN && !*err.text);
	posix_beside_stop(host);
	CHECK(posix_now_ms(host) - began < PATIENCE / 2);
}

static void fails(const char *how)
{
	struct err err = {0};

	CHECK(!begin(how, &err));
	/* it may end without reading this: what it said is heard */
	put_bytes(100);
	CHECK(heard(&err) == err.code);
	say("%s\n", err.text);
	posix_beside_stop(host);
	CHECK(open_fds() == OPEN);
}

static void cannot(const char *how)
{
	struct err err = {0};

	(void)how;
	CHECK(posix_beside_start(host, "/bin/true", NULL, TAG, &err));
	say("%s\n", err.text);
	CHECK(open_fds() == OPEN);
}

static void test_sizes(void **state)
{
	(void)state;
	expect(sizes, "bytes",
	       "0 bytes\n1 bytes\n7 bytes\n65535 bytes\n65536 bytes\n"
	       "65537 bytes\n65520 bytes\n5242880 bytes\n"
	       "step asked\nloaded\n");
}

static void test_descriptors(void **state)
{
	(void)state;
	expect(many_fds, "fds",
	       "300 descriptors\n64 descriptors\n65 descriptors\n"
	       "1 descriptors\n3 descriptors\nstep asked\nloaded\n"
	       "the old daemon has ended\n");
}

static void test_what_it_starts_with(void **state)
{
	char text[128];

	(void)state;
	snprintf(text, sizeof(text),
		 "5 descriptors, nice %d, out-of-memory score 1000\n"
		 "step asked\nloaded\nthe old daemon has ended\n",
		 getpriority(PRIO_PROCESS, 0) + 10);
	expect(first, "first", text);
}

static void test_not_read(void **state)
{
	(void)state;
	expect(not_read, "deaf", "");
}

static void test_failures(void **state)
{
	(void)state;
	expect(fails, "exits",
	       "the new binary exited with status 7 while it loaded the "
	       "state, without a result\n");
	expect(fails, "killed",
	       "the new binary was killed while it loaded the state, or closed "
	       "its result pipe; check the kernel log for an out-of-memory "
	       "kill\n");
	expect(fails, "refuses", "the new binary refused: no such thing\n");
	expect(fails, "babbles",
	       "the new binary reported \"serves\" while it loaded the "
	       "state\n");
	expect(cannot, "",
	       "/bin/true is not an xenstored that can take over from this "
	       "one\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_what_it_starts_with),
		cmocka_unit_test(test_not_read),
		cmocka_unit_test(test_failures),
	};

	begin_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
