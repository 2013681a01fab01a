/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handoff: the receiving side; see handoff.h.
 *
 * A signal handler needs its data at a fixed place: hence these statics, which
 * are written before any handler is set.
 */
#include "host/handoff.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/parse.h"
#include "host/beside.h"
#include "host/linux-calls.h"

#define BACK_ARGS_MAX HANDOFF_ARGS_MAX
#define BACK_ENV_MAX  HANDOFF_ENV_MAX
#define BACK_TEXT     HANDOFF_ARGS_TEXT

static struct {
	int fd;
	char *argv[BACK_ARGS_MAX + 1];
	char *envp[BACK_ENV_MAX + 4];
	char args[BACK_TEXT];
	char handoff[64];
	char guard[64];
	char returned[400];
	/* only if the old binary is oxenstored */
	void (*tell)(const struct handoff_fd *fds, size_t n, const char *why);
	const struct handoff_fd *fds;
	size_t nfds;
	_Alignas(16) char stack[16384];
} back = {.fd = -1};

extern char **environ;

/* oxenstored knows nothing of what this process has set for itself. */
static void as_before(void)
{
	struct itimerval off = {{0, 0}, {0, 0}};
	sigset_t none;
	size_t i;

	back.tell(back.fds, back.nfds,
		  back.returned + sizeof(HANDOFF_ENV_RETURNED));
	for (i = 0; i < back.nfds; i++) {
		fcntl(back.fds[i].fd, F_SETFD, back.fds[i].fd_flags);
		fcntl(back.fds[i].fd, F_SETFL, back.fds[i].status_flags);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	signal(SIGHUP, SIG_IGN); /* one that waits must not end it */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void back_exec(void)
{
	int fd = back.fd;

	if (fd < 0)
		return;
	back.fd = -1; /* a crash in here must not come here again */
	if (back.tell)
		as_before();
	fcntl(fd, F_SETFD, FD_CLOEXEC); /* the old binary opens itself */
	execveat(fd, "", back.argv, back.envp, AT_EMPTY_PATH);
}

/* Only what a signal handler may call. */
static void on_signal(int sig)
{
	static const char text[] =
		HANDOFF_ENV_RETURNED "=the new binary was killed by signal ";
	size_t n = sizeof(text) - 1;

	memcpy(back.returned, text, n);
	if (sig >= 10)
		back.returned[n++] = (char)('0' + sig / 10);
	back.returned[n++] = (char)('0' + sig % 10);
	back.returned[n] = '\0';
	back_exec();
	_exit(1);
}

/* atexit(): a library called exit(). */
static void on_exit_call(void)
{
	static const char text[] =
		HANDOFF_ENV_RETURNED "=the new binary ended by itself";

	if (back.fd >= 0)
		memcpy(back.returned, text, sizeof(text));
	back_exec();
}

static void catch_signals(void (*handler)(int))
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT,
				    SIGFPE,  SIGILL, SIGALRM};
	struct sigaction sa = {.sa_flags = SA_ONSTACK | SA_NODEFER};
	stack_t stack = {.ss_sp = back.stack, .ss_size = sizeof(back.stack)};
	size_t i;

	sigaltstack(&stack, NULL);
	sa.sa_handler = handler;
	for (i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &sa, NULL);
}

/* The arguments and environment of the old binary, ready for execveat. */
static int back_prepare(const struct handoff *ho, const char *args)
{
	size_t n = 0, e = 0;
	char *p = back.args, *end;

	if (!args || strlen(args) >= sizeof(back.args))
		return EINVAL;
	memcpy(back.args, args, strlen(args) + 1);
	while ((end = strchr(p, HANDOFF_SEPARATOR)) && n < BACK_ARGS_MAX) {
		*end = '\0';
		back.argv[n++] = p;
		p = end + 1;
	}
	if (!n || *p)
		return EINVAL;
	while (environ[e] && e < BACK_ENV_MAX) {
		back.envp[e] = environ[e];
		e++;
	}
	snprintf(back.handoff, sizeof(back.handoff), "%s=%d -1",
		 HANDOFF_ENV_HANDOFF, ho->image_fd);
	back.envp[e++] = back.handoff;
	if (ho->guard) {
		snprintf(back.guard, sizeof(back.guard), "%s=%d %d",
			 HANDOFF_ENV_GUARD, ho->guard_fd, (int)ho->guard);
		back.envp[e++] = back.guard;
	}
	back.envp[e] = back.returned;
	back.fd = ho->back_fd;
	return 0;
}

static int two_numbers(const char *text, int *ret_a, int *ret_b)
{
	char rest;

	return sscanf(text, "%d %d%c", ret_a, ret_b, &rest) == 2 ? 0 : EINVAL;
}

static char *take_env(const char *name)
{
	char *value = getenv(name);
	char *copy = value ? strdup(value) : NULL;

	unsetenv(name);
	return copy;
}

static void held(sigset_t *set)
{
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
}

void handoff_hold(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	held(&set);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

int handoff_begin(struct handoff *ho, struct err *err)
{
	char *rehearse = take_env(HANDOFF_ENV_REHEARSE);
	char *update = take_env(HANDOFF_ENV_HANDOFF);
	char *args = take_env(HANDOFF_ENV_ARGS);
	char *steps = take_env(HANDOFF_ENV_STEPS);
	char *guard = take_env(HANDOFF_ENV_GUARD);
	struct itimerval off = {{0, 0}, {0, 0}};
	sigset_t blocked;
	int rc = 0;

	memset(ho, 0, sizeof(*ho));
	ho->image_fd = -1;
	ho->back_fd = -1;
	ho->guard_fd = -1;
	ho->steps = rehearse && steps;
	ho->returned = take_env(HANDOFF_ENV_RETURNED);
	/*
	 * An exec from a handler, or from a daemon that blocks signals, leaves
	 * them blocked.  A pending SIGHUP must not end this process.
	 */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP);
	if (update)
		held(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (rehearse) {
		ho->rehearse = true;
		rc = two_numbers(rehearse, &ho->image_fd, &ho->result_fd);
	} else if (update) {
		ho->update = true;
		rc = two_numbers(update, &ho->image_fd, &ho->back_fd);
		if (!rc && guard)
			rc = two_numbers(guard, &ho->guard_fd, &ho->guard);
		if (!rc && ho->back_fd >= 0)
			rc = back_prepare(ho, args);
		if (!rc && ho->back_fd >= 0)
			catch_signals(on_signal);
		if (!rc && ho->back_fd >= 0 && atexit(on_exit_call))
			rc = ENOMEM;
	}
	if (ho->back_fd < 0)
		setitimer(ITIMER_REAL, &off, NULL);
	free(rehearse);
	free(update);
	free(args);
	free(steps);
	free(guard);
	if (rc)
		return err_set(err, rc,
			       "the environment variables XENSTORED_* of the "
			       "predecessor are not as expected");
	return beside_begin(&ho->beside, err);
}

/* The open descriptors, but that of the binary. */
static int list_fds(struct handoff *ho, int binary_fd)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t size = 0;
	struct dirent *e;
	struct handoff_fd *fds;
	uint32_t number;
	int fd;

	if (!dir)
		return errno;
	while ((e = readdir(dir))) {
		if (parse_u32(e->d_name, INT32_MAX, &number))
			continue; /* . and .. */
		fd = (int)number;
		if (fd == dirfd(dir) || fd == binary_fd)
			continue;
		if (ho->nfds == size) {
			size = 2 * size + 64;
			fds = realloc(ho->fds, size * sizeof(*fds));
			if (!fds)
				break;
			ho->fds = fds;
		}
		ho->fds[ho->nfds++] = (struct handoff_fd){
			fd, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL)};
	}
	closedir(dir);
	return e ? ENOMEM : 0;
}

int handoff_back_to_ox(struct handoff *ho, int fd, char **argv,
		       void (*tell)(const struct handoff_fd *fds, size_t n,
				    const char *why),
		       struct err *err)
{
	struct itimerval limit = {{0, 0}, {HANDOFF_MOST_S, 0}};
	int rc = list_fds(ho, fd);
	size_t n;

	for (n = 0; argv[n] && n < BACK_ARGS_MAX; n++)
		back.argv[n] = argv[n];
	if (!rc && argv[n])
		rc = E2BIG;
	for (n = 0; environ[n] && n < BACK_ENV_MAX; n++)
		back.envp[n] = environ[n];
	if (!rc && (environ[n] || !n))
		rc = E2BIG;
	if (!rc && atexit(on_exit_call))
		rc = ENOMEM;
	if (rc)
		return err_set(err, rc, "cannot prepare it: %s", strerror(rc));
	back.fds = ho->fds;
	back.nfds = ho->nfds;
	back.tell = tell;
	ho->back_fd = fd;
	back.fd = fd;
	catch_signals(on_signal);
	setitimer(ITIMER_REAL, &limit, NULL);
	return 0;
}

void handoff_return(const char *why)
{
	if (back.fd < 0)
		return;
	snprintf(back.returned, sizeof(back.returned), "%s=%s",
		 HANDOFF_ENV_RETURNED, why);
	back_exec();
}

/* The predecessor may have pinned itself to one processor. */
static void cpus_of_guard(const struct handoff *ho)
{
	cpu_set_t cpus;

	if (ho->guard && !sched_getaffinity(ho->guard, sizeof(cpus), &cpus))
		(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

void handoff_done(struct handoff *ho)
{
	struct itimerval off = {{0, 0}, {0, 0}};

	setitimer(ITIMER_REAL, &off, NULL);
	catch_signals(SIG_DFL);
	back.fd = -1;
	if (ho->back_fd >= 0)
		close(ho->back_fd);
	ho->back_fd = -1;
	cpus_of_guard(ho);
	if (ho->guard_fd >= 0) {
		/* it has ended already */
		if (write(ho->guard_fd, "", 1) != 1)
			ho->guard = 0;
		close(ho->guard_fd);
	}
	ho->guard_fd = -1;
	handoff_hold(false);
}

void handoff_step(const struct handoff *ho, const char *what)
{
	char text[128];
	int n = snprintf(text, sizeof(text), HANDOFF_STEP "%.100s\n", what);

	if (ho->steps && write(ho->result_fd, text, (size_t)n) != n)
		_exit(1);
}

void handoff_tell(const struct handoff *ho, const char *why_not)
{
	char text[400];
	int n = why_not ? snprintf(text, sizeof(text), "error: %s", why_not)
			: snprintf(text, sizeof(text), "ok");

	if (n >= (int)sizeof(text))
		n = (int)sizeof(text) - 1;
	if (write(ho->result_fd, text, (size_t)n) != n)
		_exit(1); /* the old daemon reports that */
}

void handoff_stay(const struct handoff *ho)
{
	close(ho->image_fd);
	close(ho->result_fd); /* the old daemon sees the end of the reports */
	for (;;)
		pause();
}
