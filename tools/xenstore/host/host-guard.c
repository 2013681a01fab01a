/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-guard: see host-guard.h.
 *
 * A new program can fail before its first instruction, in its loader, and the
 * kernel can kill it at any moment.  Only another process can help then: it
 * holds the descriptors, the image (or the memory to make it of) and the old
 * binary.
 *
 * The guard shares this process's memory, as after vfork(), until the exec.
 * After that it is the only user, so the successor does not wait until the
 * kernel has freed the old store.  While memory and TLS are shared, the guard
 * makes system calls directly and uses nothing of the C library.  After a stock
 * successor has failed it shares with nobody, and makes the image of the old
 * store, which has not changed.
 *
 * When a service's main process ends, systemd ends all others of the service.  So
 * the guard is the main process until the successor serves.
 */
#include "host/host-guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/handoff.h"
#include "host/host-process.h"
#include "host/linux-calls.h"

#define GUARD_STACK (256u << 10) /* an image is made on it */
#define START_STACK (16u << 10)	 /* its lower end, for start_run */

/* Sanitizers track stacks and threads; the guard runs on neither. */
#define IN_GUARD                                                               \
	__attribute__((no_sanitize("address"), no_sanitize("undefined"),       \
		       noinline))

struct guard_plan {
	int wait_fd, tell_fd;
	int process_fd; /* pidfd of the successor; -1: the kernel has none */
	int binary_fd;
	pid_t process;
	unsigned int limit_s;
	char *const *argv;
	char **envp; /* its last entry is to be the reason */
	char handoff[64];
	int notify_fd;		    /* systemd's; -1: none */
	char main_pid[NOTIFY_TEXT]; /* names the successor */
	size_t main_pid_len;
	void *stack;
	/* only for a stock successor */
	const struct host_back *back;
	struct posix *posix;
	int evtchn_fd;
	pid_t guard; /* 0: not started */
};

enum outcome {
	SERVES,
	ENDED,
	HUNG
};

static const char ended[] =
	HANDOFF_ENV_RETURNED "=the new binary ended before it could serve";
static const char hung[] =
	HANDOFF_ENV_RETURNED "=the new binary did not serve in time";

/*
 * What becomes readable when the successor ends.  Without a pidfd: the pipe, of
 * which a stock successor has the other end open.
 */
static struct pollfd IN_GUARD until_gone(const struct guard_plan *g)
{
	struct pollfd gone = {.fd = g->process_fd, .events = POLLIN};

	if (g->process_fd < 0)
		gone = (struct pollfd){.fd = g->tell_fd};
	return gone;
}

/* Kills the successor if it still runs: there must be one daemon. */
static void IN_GUARD end_process(const struct guard_plan *g, bool is_there)
{
	struct pollfd gone = until_gone(g);

	if (g->process_fd >= 0)
		syscall(SYS_pidfd_send_signal, g->process_fd, SIGKILL, NULL, 0);
	else if (is_there)
		syscall(SYS_kill, g->process, SIGKILL);
	if (g->process_fd >= 0 || g->back)
		syscall(SYS_ppoll, &gone, 1, NULL, NULL, 0);
}

/* A successor of ours writes a byte when it serves. */
static enum outcome IN_GUARD watch_ours(const struct guard_plan *g)
{
	struct pollfd word = {.fd = g->wait_fd, .events = POLLIN};
	struct timespec limit = {g->limit_s, 0};
	long n;
	char c;

	syscall(SYS_close, g->tell_fd);
	n = syscall(SYS_ppoll, &word, 1, &limit, NULL, 0);
	if (n == 1 && syscall(SYS_read, g->wait_fd, &c, 1) == 1)
		return SERVES;
	return n == 1 ? ENDED : HUNG;
}

/*
 * A stock successor answers a client when it serves.  If it disconnects that
 * client but runs on, it is left running: it may serve others.
 */
static enum outcome IN_GUARD watch_stock(const struct guard_plan *g)
{
	struct pollfd fds[2] = {until_gone(g),
				{.fd = g->back->ask_fd, .events = POLLIN}};
	struct timespec left = {g->limit_s, 0}; /* counted down by the kernel */
	bool heard = false;
	size_t got = 0;
	char buf[64];
	long n;

	syscall(SYS_close, g->wait_fd);
	while (syscall(SYS_ppoll, fds, 2, &left, NULL, 0) > 0) {
		if (fds[0].revents)
			return ENDED;
		n = syscall(SYS_read, fds[1].fd, buf, sizeof(buf));
		heard = true;
		if (n <= 0)
			fds[1].fd = -1;
		else
			got += (size_t)n;
		if (got >= g->back->answer_len)
			return SERVES;
	}
	return heard ? SERVES : HUNG;
}

/* If the successor had accepted the client, its end closed the connection. */
static bool IN_GUARD was_asked(const struct guard_plan *g)
{
	char c;

	return read(g->back->ask_fd, &c, 1) >= 0 || errno != EAGAIN;
}

/*
 * No other process shares this memory now.  The old binary opens event channels
 * and poll set again: what the successor did to them is unknown.
 */
static int IN_GUARD image_of_old(struct guard_plan *g)
{
	const struct host_back *b = g->back;
	struct err err = {0};
	int fd = -1, flags, rc;
	size_t i;

	for (i = 0; i < b->nkeep; i++) {
		flags = fcntl(b->keep[i], F_GETFL);
		fcntl(b->keep[i], F_SETFL, flags | O_NONBLOCK);
		fcntl(b->keep[i], F_SETFD, 0);
	}
	rc = b->image(b->arg, was_asked(g), &fd, &err);
	if (!rc)
		rc = image_end(fd);
	if (!rc)
		rc = fd_inherit(fd, true);
	close(g->evtchn_fd);
	close(g->posix->epoll_fd);
	snprintf(g->handoff, sizeof(g->handoff), "%s=%d -1",
		 HANDOFF_ENV_HANDOFF, fd);
	return rc;
}

/* The requesting client's reply, which oxenstored could not take over. */
static void IN_GUARD send_reply(const struct host_back *b)
{
	if (b && b->reply)
		syscall(SYS_write, b->reply_fd, b->reply, b->reply_len);
}

static int IN_GUARD guard_run(void *arg)
{
	struct guard_plan *g = arg;
	enum outcome how = g->back ? watch_stock(g) : watch_ours(g);
	char **why = g->envp;

	if (how == SERVES) {
		send_reply(g->back);
		if (g->notify_fd >= 0)
			syscall(SYS_write, g->notify_fd, g->main_pid,
				g->main_pid_len);
		/* first, so that a client's closed socket closes at once */
		syscall(SYS_close_range, 0, ~0u, 0);
		syscall(SYS_exit_group, 0);
	}
	end_process(g, how == HUNG);
	if (g->back && image_of_old(g))
		syscall(SYS_exit_group, 1);
	while (*why)
		why++;
	*why = (char *)(uintptr_t)(how == ENDED ? ended : hung);
	syscall(SYS_fcntl, g->binary_fd, F_SETFD, FD_CLOEXEC);
	syscall(SYS_execveat, g->binary_fd, "", g->argv, g->envp,
		AT_EMPTY_PATH);
	syscall(SYS_exit_group, 1);
	return 1;
}

/* ---- the daemon's side ---- */

static void plan_free(struct guard_plan *g)
{
	if (g->wait_fd >= 0)
		close(g->wait_fd);
	if (g->tell_fd >= 0)
		close(g->tell_fd);
	if (g->process_fd >= 0)
		close(g->process_fd);
	if (g->notify_fd >= 0)
		close(g->notify_fd);
	if (g->stack != MAP_FAILED)
		munmap(g->stack, GUARD_STACK);
	free(g->envp);
	free(g);
}

/* The environment of now, XENSTORED_HANDOFF, and room for the reason. */
static int plan_env(struct guard_plan *g, int image_fd)
{
	size_t n = 0;

	while (environ[n])
		n++;
	g->envp = calloc(n + 3, sizeof(*g->envp));
	if (!g->envp)
		return ENOMEM;
	memcpy(g->envp, environ, n * sizeof(*g->envp));
	snprintf(g->handoff, sizeof(g->handoff), "%s=%d -1",
		 HANDOFF_ENV_HANDOFF, image_fd);
	g->envp[n] = g->handoff;
	return 0;
}

static int plan_make(struct posix *p, int image_fd,
		     struct guard_plan **ret_plan)
{
	struct guard_plan *g = calloc(1, sizeof(*g));
	int fds[2];

	/* it waits for the last guard; and the guard may need malloc's lock */
	posix_release_wait(p);
	*ret_plan = g;
	if (!g)
		return ENOMEM;
	g->wait_fd = g->tell_fd = -1;
	g->process = getpid();
	g->process_fd = fault("no-pidfd")
				? -1
				: (int)syscall(SYS_pidfd_open, g->process, 0);
	g->limit_s = posix_limit_s(p) * HANDOFF_GUARD_TIMES;
	if (image_fd < 0)
		g->limit_s = fault("short-timer") ? 4 : HANDOFF_STOCK_S;
	g->notify_fd = posix_notify_prepare(g->process, g->main_pid);
	g->main_pid_len = strlen(g->main_pid);
	g->binary_fd = p->self_fd;
	g->argv = p->argv;
	g->posix = p;
	g->stack = mmap(NULL, GUARD_STACK, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (g->stack == MAP_FAILED)
		return ENOMEM;
	if (pipe2(fds, O_CLOEXEC))
		return errno;
	g->wait_fd = fds[0];
	g->tell_fd = fds[1];
	return plan_env(g, image_fd);
}

static int not_started(struct guard_plan *g, int rc, struct err *err)
{
	if (g)
		plan_free(g);
	return err_set(err, rc, "no guard for the update: %s", strerror(rc));
}

static pid_t start(int (*run)(void *arg), struct guard_plan *g, size_t stack,
		   int how)
{
	if (fault("no-guard")) {
		errno = EAGAIN;
		return -1;
	}
	return clone(run, (char *)g->stack + stack, CLONE_VM | SIGCHLD | how,
		     g);
}

int guard_start(struct posix *p, int image_fd, struct guard *ret,
		struct err *err)
{
	struct guard_plan *g;
	sigset_t all, old;
	int rc = plan_make(p, image_fd, &g);

	memset(ret, 0, sizeof(*ret));
	if (!rc) {
		/* the guard ignores signals sent to the daemon */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, &old);
		ret->pid = start(guard_run, g, GUARD_STACK, 0);
		rc = ret->pid < 0 ? errno : 0;
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	/* the successor inherits it */
	if (!rc && fcntl(g->tell_fd, F_SETFD, 0))
		rc = errno;
	if (rc && ret->pid > 0) {
		kill(ret->pid, SIGKILL);
		waitpid(ret->pid, NULL, 0);
	}
	if (rc)
		return not_started(g, rc, err);
	ret->tell_fd = g->tell_fd;
	ret->plan = g;
	posix_notify_main_pid(ret->pid);
	return 0;
}

void guard_stop(struct guard *g)
{
	/* not killed: it may be the only one that systemd believes */
	if (write(g->tell_fd, "", 1) != 1)
		kill(g->pid, SIGKILL);
	waitpid(g->pid, NULL, 0);
	plan_free(g->plan);
}

/* ---- behind a stock daemon ---- */

/* A stock daemon does not wait for children, so the guard must not be one. */
static int IN_GUARD start_run(void *arg)
{
	struct guard_plan *g = arg;

	g->guard = clone(guard_run, (char *)g->stack + GUARD_STACK,
			 CLONE_VM | SIGCHLD, g);
	syscall(SYS_exit_group, 0);
	return 0;
}

int guard_start_stock(struct posix *p, const struct host_back *back,
		      int evtchn_fd, struct guard *ret, struct err *err)
{
	struct guard_plan *g;
	sigset_t all, old;
	int rc = plan_make(p, -1, &g);

	memset(ret, 0, sizeof(*ret));
	if (rc)
		return not_started(g, rc, err);
	g->back = back;
	g->evtchn_fd = evtchn_fd;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	ret->pid = start(start_run, g, START_STACK, CLONE_VFORK);
	rc = ret->pid < 0 || g->guard < 0 ? errno : 0;
	if (ret->pid > 0)
		waitpid(ret->pid, NULL, 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (rc)
		return not_started(g, rc, err);
	ret->pid = g->guard;
	ret->plan = g;
	posix_notify_main_pid(ret->pid);
	if (g->process_fd < 0)
		(void)fd_inherit(g->wait_fd, true);
	return 0;
}

void guard_stop_stock(struct guard *g)
{
	struct guard_plan *plan = g->plan;
	char c;

	posix_notify_main_pid(getpid());
	kill(g->pid, SIGKILL);
	/* it cannot be waited for, but its end of the pipe closes */
	close(plan->tell_fd);
	plan->tell_fd = -1;
	while (read(plan->wait_fd, &c, 1) < 0 && errno == EINTR)
		;
	plan_free(plan);
}
