/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-process: rehearsing a new binary and becoming it; the sending side of
 * handoff.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/handoff.h"
#include "host/host-posix.h"
#include "host/host-process.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* linux/memfd.h, since 6.3 */
#endif
#define REHEARSAL_NICE 10

static struct posix *to_posix(struct host *h)
{
	return (struct posix *)(void *)h;
}

/* ---- arguments ---- */

/* binary, then args split at blanks or those of this process, then -U. */
int args_make(struct posix *p, const char *binary, const char *args,
	      struct args *ret, struct err *err)
{
	char *save, *word, **old;
	size_t n = 0;
	bool has_u = false;

	memset(ret, 0, sizeof(*ret));
	ret->argv[n++] = (char *)(uintptr_t)binary;
	if (args) {
		ret->text = strdup(args);
		if (!ret->text)
			return err_set(err, ENOMEM, "no memory");
		for (word = strtok_r(ret->text, " ", &save);
		     word && n <= ARGS_MAX; word = strtok_r(NULL, " ", &save))
			ret->argv[n++] = word;
	} else {
		for (old = p->argv + 1; *old && n <= ARGS_MAX; old++)
			ret->argv[n++] = *old;
	}
	if (n > ARGS_MAX) {
		free(ret->text);
		return err_set(err, E2BIG, "more than %d arguments", ARGS_MAX);
	}
	for (old = ret->argv + 1; *old; old++)
		has_u |= !strcmp(*old, "-U") || !strcmp(*old, "--live-update");
	if (!has_u)
		ret->argv[n++] = (char *)(uintptr_t) "-U";
	ret->argv[n] = NULL;
	return 0;
}

/* A successor that could not come back must not be tried. */
static int back_fits(const struct posix *p, struct err *err)
{
	size_t size = 1, n = 0, e = 0;

	for (; p->argv[n]; n++)
		size += strlen(p->argv[n]) + 1;
	while (environ[e])
		e++;
	if (n <= HANDOFF_ARGS_MAX && size <= HANDOFF_ARGS_TEXT &&
	    e <= HANDOFF_ENV_MAX)
		return 0;
	return err_set(err, E2BIG,
		       "this daemon was started with %zu arguments of %zu "
		       "bytes and %zu variables in its environment; more than "
		       "%d, %d or %d leave no way back to it",
		       n, size, e, HANDOFF_ARGS_MAX, HANDOFF_ARGS_TEXT,
		       HANDOFF_ENV_MAX);
}

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

/* A rehearsal that nobody waits for any more must not stay behind. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/*
 * A rehearsal needs as much memory as the daemon again.  If there is not so
 * much, it is the one that the kernel shall kill.  Returns an errno: without
 * /proc nobody can say so.
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
 * The update writes into the same file, so it is not sealed yet: the rehearsal
 * gets a descriptor that cannot be written with.  Returns 0 or an errno; fd is
 * then what it was.
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

/* The child of this moment: writes the image, becomes the new binary. */
static void child_run(struct posix *p, const struct args *args, int result_fd,
		      int (*dump)(void *arg, int fd, struct err *err),
		      void *arg)
{
	struct err err = {0};
	char env[64];
	int fd = p->image_fd;

	fault_only("rehearsal");
	child_step(result_fd, "writing an image");
	/* whoever is served meanwhile comes first */
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

int posix_lu_rehearse(struct host *h, const char *binary, const char *args,
		      int (*dump)(void *arg, int fd, struct err *err),
		      void *arg, uint64_t tag, struct err *err)
{
	struct posix *p = to_posix(h);
	struct args argv;
	int fds[2], rc;
	pid_t us;

	rc = binary_open(p, binary, dump, err);
	if (!rc && dump)
		rc = back_fits(p, err);
	if (!rc && dump)
		rc = posix_lu_image(h, &p->image_fd, err);
	if (!rc)
		rc = args_make(p, binary, args, &argv, err);
	if (rc)
		return rc;
	if (pipe2(fds, O_CLOEXEC)) {
		rc = errno;
		free(argv.text);
		return err_set(err, rc, "no pipe: %s", strerror(rc));
	}
	p->said_len = 0;
	p->rehearsal_ms = posix_now_ms(h);
	us = getpid();
	p->child = fault("no-fork") ? -1 : fork();
	p->stock = !dump;
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
		posix_lu_rehearse_stop(h);
		return err_set(err, rc, "no child to rehearse in: %s",
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

/* It has nothing more to say. */
static void close_said(struct posix *p)
{
	if (p->child_fd >= 0) {
		posix_poll_del(&p->host, p->child_fd);
		close(p->child_fd);
	}
	p->child_fd = -1;
}

void posix_lu_rehearse_stop(struct host *h)
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

/* The child has closed its end: what became of it? */
static int rehearsal_result(struct posix *p, struct err *err)
{
	int status;

	close_said(p);
	p->rehearsal_ms = posix_now_ms(&p->host) - p->rehearsal_ms;
	p->said[p->said_len] = '\0';
	if (!p->stock && !strcmp(p->said, "ok"))
		return 0; /* it may stay: handoff_stay() */
	status = rehearsal_end(p);
	if (p->stock)
		return stock_rehearsed(p->said, err);
	if (!strncmp(p->said, "error: ", 7))
		return err_set(err, EINVAL, "the new binary refused: %s",
			       p->said + 7);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return err_set(
			err, EINVAL,
			"the new binary was killed while it rehearsed, or "
			"closed its answer; is memory short? (the "
			"kernel's log says so)");
	if (WIFSIGNALED(status))
		return err_set(err, EINVAL,
			       "the new binary was stopped by signal %d (%s) "
			       "while it rehearsed",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	return err_set(err, EINVAL,
		       "the new binary ended (exit status %d) without saying "
		       "whether it can take over",
		       WEXITSTATUS(status));
}

/* Takes the next step off what was said, if it is there as a whole line. */
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

int posix_lu_rehearsed(struct host *h, struct err *err)
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

/* ---- the image ---- */

/* A kernel before 6.3 does not know that no memory file need be executable. */
static int image_create(void)
{
	int fd =
		memfd_create("xenstore-image",
			     MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("xenstore-image",
				  MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

/*
 * The rehearsal's is written over: the kernel takes longer to find the memory
 * for an image than this process to fill it, and somebody waits now.
 */
int posix_lu_image(struct host *h, int *ret_fd, struct err *err)
{
	struct posix *p = to_posix(h);
	int fd = p->image_fd;
	bool begun = fd >= 0;

	p->image_fd = -1;
	if (fd < 0)
		fd = image_create();
	else if (lseek(fd, 0, SEEK_SET)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0 && fault(begun ? "no-image" : "rehearsal-no-image")) {
		close(fd);
		fd = -1;
		errno = EMFILE;
	}
	if (fd < 0)
		return err_set(err, errno, "no memory file for the image: %s",
			       strerror(errno));
	*ret_fd = fd;
	return 0;
}

int posix_lu_image_write(struct host *h, int fd, const void *data, size_t len,
			 struct err *err)
{
	int rc = posix_write_all(fd, data, len);

	(void)h;
	if (fault("image-write") || fault("rehearsal-image-write"))
		rc = ENOSPC;
	return rc ? err_set(err, rc, "the image cannot be written: %s",
			    strerror(rc))
		  : 0;
}

struct release {
	void *map;
	size_t len;
	int fd;
	pid_t child;
};

static void release_now(const struct release *r)
{
	munmap(r->map, r->len);
	close(r->fd);
	if (r->child)
		waitpid(r->child, NULL, 0);
}

static void *release_run(void *arg)
{
	struct release *r = arg;

	release_now(r);
	free(r);
	return NULL;
}

void posix_release_image(struct host *h, void *map, size_t len, int fd,
			 pid_t child)
{
	struct posix *p = to_posix(h);
	struct release *r = malloc(sizeof(*r));
	struct release here = {map, len, fd, child};
	sigset_t all, old;

	/* signals are for the one that serves */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (r) {
		*r = here;
		p->releasing =
			!pthread_create(&p->releaser, NULL, release_run, r);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (p->releasing)
		return;
	free(r);
	release_now(&here);
}

void posix_release_wait(struct posix *p)
{
	if (p->releasing)
		pthread_join(p->releaser, NULL);
	p->releasing = false;
}
