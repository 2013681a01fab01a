/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-guard: see host-guard.h.
 *
 * A program can be stopped before its first instruction, by its loader, and
 * at any moment by the kernel.  Nothing in the same process can help then.
 * So another one holds what a daemon needs: the descriptors, the image and
 * the old binary.
 *
 * The guard shares this process's memory, as after vfork(), until the exec.
 * From then on it is the last user of it, which is as well: nobody has to wait
 * until the kernel has taken the old store apart.  As memory and TLS are shared
 * it calls the kernel directly and nothing of the C library.
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

#define GUARD_STACK 65536

/* Sanitizers keep books of stacks and threads, of which this is neither. */
#define IN_GUARD                                                               \
	__attribute__((no_sanitize("address"), no_sanitize("undefined"),       \
		       noinline))

struct guard_plan {
	int wait_fd, tell_fd;
	int process_fd; /* of the successor; -1: the kernel has no such */
	int binary_fd;
	pid_t process;
	int limit_s;
	char *const *argv;
	char **envp; /* its last entry but the NULL says why */
	char handoff[64];
	void *stack;
};

static const char ended[] =
	HANDOFF_ENV_RETURNED "=the new binary ended before it could serve";
static const char hung[] =
	HANDOFF_ENV_RETURNED "=the new binary did not serve in time";

/* One daemon at a time: what is there still, if it is, ends. */
static void IN_GUARD end_process(const struct guard_plan *g, bool is_there)
{
	struct pollfd gone = {.fd = g->process_fd, .events = POLLIN};

	if (g->process_fd < 0) {
		if (is_there)
			syscall(SYS_kill, g->process, SIGKILL);
		return;
	}
	syscall(SYS_pidfd_send_signal, g->process_fd, SIGKILL, NULL, 0);
	syscall(SYS_ppoll, &gone, 1, NULL, NULL, 0);
}

static int IN_GUARD guard_run(void *arg)
{
	const struct guard_plan *g = arg;
	struct pollfd word = {.fd = g->wait_fd, .events = POLLIN};
	struct timespec limit = {g->limit_s, 0};
	char **why = g->envp;
	long n;
	char c;

	syscall(SYS_close, g->tell_fd);
	n = syscall(SYS_ppoll, &word, 1, &limit, NULL, 0);
	if (n == 1 && syscall(SYS_read, g->wait_fd, &c, 1) == 1) {
		/* no client has to wait for a copy of its socket */
		syscall(SYS_close_range, 0, ~0u, 0);
		syscall(SYS_exit_group, 0);
	}
	end_process(g, n != 1);
	while (*why)
		why++;
	*why = (char *)(uintptr_t)(n == 1 ? ended : hung);
	syscall(SYS_fcntl, g->binary_fd, F_SETFD, FD_CLOEXEC);
	syscall(SYS_execveat, g->binary_fd, "", g->argv, g->envp,
		AT_EMPTY_PATH);
	syscall(SYS_exit_group, 1);
	return 1;
}

static void plan_free(struct guard_plan *g)
{
	if (g->wait_fd >= 0)
		close(g->wait_fd);
	if (g->tell_fd >= 0)
		close(g->tell_fd);
	if (g->process_fd >= 0)
		close(g->process_fd);
	if (g->stack != MAP_FAILED)
		munmap(g->stack, GUARD_STACK);
	free(g->envp);
	free(g);
}

/* The environment of now, the handing over and room for the reason. */
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

	if (!g)
		return ENOMEM;
	*ret_plan = g;
	g->wait_fd = g->tell_fd = -1;
	g->process = getpid();
	g->process_fd = (int)syscall(SYS_pidfd_open, g->process, 0);
	g->limit_s = fault("short-timer") ? 4 : HANDOFF_GUARD_S;
	g->binary_fd = p->self_fd;
	g->argv = p->argv;
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

int guard_start(struct posix *p, int image_fd, struct guard *ret,
		struct err *err)
{
	struct guard_plan *g = NULL;
	sigset_t all, old;
	int rc = plan_make(p, image_fd, &g);

	memset(ret, 0, sizeof(*ret));
	if (!rc) {
		/* what is sent to the daemon is not for the guard */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, &old);
		ret->pid = fault("no-guard")
				   ? -1
				   : clone(guard_run,
					   (char *)g->stack + GUARD_STACK,
					   CLONE_VM | SIGCHLD, g);
		rc = ret->pid < 0 ? errno : 0;
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	/* the successor has it from us */
	if (!rc && fcntl(g->tell_fd, F_SETFD, 0))
		rc = errno;
	if (rc) {
		if (ret->pid > 0)
			kill(ret->pid, SIGKILL);
		if (ret->pid > 0)
			waitpid(ret->pid, NULL, 0);
		if (g)
			plan_free(g);
		return err_set(err, rc, "no guard for the update: %s",
			       strerror(rc));
	}
	ret->tell_fd = g->tell_fd;
	ret->plan = g;
	return 0;
}

void guard_stop(struct guard *g)
{
	kill(g->pid, SIGKILL);
	waitpid(g->pid, NULL, 0);
	plan_free(g->plan);
}
