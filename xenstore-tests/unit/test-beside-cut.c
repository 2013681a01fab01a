// SPDX-License-Identifier: GPL-2.0-or-later
/* Who serves: the last piece, the word, the end of one of the two processes. */
#include "test-beside.h"

static void cuts(const char *how)
{
	struct err err = {0};
	int rc;

	CHECK(!begin(how, &err));
	rc = posix_beside_cut(host, "end", 3, NULL, 0, PATIENCE, &err);
	say("%s: %s\n", rc == ENOTRECOVERABLE ? "over" : "goes on", err.text);
}

static void cuts_soon(const char *how)
{
	struct err err = {0};
	int rc;

	CHECK(!begin(how, &err));
	rc = posix_beside_cut(host, "end", 3, NULL, 0, 150, &err);
	CHECK(rc == ETIMEDOUT);
	say("goes on: %s\n", err.text);
	/* and can try again */
	CHECK(!begin("good", &err));
	ask();
	posix_beside_stop(host);
}

/* As cuts(), with a lock as that on a pid file. */
static void locks(const char *how)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	int high = fcntl(fd, F_DUPFD_CLOEXEC, LOCKED);
	struct err err = {0};

	CHECK(high == LOCKED && !lockf(high, F_TLOCK, 0));
	CHECK(!begin(how, &err));
	put_fds(&high, 1);
	(void)posix_beside_cut(host, NULL, 0, NULL, 0, PATIENCE, &err);
	say("%s\n", err.text);
}

static void test_word(void **state)
{
	uint32_t word = BESIDE_OLD;

	(void)state;
	assert_false(beside_step(&word, BESIDE_NEW, BESIDE_SERVED));
	assert_true(beside_step(&word, BESIDE_OLD, BESIDE_NEW));
	assert_false(beside_step(&word, BESIDE_OLD, BESIDE_REVOKED));
	assert_true(beside_step(&word, BESIDE_NEW, BESIDE_REVOKED));
	assert_false(beside_step(&word, BESIDE_NEW, BESIDE_SERVED));
	assert_int_equal(word, BESIDE_REVOKED);
}

static void test_cut(void **state)
{
	(void)state;
	expect(cuts, "good", "cut\nserves alone\n");
	/* it serves: there is nothing to wait for */
	expect(cuts, "slow", "cut\nserves alone\n");
}

static void test_cut_fails(void **state)
{
	(void)state;
	expect(cuts_soon, "hang",
	       "cut\ngoes on: the new binary did not serve in time\n"
	       "step asked\nloaded\n");
	expect(cuts, "dies-old",
	       "cut\ngoes on: the new binary was killed by signal 6 "
	       "(Aborted) before it served\n");
	expect(cuts, "dies-new",
	       "cut\ngoes on: the new binary exited with status 4 before it "
	       "served, without a result\n");
	expect(cuts_soon, "hangs-new",
	       "cut\ngoes on: the new binary did not serve in time\n"
	       "step asked\nloaded\n");
	expect(cuts, "claims",
	       "cut\ngoes on: the new binary reported that it serves, but has "
	       "not taken over\n");
	expect(cuts, "dies-served",
	       "cut\nover: the new binary had begun to serve: the new binary "
	       "exited with status 5 before it served, without a result\n");
}

static void test_old_one_dies(void **state)
{
	struct outcome o;

	(void)state;
	run(cuts, "orphan", "cut\n", &o);
	assert_string_equal(o.text, "cut\nserves alone\n");
	assert_true(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGKILL);
}

static void test_signals(void **state)
{
	struct outcome o;

	(void)state;
	expect(cuts, "term", "cut\nboth signals\nserves alone\n");
	run(cuts, "term-dies", NULL, &o);
	assert_string_equal(o.text, "cut\n");
	assert_true(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGTERM);
}

/* The successor can lock the pid file when it sees the stream's end. */
static void test_lock(void **state)
{
	(void)state;
	expect(locks, "lock", "1 descriptors\ncut\nlock: free\nserves alone\n");
}

/* systemd hears of the new process from the one that it knows. */
static void test_main_pid(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	union {
		struct cmsghdr c;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char name[64], text[64] = "";
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	struct ucred sender;
	struct outcome o;

	(void)state;
	snprintf(name, sizeof(name), "@test-beside-%d", (int)getpid());
	memcpy(addr.sun_path + 1, name + 1, strlen(name + 1));
	assert_int_equal(
		bind(fd, (struct sockaddr *)&addr,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				 strlen(name))),
		0);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	setenv("NOTIFY_SOCKET", name, 1);
	run(cuts, "good", NULL, &o);
	unsetenv("NOTIFY_SOCKET");
	assert_true(recvmsg(fd, &msg, MSG_DONTWAIT) > 0);
	assert_memory_equal(text, "MAINPID=", 8);
	memcpy(&sender, CMSG_DATA(&control.c), sizeof(sender));
	assert_int_equal(sender.pid, o.pid);
	assert_true(atoi(text + 8) > 0 && atoi(text + 8) != o.pid);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_fails),
		cmocka_unit_test(test_old_one_dies),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_main_pid),
	};

	begin_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
