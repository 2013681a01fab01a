// SPDX-License-Identifier: GPL-2.0-or-later
/* What a successor beside a daemon refuses to read. */
#include "test-beside.h"

static int stream; /* the daemon's end */

static struct beside *begun(void)
{
	int fds[2], word = memfd_create("word", MFD_CLOEXEC);
	struct err err = {0};
	struct beside *b;
	char env[64];

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds));
	CHECK(word >= 0 && !ftruncate(word, 4096));
	stream = fds[0];
	snprintf(env, sizeof(env), "%d %d", fds[1], word);
	setenv(BESIDE_ENV, env, 1);
	CHECK(!beside_begin(&b, &err) && b);
	return b;
}

static void packet(const void *p, size_t len, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr c;
		char space[CMSG_SPACE(BESIDE_FDS * 2 * sizeof(int))];
	} control = {.space = ""};
	struct iovec iov = {(void *)(uintptr_t)p, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (nfds) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		control.c.cmsg_level = SOL_SOCKET;
		control.c.cmsg_type = SCM_RIGHTS;
		control.c.cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(&control.c), fds, nfds * sizeof(int));
	}
	CHECK(sendmsg(stream, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	      (ssize_t)len);
}

/* A frame whose header and numbers say what is given, in one packet. */
static void frame(uint32_t kind, uint32_t nfds, uint64_t len,
		  const int32_t *numbers, size_t nnumbers, size_t ndata,
		  const int *fds, size_t npassed)
{
	struct beside_frame f = {kind, nfds, len};
	char p[1024] = "";

	memcpy(p, &f, sizeof(f));
	if (nnumbers)
		memcpy(p + sizeof(f), numbers, nnumbers * sizeof(*numbers));
	packet(p, beside_head((uint32_t)nnumbers) + ndata, fds, npassed);
}

static const int std[] = {0, 1, 2};
static const int32_t five[] = {5, 6, 7};

/* kept: how many of the descriptors that came stay open. */
static void refused_but(struct beside *b, unsigned int kept)
{
	unsigned int open = open_fds();
	enum beside_kind kind;
	struct err err = {0};
	const void *data;
	size_t len;
	int rc = beside_next(b, &kind, &data, &len, &err);

	CHECK(rc && rc == err.code);
	CHECK(open_fds() == open + kept);
	say("%s\n", err.text);
}

static void refused(struct beside *b)
{
	refused_but(b, 0);
}

static void kinds(const char *how)
{
	struct beside *b = begun();

	(void)how;
	packet("short", 5, NULL, 0);
	refused(b);
	frame(0, 0, 0, NULL, 0, 0, NULL, 0);
	refused(b);
	frame(4, 0, 0, NULL, 0, 0, NULL, 0);
	refused(b);
}

static void lengths(const char *how)
{
	static char large[BESIDE_PACKET + 1];
	struct beside *b = begun();

	(void)how;
	frame(BESIDE_PIECE, 0, BESIDE_FRAME_MAX + 1, NULL, 0, 0, NULL, 0);
	refused(b);
	frame(BESIDE_PIECE, 0, UINT64_MAX, NULL, 0, 0, NULL, 0);
	refused(b);
	frame(BESIDE_PIECE, BESIDE_FRAME_FDS + 1, 0, NULL, 0, 0, NULL, 0);
	refused(b);
	frame(BESIDE_PIECE, 0, 4, NULL, 0, 5, NULL, 0);
	refused(b);
	frame(BESIDE_PIECE, 0, 10, NULL, 0, 5, NULL, 0);
	packet("second", 6, NULL, 0);
	refused(b);
	packet(large, sizeof(large), NULL, 0);
	refused(b);
	/* it promises 1 GB, sends 5 bytes and ends: no such memory is needed */
	frame(BESIDE_PIECE, 0, BESIDE_FRAME_MAX, NULL, 0, 5, NULL, 0);
	close(stream);
	refused(b);
}

static void numbers(const char *how)
{
	static const int32_t bad[] = {5, -1}, high[] = {BESIDE_NUMBERS};
	struct beside *b = begun();

	(void)how;
	/* too few, too many, some in the next packet */
	frame(BESIDE_PIECE, 3, 0, five, 3, 0, std, 2);
	refused(b);
	frame(BESIDE_PIECE, 2, 0, five, 2, 0, std, 3);
	refused(b);
	frame(BESIDE_PIECE, 0, 0, NULL, 0, 0, std, 1);
	refused(b);
	frame(BESIDE_PIECE, 1, 3, five, 1, 1, std, 1);
	packet("ab", 2, std, 1);
	refused(b);
	frame(BESIDE_PIECE, 1, 0, high, 1, 0, std, 1);
	refused(b);
	frame(BESIDE_PIECE, 2, 0, bad, 2, 0, std, 2);
	refused_but(b, 1);
}

/* The kernel passes as many as fit into the limit. */
static void limit(const char *how)
{
	struct rlimit most;
	struct beside *b = begun();

	(void)how;
	getrlimit(RLIMIT_NOFILE, &most);
	most.rlim_cur = open_fds() + 1;
	setrlimit(RLIMIT_NOFILE, &most);
	frame(BESIDE_PIECE, 3, 0, five, 3, 0, std, 3);
	refused(b);
}

/* The last one under a number counts; one that nobody asked for is closed. */
static void again(const char *how)
{
	int fds[2] = {memfd_create("a", 0), memfd_create("b", 0)}, a;
	struct beside *b = begun();
	enum beside_kind kind;
	struct err err = {0};
	unsigned int open = open_fds();
	const void *data;
	size_t len;
	int i;

	(void)how;
	for (i = 0; i < 2; i++) {
		frame(BESIDE_PIECE, 1, 0, five, 1, 0, &fds[i], 1);
		CHECK(!beside_next(b, &kind, &data, &len, &err) && !len);
		CHECK(open_fds() == open + 1);
	}
	a = beside_fd(b, 5);
	CHECK(ino_of(a) == ino_of(fds[1]));
	frame(BESIDE_PIECE, 1, 0, five, 1, 0, &fds[0], 1);
	CHECK(!beside_next(b, &kind, &data, &len, &err));
	CHECK(open_fds() == open + 2);
	CHECK(beside_fd(b, 5) != a &&
	      ino_of(beside_fd(b, 5)) == ino_of(fds[0]));
	CHECK(beside_fd(b, 6) == -1);
	frame(BESIDE_PIECE, 2, 0, five + 1, 2, 0, fds, 2);
	CHECK(!beside_next(b, &kind, &data, &len, &err));
	CHECK(beside_fd(b, 6) >= 0 && open_fds() == open + 4);
	beside_tidy(b);
	CHECK(open_fds() == open + 3);
	CHECK(beside_idle(b));
	close(stream);
	CHECK(!beside_idle(b));
	refused(b);
}

static void environment(const char *how)
{
	static const char *const bad[] = {"",	 "1",	  "1 2 3",
					  "x y", "0 0",	  "777 778",
					  "1 ",	 "-1 -1", "99999999999 1"};
	struct beside *b;
	struct err err;
	size_t i;

	(void)how;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv(BESIDE_ENV, bad[i], 1);
		CHECK(beside_begin(&b, &err) == EINVAL && !b);
		CHECK(!getenv(BESIDE_ENV));
	}
	say("%s\n", err.text);
	CHECK(!beside_begin(&b, &err) && !b);
}

#define STREAM "the old daemon's stream: "
#define MORE   STREAM "a frame with more bytes or descriptors than it says\n"

static void test_kinds(void **state)
{
	(void)state;
	expect(kinds, "",
	       STREAM "a frame of 5 bytes\n" STREAM "unknown frame 0\n" STREAM
		      "unknown frame 4\n");
}

static void test_lengths(void **state)
{
	(void)state;
	expect(lengths, "",
	       STREAM
	       "a frame of 1073741825 bytes and 0 descriptors\n" STREAM
	       "a frame of 18446744073709551615 bytes and 0 "
	       "descriptors\n" STREAM
	       "a frame of 0 bytes and 65537 descriptors\n" MORE MORE STREAM
	       "a packet of more than 65536 bytes\n"
	       "the old daemon has ended\n");
}

static void test_numbers(void **state)
{
	(void)state;
	expect(numbers, "",
	       STREAM "2 descriptors instead of 3\n" MORE MORE MORE STREAM
		      "descriptor number 1048576\n" STREAM
		      "descriptor number -1\n");
}

static void test_limit(void **state)
{
	(void)state;
	expect(limit, "",
	       "descriptors of the old daemon did not fit into the limit of "
	       "open files: raise LimitNOFILE= or ulimit -Hn\n");
}

static void test_again(void **state)
{
	(void)state;
	expect(again, "", "the old daemon has ended\n");
}

static void test_environment(void **state)
{
	(void)state;
	expect(environment, "",
	       "the environment variable XENSTORED_BESIDE of the predecessor "
	       "is not as expected\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_environment),
	};

	begin_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
