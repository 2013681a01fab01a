/* SPDX-License-Identifier: GPL-2.0-or-later */
/* start: see start.h.  Called by main.c, listening.c, successor.c and
 * successor-beside.c. */
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "host/host-posix.h"
#include "host/host-xen.h"
#include "state/state.h"

#define FILES_WANTED 65536

/* ---- before anything is touched ---- */

int start_check(const struct options *o, struct err *err)
{
	int rc = posix_running(o->pid_file, err);

	/* not a success: the running one does not have the state in the file */
	if (rc == EEXIST && o->restore) {
		err_prefix(err, "--restore %s: nothing was restored",
			   o->restore);
		return EBUSY;
	}
	return rc;
}

void start_raise_files(struct log *log)
{
	struct rlimit lim, most = {FILES_WANTED, FILES_WANTED};
	unsigned long long was;

	if (getrlimit(RLIMIT_NOFILE, &lim))
		return;
	was = lim.rlim_cur;
	/* only root can raise the hard limit */
	if (lim.rlim_max >= FILES_WANTED || setrlimit(RLIMIT_NOFILE, &most)) {
		lim.rlim_cur = lim.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &lim))
			lim.rlim_cur = (rlim_t)was;
	} else {
		lim = most;
	}
	if (log && lim.rlim_cur != was)
		log_line(log, LOG_EVENT,
			 "open files: limit raised from %llu to %llu", was,
			 (unsigned long long)lim.rlim_cur);
	if (log && lim.rlim_cur < FILES_WANTED)
		log_line(log, LOG_EVENT,
			 "open files: the hard limit is %llu; at that many, "
			 "new clients wait until others leave (to raise it: "
			 "LimitNOFILE= or ulimit -Hn)",
			 (unsigned long long)lim.rlim_cur);
}

/* ---- the background ---- */

/*
 * Continues in a child.  The parent exits when *ret_tell is written to, with 0,
 * or closed, with 1.  So when the parent has exited with 0, the daemon answers
 * and its pid file is there.
 */
static int detach(int *ret_tell, struct err *err)
{
	int fds[2], rc;
	pid_t pid;
	char ok;

	if (pipe2(fds, O_CLOEXEC))
		return err_set(err, errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		rc = errno;
		close(fds[0]);
		close(fds[1]);
		return err_set(err, rc, "fork: %s", strerror(rc));
	}
	if (pid) {
		close(fds[1]);
		_exit(read(fds[0], &ok, 1) == 1 ? 0 : 1);
	}
	close(fds[0]);
	setsid();
	if (chdir("/"))
		perror("xenstored: /");
	*ret_tell = fds[1];
	return 0;
}

/* Lets go of the terminal and lets the parent exit with 0. */
static int detached(struct trace *t, int tell, struct err *err)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "/dev/null: %s", strerror(errno));
	t->console = false;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
	if (write(tell, "", 1) != 1)
		return err_set(err, EPIPE,
			       "the process that started this one is gone");
	close(tell);
	return 0;
}

int start_background(struct options *o, int *ret_tell, struct err *err)
{
	*ret_tell = -1;
	if (o->restore) {
		char *path = realpath(o->restore, NULL);

		if (!path)
			return err_set(err, errno, "--restore %s: %s",
				       o->restore, strerror(errno));
		o->restore = path;
	}
	return o->no_fork ? 0 : detach(ret_tell, err);
}

/* ---- pid file and sockets ---- */

int start_pid_file(const char *path, struct err *err)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	struct stat st;
	int fd, rc;

	if (!path)
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		  0644);
	if (fd < 0)
		return err_set(err, errno, "pid file %s: %s", path,
			       errno == ELOOP ? "is a symbolic link, which is "
						"not followed"
					      : strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, EINVAL, "pid file %s: not a regular file",
			       path);
	}
	/* stays open and locked: posix_running() looks for that */
	if (lockf(fd, F_TLOCK, 0)) {
		close(fd);
		return err_set(
			err, EEXIST,
			"pid file %s: locked; another xenstored is running",
			path);
	}
	/* in this order: a reader never finds it empty */
	rc = write(fd, text, (size_t)n) != n || ftruncate(fd, n) ? EIO : 0;
	if (rc)
		return err_set(err, rc, "pid file %s: cannot be written", path);
	return 0;
}

static int listen_at(struct daemon *d, const char *path, mode_t mode, gid_t gid,
		     uint64_t tag, int *ret_fd, struct err *err)
{
	int rc = posix_listen(path, mode, gid, ret_fd, err);

	if (!rc && host_call(d->host, poll_add, *ret_fd, HOST_IN, tag))
		rc = err_set(err, ENOMEM, "%s: cannot be polled", path);
	return rc;
}

int start_ro_socket(struct daemon *d, const struct options *o, struct err *err)
{
	struct group *gr = NULL;
	char *path;
	int rc;

	if (o->ro_group) {
		gr = getgrnam(o->ro_group);
		if (!gr)
			return err_set(err, EINVAL, "--ro-group: no group %s",
				       o->ro_group);
	}
	rc = posix_run_path(POSIX_SOCKET_RO, &path, err);
	if (rc)
		return rc;
	rc = listen_at(d, path, gr ? 0660 : 0600, gr ? gr->gr_gid : (gid_t)-1,
		       DAEMON_TAG_RO, &d->conns.ro_fd, err);
	free(path);
	return rc;
}

/* Ignores the umask: users of the read-only socket must reach it. */
static int make_rundir(struct err *err)
{
	const char *dir = posix_rundir();
	struct stat st;

	if (!mkdir(dir, 0755) && !chmod(dir, 0755))
		return 0;
	if (errno != EEXIST)
		return err_set(err, errno, "run directory %s: %s", dir,
			       strerror(errno));
	/* a link to a directory is good */
	if (stat(dir, &st))
		return err_set(
			err, errno,
			"run directory %s: a link whose target cannot be "
			"used: %s; create the target",
			dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ENOTDIR,
			       "run directory %s: not a directory; set "
			       "XENSTORED_RUNDIR to one",
			       dir);
	return 0;
}

int start_rw_socket(struct daemon *d, struct err *err)
{
	char *path;
	int rc = make_rundir(err);

	if (!rc)
		rc = posix_run_path(POSIX_SOCKET, &path, err);
	if (rc)
		return rc;
	rc = listen_at(d, path, 0600, (gid_t)-1, DAEMON_TAG_RW, &d->conns.rw_fd,
		       err);
	free(path);
	return rc;
}

/* ---- starting ---- */

/* Restores the state that a daemon saved before it ended. */
static int from_file(struct daemon *d, const char *path, struct err *err)
{
	void *ctx = talloc_new(d);
	struct state_restored from;
	uint8_t *data;
	size_t len;
	int rc = posix_file_read(d->host, path, ctx, HOST_FILE_MAX, &data, &len,
				 err);

	if (rc) {
		err_prefix(err, "--restore");
	} else {
		rc = state_restore_file(d, data, len, &from, err);
		if (rc)
			err_prefix(err, "--restore %s", path);
	}
	talloc_free(ctx);
	if (rc)
		return rc;
	log_line(d->log, LOG_EVENT,
		 "restored %u nodes, %u connections and %u watches from %s",
		 from.counts.nodes, from.counts.conns, from.counts.watches,
		 path);
	return 0;
}

int start_serve(struct daemon *d, const struct options *o, struct trace *t,
		int tell, struct err *err)
{
	int rc;

	if (o->restore) {
		rc = from_file(d, o->restore, err);
	} else {
		rc = host_xen_start(d->host, err);
		if (!rc)
			rc = daemon_populate(d, err);
	}
	if (!rc)
		rc = make_rundir(err);
	/* first: a client that finds the other socket finds this one, too */
	if (!rc)
		rc = start_ro_socket(d, o, err);
	if (!rc)
		rc = start_rw_socket(d, err);
	if (!rc)
		rc = start_pid_file(o->pid_file, err);
	if (!rc && tell >= 0)
		rc = detached(t, tell, err);
	if (!rc && o->restore)
		state_resume(d);
	if (!rc)
		posix_notify_ready();
	return rc;
}
