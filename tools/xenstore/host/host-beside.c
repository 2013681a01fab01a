/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-beside: the daemon's end of beside-form.h: starts a successor beside this
 * process, sends it the state, and ends this process when it serves.  Where a
 * function has the name of one of host.h, see there.  Called by host-xen.c.
 *
 * Signals that end a daemon wait while this process waits for "serves".  When
 * the successor serves they are sent on to it, SIGHUP, too.  When it does not,
 * this daemon obeys them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/beside-send.h"
#include "host/handoff.h"
#include "host/host-process.h"
#include "host/linux-calls.h"

#define WINDOW (1 << 20)  /* bytes that may be on their way, if allowed */
#define BEHIND (8u << 20) /* bytes that wait: it needs more processor time */

struct successor {
	pid_t pid;     /* 0: it has ended */
	int stream_fd; /* -1: not open */
	uint32_t *word;
	uint64_t tag;
	bool polls_out;
	bool urgent;	  /* has this process's priority */
	bool asked;	  /* "loaded" is expected */
	const char *when; /* for its end */
	struct beside_queue queue;
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- its end ---- */

static void *reap(void *arg)
{
	waitpid((pid_t)(intptr_t)arg, NULL, 0);
	return NULL;
}

/*
 * Kills it.  Its memory can take the kernel 50 ms to free, so a thread waits for
 * that: clients are served meanwhile.
 */
static void kill_successor(struct successor *s)
{
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t thread;
	int rc = ENOMEM;

	if (!s->pid)
		return;
	kill(s->pid, SIGKILL);
	/* signals go to the serving thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (!pthread_attr_init(&attr)) {
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		rc = pthread_create(&thread, &attr, reap,
				    (void *)(intptr_t)s->pid);
		pthread_attr_destroy(&attr);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc)
		waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

/* From here it can never serve.  False: it does. */
static bool take_back(struct successor *s)
{
	return beside_step(s->word, BESIDE_OLD, BESIDE_REVOKED) ||
	       beside_step(s->word, BESIDE_NEW, BESIDE_REVOKED) ||
	       __atomic_load_n(s->word, __ATOMIC_SEQ_CST) == BESIDE_REVOKED;
}

void posix_beside_stop(struct host *h)
{
	struct posix *p = to_posix(h);
	struct successor *s = p->successor;

	if (!s)
		return;
	if (s->word)
		(void)take_back(s);
	kill_successor(s);
	if (s->stream_fd >= 0) {
		posix_poll_del(h, s->stream_fd);
		close(s->stream_fd);
	}
	if (s->word)
		munmap(s->word, page_size());
	beside_queue_free(&s->queue);
	free(s);
	p->successor = NULL;
}

/* It has closed the stream: it ends, or has ended. */
static int ended(struct successor *s, struct err *err)
{
	int status = 0;

	kill(s->pid, SIGKILL);
	if (waitpid(s->pid, &status, 0) < 0)
		status = 0;
	s->pid = 0;
	return child_ended(status, "", s->when, err);
}

/* ---- its beginning ---- */

static int make_word(struct successor *s, int *ret_fd)
{
	int fd = posix_memfd("xenstore-beside"), rc;
	void *page;

	if (fd < 0)
		return errno;
	page = ftruncate(fd, (off_t)page_size())
		       ? MAP_FAILED
		       : mmap(NULL, page_size(), PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd, 0);
	if (page == MAP_FAILED ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)) {
		rc = errno;
		close(fd);
		return rc;
	}
	s->word = page;
	*ret_fd = fd;
	return 0;
}

/*
 * The child has this process's memory until it execs, so no page table is
 * copied, and descriptors of its own.
 */
static int spawn(struct posix *p, char *const *argv, int stream_fd, int word_fd,
		 pid_t *ret_pid)
{
	volatile int failed = 0;
	sigset_t all, old;
	pid_t pid;
	int rc;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fault("no-fork") ? -1 : vfork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		failed = fd_inherit(stream_fd, true);
		if (!failed)
			failed = fd_inherit(word_fd, true);
		if (!failed)
			failed = run_binary(p, argv);
		_exit(1);
	}
	rc = pid < 0 ? EAGAIN : failed;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (rc && pid > 0)
		waitpid(pid, NULL, 0);
	*ret_pid = rc ? 0 : pid;
	return rc;
}

static int start(struct posix *p, struct successor *s, char *const *argv)
{
	int fds[2] = {-1, -1}, word_fd = -1, window = WINDOW;
	char env[64];
	int rc = fault("no-stream") ? EMFILE : 0;

	if (!rc && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		rc = errno;
	s->stream_fd = fds[0];
	if (!rc)
		rc = make_word(s, &word_fd);
	if (!rc) {
		posix_own_fd(&p->host, s->stream_fd);
		(void)setsockopt(s->stream_fd, SOL_SOCKET, SO_SNDBUF, &window,
				 sizeof(window));
		rc = posix_poll_add(&p->host, s->stream_fd, HOST_IN, s->tag);
	}
	snprintf(env, sizeof(env), "%d %d", fds[1], word_fd);
	if (!rc)
		rc = setenv(BESIDE_ENV, env, 1) ? ENOMEM : 0;
	if (!rc)
		rc = spawn(p, argv, fds[1], word_fd, &s->pid);
	unsetenv(BESIDE_ENV);
	if (fds[1] >= 0)
		close(fds[1]);
	if (word_fd >= 0)
		close(word_fd);
	return rc;
}

int posix_beside_start(struct host *h, const char *binary, const char *args,
		       uint64_t tag, struct err *err)
{
	struct posix *p = to_posix(h);
	struct args argv = {.text = NULL};
	int rc;

	posix_beside_stop(h);
	rc = binary_open(p, binary, true, err);

	if (!rc && !beside_binary_fits(p->binary_fd))
		rc = err_set(err, ESTALE,
			     "%s cannot be loaded beside this daemon, unlike "
			     "when the update was requested",
			     binary);
	if (!rc)
		rc = args_make(p, binary, args, &argv, err);
	if (!rc) {
		p->successor = calloc(1, sizeof(*p->successor));
		if (p->successor) {
			p->successor->tag = tag;
			p->successor->stream_fd = -1;
			p->successor->when = "while it loaded the state";
			rc = start(p, p->successor, argv.argv);
		} else {
			rc = ENOMEM;
		}
		if (rc)
			(void)not_run(binary, rc, err);
	}
	free(argv.text);
	posix_rehearse_stop(h); /* closes the binary */
	if (rc)
		posix_beside_stop(h);
	return rc;
}

/* ---- the stream ---- */

/* What it answers, or its end, says why it does not read any more. */
static int stream_send(struct posix *p, struct err *err)
{
	struct successor *s = p->successor;
	int rc = beside_queue_send(&s->queue, s->stream_fd);
	bool out = rc == EAGAIN;

	if (rc && !out && rc != EPIPE && rc != ECONNRESET)
		return err_set(err, rc, "cannot send to the new binary: %s",
			       strerror(rc));
	if (out != s->polls_out)
		(void)posix_poll_set(&p->host, s->stream_fd,
				     HOST_IN | (out ? HOST_OUT : 0), s->tag);
	s->polls_out = out;
	return 0;
}

/* It began at nice 10, so that clients have priority. */
static void hurry(struct successor *s)
{
	if (!s->urgent)
		(void)setpriority(PRIO_PROCESS, (id_t)s->pid,
				  getpriority(PRIO_PROCESS, 0));
	s->urgent = true;
}

static int put(struct posix *p, enum beside_kind kind, const void *data,
	       size_t len, const int *fds, size_t nfds, struct err *err)
{
	int rc = beside_queue_put(&p->successor->queue, kind, data, len, fds,
				  nfds, err);

	if (!rc)
		rc = stream_send(p, err);
	/* clients may change more than it can follow at nice 10 */
	if (p->successor->queue.bytes > BEHIND)
		hurry(p->successor);
	return rc;
}

int posix_beside_put(struct host *h, const void *data, size_t len,
		     const int *fds, size_t nfds, struct err *err)
{
	return put(to_posix(h), BESIDE_PIECE, data, len, fds, nfds, err);
}

int posix_beside_ask(struct host *h, struct err *err)
{
	to_posix(h)->successor->asked = true;
	return put(to_posix(h), BESIDE_ASK, NULL, 0, NULL, 0, err);
}

size_t posix_beside_backlog(struct host *h)
{
	return to_posix(h)->successor->queue.bytes;
}

/*
 * The next line.  Returns 0 when it is `word`; EAGAIN: there is none, or a step,
 * which is in err->text then; EPIPE: the stream was closed; else why the
 * successor fails, with err.
 */
static int stream_line(struct successor *s, const char *word, struct err *err)
{
	const size_t step = sizeof(HANDOFF_STEP) - 1;
	char line[BESIDE_LINE + 1];
	ssize_t n;

	/* ECONNRESET, once, if it has not read all: what it said comes next */
	do
		n = recv(s->stream_fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0 && errno == EAGAIN) {
		*err = (struct err){0};
		return EAGAIN;
	}
	if (n <= 0)
		return EPIPE;
	line[n] = '\0';
	if (!strncmp(line, HANDOFF_STEP, step))
		return err_set(err, EAGAIN, "%s", line + step);
	if (!strcmp(line, word))
		return 0;
	if (!strncmp(line, "error: ", 7))
		return child_ended(0, line, s->when, err);
	return err_set(err, EPROTO, "the new binary reported \"%s\" %s", line,
		       s->when);
}

int posix_beside_event(struct host *h, struct err *err)
{
	struct successor *s = to_posix(h)->successor;
	int rc = stream_send(to_posix(h), err);

	if (rc)
		return rc;
	rc = stream_line(s, s->asked ? "loaded" : "", err);
	if (rc == EPIPE)
		return ended(s, err);
	if (!rc) {
		s->asked = false;
		s->when = "after it had loaded the state";
	}
	return rc;
}

/* ---- the cut ---- */

/* Waits for "serves".  As stream_line(), or ETIMEDOUT with err. */
static int await_serves(struct posix *p, uint64_t until_ms, struct err *err)
{
	struct successor *s = p->successor;
	struct pollfd pfd = {.fd = s->stream_fd};
	uint64_t now;
	int rc;

	do {
		rc = stream_send(p, err);
		if (!rc)
			rc = stream_line(s, "serves", err);
		now = posix_now_ms(&p->host);
		if (rc != EAGAIN || now >= until_ms)
			continue;
		pfd.events = (short)(POLLIN | (s->polls_out ? POLLOUT : 0));
		(void)poll(&pfd, 1, (int)(until_ms - now));
	} while (rc == EAGAIN && now < until_ms);
	return rc == EAGAIN ? err_set(err, ETIMEDOUT,
				      "the new binary did not serve in time")
			    : rc;
}

/* Those that arrived meanwhile. */
static void forward_signals(pid_t to)
{
	const struct timespec at_once = {0, 0};
	sigset_t all;
	int sig;

	sigfillset(&all);
	while ((sig = sigtimedwait(&all, NULL, &at_once)) > 0)
		kill(to, sig);
}

/*
 * The successor serves.  Nothing outside is undone: sockets, ports and rings are
 * the successor's now.
 */
static _Noreturn void leave(const struct posix *p)
{
	const struct successor *s = p->successor;
	/* the kernel can take a second to close an inotify descriptor */
	int late = p->paths_fd > STDERR_FILENO ? p->paths_fd : STDERR_FILENO;

	/* systemd believes its present main process only */
	posix_notify_main_pid(s->pid);
	forward_signals(s->pid);
	/*
	 * Before the kernel frees the memory, so that a client which the
	 * successor disconnects sees that at once.  Removes all locks, then
	 * closes the stream, as the exit does.  Before Linux 5.9: ENOSYS.
	 */
	if (late > STDERR_FILENO + 1)
		syscall(SYS_close_range, STDERR_FILENO + 1, late - 1, 0);
	syscall(SYS_close_range, late + 1, ~0u, 0);
	forward_signals(s->pid);
	_exit(0);
}

/* Returns only on failure, with the successor revoked, or ENOTRECOVERABLE. */
static int cut(struct posix *p, const void *data, size_t len, const int *fds,
	       size_t nfds, uint32_t timeout_ms, struct err *err)
{
	uint64_t until_ms = posix_now_ms(&p->host) + timeout_ms;
	struct successor *s = p->successor;
	int rc;

	s->when = "before it served";
	hurry(s); /* the pause begins */
	rc = put(p, BESIDE_CUT, data, len, fds, nfds, err);
	if (!rc)
		rc = await_serves(p, until_ms, err);
	if (!take_back(s)) {
		if (rc != EPIPE)
			leave(p);
		(void)ended(s, err);
		err_prefix(err, "the new binary had begun to serve");
		return ENOTRECOVERABLE;
	}
	if (!rc)
		return err_set(err, EPROTO,
			       "the new binary reported that it serves, but "
			       "has not taken over");
	return rc == EPIPE ? ended(s, err) : rc;
}

int posix_beside_cut(struct host *h, const void *data, size_t len,
		     const int *fds, size_t nfds, uint32_t timeout_ms,
		     struct err *err)
{
	int rc;

	handoff_hold(true);
	rc = cut(to_posix(h), data, len, fds, nfds, timeout_ms, err);
	posix_beside_stop(h);
	handoff_hold(false);
	return rc;
}
