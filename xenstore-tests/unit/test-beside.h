/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of a daemon and the successor beside it.
 *
 * Each test forks a daemon, whose successor is the test's program again: its
 * first argument says what it does.  Both write lines to one pipe, and the test
 * compares them.
 */
#ifndef UNIT_TEST_BESIDE_H
#define UNIT_TEST_BESIDE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/beside.h"
#include "host/handoff.h"
#include "host/host-posix.h"

#define TAG	 7
#define PATIENCE 20000 /* ms */
#define NFDS	 300
#define OPEN	 6 /* descriptors of a daemon: 0 to 2, its binary, signals, epoll */
#define LOCKED	 1000 /* a descriptor that is closed late */

static char **args; /* of this program */

/* ---- what both say ---- */

static inline void say(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
static inline void say(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (write(1, text, (size_t)n) != n)
		_exit(99);
}

/* For the processes that are not the test's own. */
#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			say("line %d: %s\n", __LINE__, #what);                 \
			_exit(98);                                             \
		}                                                              \
	} while (0)

static inline unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 3; /* ".", ".." and its own */
}

static inline int oom(void)
{
	FILE *f = fopen("/proc/self/oom_score_adj", "r");
	int n = -1;

	CHECK(f && fscanf(f, "%d", &n) == 1);
	fclose(f);
	return n;
}

/* ---- the successor ---- */

struct named {
	int32_t number;
	uint64_t ino;
};

static inline uint64_t ino_of(int fd)
{
	struct stat st;

	CHECK(!fstat(fd, &st));
	return st.st_ino;
}

static inline void check_bytes(const uint8_t *p, size_t len)
{
	size_t i;

	CHECK(!((uintptr_t)p % 8));
	for (i = 0; i < len; i++)
		CHECK(p[i] == (uint8_t)(i + len));
	say("%zu bytes\n", len);
}

static inline void check_fds(struct beside *b, const void *data, size_t len)
{
	const struct named *n = data;
	size_t i;

	for (i = 0; i < len / sizeof(*n); i++)
		CHECK(ino_of(beside_fd(b, n[i].number)) == n[i].ino);
	CHECK(beside_fd(b, -1) == -1 && beside_fd(b, 1 << 30) == -1);
	say("%zu descriptors\n", i);
}

static inline void on_ask(struct beside *b)
{
	beside_say(b, "step asked");
	beside_say(b, "loaded");
}

static inline void await_end(struct beside *b)
{
	struct pollfd p = {.fd = beside_stream(b)};

	beside_served(b);
	CHECK(poll(&p, 1, PATIENCE) == 1);
}

static inline _Noreturn void on_cut(struct beside *b, const char *how)
{
	pid_t old = getppid();
	struct err err;
	const struct timespec patience = {PATIENCE / 1000, 0};
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigaddset(&term, SIGHUP);
	say("cut\n");
	if (!strcmp(how, "hang"))
		pause();
	if (!strcmp(how, "claims")) {
		beside_say(b, "serves");
		pause();
	}
	if (!strcmp(how, "dies-old"))
		raise(SIGABRT);
	while (!strcmp(how, "orphan") && getppid() == old)
		usleep(1000);
	if (!strncmp(how, "term", 4)) {
		sigprocmask(SIG_BLOCK, &term, NULL);
		kill(getppid(), SIGTERM);
		kill(getppid(), SIGHUP);
	}
	if (!strcmp(how, "term-dies"))
		_exit(3);
	CHECK(!beside_swap(b, &err));
	if (!strcmp(how, "dies-new"))
		_exit(4);
	if (!strcmp(how, "hangs-new"))
		pause();
	CHECK(!beside_serves(b, &err));
	if (!strcmp(how, "dies-served"))
		_exit(5);
	if (!strcmp(how, "slow"))
		usleep(300000);
	CHECK(!beside_promote(b, &err));
	await_end(b);
	if (!strncmp(how, "term", 4)) {
		CHECK(sigtimedwait(&term, NULL, &patience) == SIGHUP);
		CHECK(sigtimedwait(&term, NULL, &patience) == SIGTERM);
		say("both signals\n");
	}
	if (!strcmp(how, "lock"))
		say("lock: %s\n",
		    lockf(beside_fd(b, LOCKED), F_TLOCK, 0) ? "held" : "free");
	beside_end(b);
	say("serves alone\n");
	_exit(0);
}

static inline _Noreturn void successor(const char *how)
{
	bool bytes = !strcmp(how, "bytes");
	unsigned int before = open_fds();
	enum beside_kind kind;
	struct err err = {0};
	const void *data;
	struct beside *b;
	size_t len;

	if (!strcmp(how, "exits"))
		_exit(7);
	if (!strcmp(how, "killed"))
		raise(SIGKILL);
	CHECK(!beside_begin(&b, &err) && b && !getenv(BESIDE_ENV));
	if (!strcmp(how, "first"))
		say("%u descriptors, nice %d, out-of-memory score %d\n", before,
		    getpriority(PRIO_PROCESS, 0), oom());
	if (!strcmp(how, "refuses")) {
		while (beside_idle(b))
			usleep(1000);
		beside_say(b, "error: no such thing");
		_exit(1);
	}
	if (!strcmp(how, "babbles"))
		beside_say(b, "serves");
	if (!strcmp(how, "deaf") || !strcmp(how, "babbles"))
		pause();
	for (;;) {
		if (beside_next(b, &kind, &data, &len, &err)) {
			say("%s\n", err.text);
			_exit(0);
		}
		if (kind == BESIDE_PIECE && bytes)
			check_bytes(data, len);
		else if (kind == BESIDE_PIECE)
			check_fds(b, data, len);
		else if (kind == BESIDE_ASK)
			on_ask(b);
		else
			on_cut(b, how);
	}
}

/* ---- the daemon ---- */

static struct posix posix;
static struct host *const host = &posix.host;

static inline int begin(const char *how, struct err *err)
{
	return posix_beside_start(host, "/proc/self/exe", how, TAG, err);
}

/* The next thing that is neither nothing nor a step. */
static inline int heard(struct err *err)
{
	struct host_event ev[4];
	size_t n, i;
	int rc;

	for (;;) {
		CHECK(!posix_wait(host, ev, 4, PATIENCE * 1000, &n) && n);
		for (i = 0; i < n; i++)
			CHECK(ev[i].tag == TAG);
		do {
			rc = posix_beside_event(host, err);
			if (rc == EAGAIN && *err->text)
				say("step %s\n", err->text);
		} while (rc == EAGAIN && *err->text);
		if (rc != EAGAIN)
			return rc;
	}
}

static inline void put_bytes(size_t len)
{
	uint8_t *p = malloc(len + 1);
	struct err err = {0};
	size_t i;

	CHECK(p);
	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(i + len);
	CHECK(!posix_beside_put(host, p, len, NULL, 0, &err));
	free(p);
}

static inline void put_fds(const int *fds, size_t n)
{
	struct named named[NFDS];
	struct err err = {0};
	size_t i;

	for (i = 0; i < n; i++)
		named[i] = (struct named){fds[i], ino_of(fds[i])};
	CHECK(!posix_beside_put(host, named, n * sizeof(*named), fds, n, &err));
}

static inline void ask(void)
{
	struct err err = {0};

	CHECK(!posix_beside_ask(host, &err));
	CHECK(!heard(&err));
	say("loaded\n");
}

/* ---- the test ---- */

struct outcome {
	char text[4096];
	int status;
	pid_t pid;
};

static inline void daemon_run(void (*what)(const char *), const char *how,
			      const int *fds)
{
	struct err err = {0};

	dup2(fds[1], 1);
	close(fds[0]);
	close(fds[1]);
	CHECK(!posix_init(&posix, args, &err));
	CHECK(!posix_poll_init(&posix, -1, &err));
	what(how);
	_exit(0);
}

/* on: when this line comes, the daemon is killed. */
static inline void run(void (*what)(const char *), const char *how,
		       const char *on, struct outcome *ret)
{
	size_t len = 0;
	int fds[2];
	ssize_t n;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	ret->pid = fork();
	assert_true(ret->pid >= 0);
	if (!ret->pid)
		daemon_run(what, how, fds);
	close(fds[1]);
	do {
		n = read(fds[0], ret->text + len, sizeof(ret->text) - 1 - len);
		assert_true(n >= 0);
		len += (size_t)n;
		ret->text[len] = '\0';
		if (on && strstr(ret->text, on)) {
			kill(ret->pid, SIGKILL);
			on = NULL;
		}
	} while (n);
	close(fds[0]);
	assert_int_equal(waitpid(ret->pid, &ret->status, 0), ret->pid);
}

static inline void expect(void (*what)(const char *), const char *how,
			  const char *text)
{
	struct outcome o;

	run(what, how, NULL, &o);
	assert_string_equal(o.text, text);
	assert_int_equal(o.status, 0);
}

/* Of every program: becomes the successor if this process is to be one. */
static inline void begin_tests(int argc, char **argv)
{
	int fd;

	if (getenv(BESIDE_ENV))
		successor(argc > 1 ? argv[1] : "");
	args = argv;
	/* what the program that runs the tests has left open */
	for (fd = 3; fd < 1024; fd++)
		close(fd);
}

#endif
