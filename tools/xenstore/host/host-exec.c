/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-exec: execs a rehearsed binary; the sending side of handoff.h.  Called by
 * host-xen.c, host-beside.c, host-guard.c and host-stock.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/handoff.h"
#include "host/host-guard.h"
#include "host/host-process.h"

int fd_inherit(int fd, bool inherit)
{
	if (fd < 0)
		return 0;
	return fcntl(fd, F_SETFD, inherit ? 0 : FD_CLOEXEC) ? errno : 0;
}

/* All descriptors that a successor of ours inherits. */
static int inherit_all(struct posix *p, int image_fd, const int *keep,
		       size_t nkeep, bool on)
{
	int rc = fd_inherit(p->epoll_fd, on);
	size_t i;

	if (!rc)
		rc = fd_inherit(image_fd, on);
	if (!rc)
		rc = fd_inherit(p->self_fd, on);
	for (i = 0; i < nkeep && !rc; i++)
		rc = fd_inherit(keep[i], on);
	return rc;
}

unsigned int posix_limit_s(const struct posix *p)
{
	uint64_t limit = HANDOFF_LEAST_S + (p->rehearsal_ms + 99) / 100;

	if (fault("short-timer"))
		return 2;
	return limit < HANDOFF_MOST_S ? (unsigned int)limit : HANDOFF_MOST_S;
}

static void set_timer(unsigned int seconds)
{
	struct itimerval it = {{0, 0}, {seconds, 0}};

	setitimer(ITIMER_REAL, &it, NULL);
}

static void on_cpus(pid_t pid, const cpu_set_t *cpus)
{
	/* a failure costs time only */
	(void)sched_setaffinity(pid, sizeof(*cpus), cpus);
}

/*
 * Ends a rehearsal that has stayed, so that the successor gets its memory.  A
 * kernel keeps freed memory with the processor on which it was freed, so both
 * run on this one.  The guard keeps the old affinity (*ret_cpus), from which
 * handoff_done() takes it.
 */
static void take_memory(struct posix *p, cpu_set_t *ret_cpus)
{
	int cpu = sched_getcpu();
	cpu_set_t here;

	CPU_ZERO(ret_cpus);
	if (p->child > 0 && waitpid(p->child, NULL, WNOHANG) == p->child)
		p->child = 0;
	if (p->child > 0 && cpu >= 0 && cpu < CPU_SETSIZE &&
	    !sched_getaffinity(0, sizeof(*ret_cpus), ret_cpus)) {
		CPU_ZERO(&here);
		CPU_SET((size_t)cpu, &here);
		on_cpus(0, &here);
		on_cpus(p->child, &here);
		(void)setpriority(PRIO_PROCESS, (id_t)p->child, 0);
	}
	(void)rehearsal_end(p);
}

/* Returns only on failure: an errno. */
static int guarded_exec(struct posix *p, const struct guard *guard,
			struct args *argv, int image_fd)
{
	char handoff[64], guarded[64];
	int rc = ENOMEM;
	cpu_set_t cpus;

	snprintf(handoff, sizeof(handoff), "%d %d", image_fd, p->self_fd);
	snprintf(guarded, sizeof(guarded), "%d %d", guard->tell_fd,
		 (int)guard->pid);
	if (!setenv(HANDOFF_ENV_HANDOFF, handoff, 1) &&
	    !setenv(HANDOFF_ENV_GUARD, guarded, 1) && !args_put_back(p)) {
		fault_pause("exec");
		take_memory(p, &cpus);
		set_timer(posix_limit_s(p));
		rc = fault("exec") ? ELIBACC : run_binary(p, argv->argv);
		set_timer(0);
		if (CPU_COUNT(&cpus))
			on_cpus(0, &cpus);
	}
	unsetenv(HANDOFF_ENV_HANDOFF);
	unsetenv(HANDOFF_ENV_GUARD);
	unsetenv(HANDOFF_ENV_ARGS);
	return rc;
}

int posix_exec(struct posix *p, const char *binary, const char *args,
	       int image_fd, const int *keep, size_t nkeep, struct err *err)
{
	struct err lost; /* no successor, and no watch on the sockets */
	struct guard guard;
	struct args argv;
	int rc;

	rc = args_make(p, binary, args, &argv, err);
	if (rc)
		return rc;
	/* the successor makes its own; the poll set must not have these */
	posix_poll_del(&p->host, p->signal_fd);
	(void)posix_paths_poll(p, false, err);
	handoff_hold(true);
	rc = image_end(image_fd);
	if (!rc)
		rc = inherit_all(p, image_fd, keep, nkeep, true);
	if (rc)
		rc = not_run(binary, rc, err);
	else
		rc = guard_start(p, image_fd, &guard, err);
	if (!rc) {
		rc = not_run(binary, guarded_exec(p, &guard, &argv, image_fd),
			     err);
		guard_stop(&guard);
	}
	handoff_hold(false);
	(void)inherit_all(p, image_fd, keep, nkeep, false);
	(void)posix_poll_add(&p->host, p->signal_fd, HOST_IN, HOST_TAG_SIGNAL);
	(void)posix_paths_poll(p, true, &lost);
	free(argv.text);
	return rc;
}
