/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-rehearse: the child in which the new binary restores an image of the
 * present state; see host-process.h, and handoff.h for what it reports.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/handoff.h"
#include "host/host-posix.h"
#include "host/host-process.h"

#define LOADER_FAILED  127 /* how ld.so ends a program that it cannot load */
#define REHEARSAL_NICE 10

/* ---- rehearsal ---- */

void child_say(int fd, const char *text)
{
	char line[REHEARSAL_TEXT];
	int n = snprintf(line, sizeof(line), "error: %s", text);

	if (n >= (int)sizeof(line))
		n = (int)sizeof(line) - 1;
	if (write(fd, line, (size_t)n) < 0)
		_exit(1);
	_exit(0);
}

static void child_step(int fd, const char *what)
{
	struct handoff ho = {.steps = true, .result_fd = fd};

	handoff_step(&ho, what);
}

/* The child must not outlive the daemon. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/*
 * A rehearsal needs as much memory as the daemon.  If memory runs out, the kernel
 * must kill the rehearsal, not the daemon.  Returns an errno without /proc.
 */
static int kill_me_first(void)
{
	static const char most[] = "1000"; /* OOM_SCORE_ADJ_MAX */
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int rc = fd < 0 ? errno : posix_write_all(fd, most, sizeof(most) - 1);

	if (fd >= 0)
		close(fd);
	return rc;
}

/*
 * The update will write into the same file, so it is not sealed yet.  Makes fd
 * read-only for the new binary.  Returns 0, or an errno with fd as it was.
 */
static int read_only(int fd)
{
	char path[32];
	int again, rc;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	if (again < 0)
		return errno;
	rc = dup2(again, fd) < 0 ? errno : 0;
	close(again);
	return rc;
}

/* In the child: writes the image, then execs the new binary. */
static void child_run(struct posix *p, const struct args *args, int result_fd,
		      int (*dump)(void *arg, int fd, struct err *err),
		      void *arg)
{
	struct err err = {0};
	char env[64];
	int fd = p->image_fd;

	fault_only("rehearsal");
	child_step(result_fd, "writing an image");
	/* clients have priority */
	if (setpriority(PRIO_PROCESS, 0, REHEARSAL_NICE))
		child_say(result_fd, strerror(errno));
	(void)kill_me_first();
	fault_pause("rehearsal-image");
	if (dump(arg, fd, &err))
		child_say(result_fd, err.text);
	(void)read_only(fd); /* without /proc as it is */
	if (lseek(fd, 0, SEEK_SET) || fcntl(fd, F_SETFD, 0) ||
	    fcntl(result_fd, F_SETFD, 0))
		child_say(result_fd, strerror(errno));
	snprintf(env, sizeof(env), "%d %d", fd, result_fd);
	if (setenv(HANDOFF_ENV_REHEARSE, env, 1) ||
	    setenv(HANDOFF_ENV_STEPS, "1", 1))
		child_say(result_fd, "no memory");
	child_step(result_fd, "starting the new binary");
	(void)not_run(args->argv[0], run_binary(p, args->argv), &err);
	child_say(result_fd, err.text);
}

int posix_rehearse(struct host *h, const char *binary, const char *args,
		   int (*dump)(void *arg, int fd, struct err *err), void *arg,
		   uint64_t tag, struct err *err)
{
	struct posix *p = to_posix(h);
	struct args argv;
	int fds[2], rc;
	pid_t us;

	rc = binary_open(p, binary, dump, err);
	if (!rc && dump)
		rc = args_fit_back(p, err);
	if (!rc && dump)
		rc = posix_image(h, &p->image_fd, err);
	if (!rc)
		rc = args_make(p, binary, args, &argv, err);
	if (rc)
		return rc;
	if (pipe2(fds, O_CLOEXEC)) {
		rc = errno;
		free(argv.text);
		return err_set(err, rc, "cannot create a pipe: %s",
			       strerror(rc));
	}
	p->said_len = 0;
	p->rehearsal_ms = posix_now_ms(h);
	us = getpid();
	p->child = fault("no-fork") ? -1 : fork();
	if (!p->child)
		die_with(us);
	if (!p->child && !dump)
		stock_child_run(p, &argv, fds[1]);
	if (!p->child)
		child_run(p, &argv, fds[1], dump, arg);
	rc = p->child < 0 ? errno : 0;
	free(argv.text);
	close(fds[1]);
	if (!rc)
		rc = fcntl(fds[0], F_SETFL, O_NONBLOCK) ? errno : 0;
	if (!rc)
		rc = posix_poll_add(h, fds[0], HOST_IN, tag);
	p->child_fd = fds[0];
	if (rc) {
		posix_rehearse_stop(h);
		return err_set(err, rc, "cannot start the rehearsal: %s",
			       strerror(rc));
	}
	return 0;
}

int rehearsal_end(struct posix *p)
{
	int status = 0;

	if (p->child > 0) {
		kill(p->child, SIGKILL);
		if (waitpid(p->child, &status, 0) < 0)
			status = 0;
	}
	p->child = 0;
	return status;
}

/* The rehearsal will report nothing more. */
static void close_said(struct posix *p)
{
	if (p->child_fd >= 0) {
		posix_poll_del(&p->host, p->child_fd);
		close(p->child_fd);
	}
	p->child_fd = -1;
}

void posix_rehearse_stop(struct host *h)
{
	struct posix *p = to_posix(h);

	rehearsal_end(p);
	close_said(p);
	if (p->binary_fd >= 0)
		close(p->binary_fd);
	p->binary_fd = -1;
	if (p->image_fd >= 0)
		close(p->image_fd);
	p->image_fd = -1;
}

int child_ended(int status, const char *said, const char *when, struct err *err)
{
	if (!strncmp(said, "error: ", 7))
		return err_set(err, EINVAL, "the new binary refused: %s",
			       said + 7);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return err_set(err, EINVAL,
			       "the new binary was killed %s, or closed its "
			       "result pipe; check the kernel log for an "
			       "out-of-memory kill",
			       when);
	if (WIFSIGNALED(status))
		return err_set(err, EINVAL,
			       "the new binary was killed by signal %d (%s) %s",
			       WTERMSIG(status), strsignal(WTERMSIG(status)),
			       when);
	return err_set(err, EINVAL,
		       "the new binary exited with status %d %s, without a "
		       "result%s",
		       WEXITSTATUS(status), when,
		       WEXITSTATUS(status) == LOADER_FAILED
			       ? "; a shared library that it needs is missing, "
				 "or too old: ldd shows which"
			       : "");
}

/* The child has closed its end of the pipe: evaluates what it reported. */
static int rehearsal_result(struct posix *p, struct err *err)
{
	int status;

	close_said(p);
	p->rehearsal_ms = posix_now_ms(&p->host) - p->rehearsal_ms;
	p->said[p->said_len] = '\0';
	if (p->kind == HOST_OURS && !strcmp(p->said, "ok"))
		return 0; /* it may stay: handoff_stay() */
	if (p->kind == HOST_OX)
		return ox_rehearsed(p, err);
	status = rehearsal_end(p);
	if (p->kind != HOST_OURS)
		return stock_rehearsed(p->said, err);
	return child_ended(status, p->said, "in its rehearsal", err);
}

/* Removes the next step from what was reported, if its line is complete. */
static bool take_step(struct posix *p, struct err *err)
{
	const size_t skip = sizeof(HANDOFF_STEP) - 1;
	char *end;
	size_t len;

	p->said[p->said_len] = '\0';
	end = strchr(p->said, '\n');
	if (!end || strncmp(p->said, HANDOFF_STEP, skip) != 0)
		return false;
	*end = '\0';
	err_set(err, EAGAIN, "%s", p->said + skip);
	len = (size_t)(end + 1 - p->said);
	p->said_len -= len;
	memmove(p->said, end + 1, p->said_len);
	return true;
}

int posix_rehearsed(struct host *h, struct err *err)
{
	struct posix *p = to_posix(h);
	ssize_t n;

	while (p->said_len < sizeof(p->said) - 1) {
		if (take_step(p, err))
			return EAGAIN;
		n = read(p->child_fd, p->said + p->said_len,
			 sizeof(p->said) - 1 - p->said_len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return EAGAIN;
		if (n <= 0)
			break;
		p->said_len += (size_t)n;
	}
	return rehearsal_result(p, err);
}
