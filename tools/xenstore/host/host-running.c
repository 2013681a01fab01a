/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-running: does an xenstored run here already?  Looks at what a dead one
 * cannot hold: the lock on the pid file, and a listener on the sockets.  The pid
 * in the file proves nothing: another process may have it now.  Called by
 * start.c; knows nothing of the daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/handoff.h"
#include "host/host-posix.h"

#define ANSWER_MS 5000

/* Ours under any name, or a stock one.  True with name "" if unknown. */
static bool is_xenstored(pid_t pid, char *name, size_t size)
{
	char link[32];
	struct err err;
	bool ours;
	ssize_t n;
	int fd;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	n = readlink(link, name, size - 1);
	name[n > 0 ? n : 0] = '\0';
	if (n <= 0)
		return true;
	fd = open(link, O_RDONLY | O_CLOEXEC);
	ours = fd >= 0 && !handoff_binary_fits(fd, name, &err);
	if (fd >= 0)
		close(fd);
	return ours || strstr(strrchr(name, '/') ? strrchr(name, '/') : name,
			      "xenstored");
}

static int lock_is_free(const char *pid_file, struct err *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(pid_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char name[PATH_MAX];
	int rc;

	if (fd < 0)
		return 0; /* start_pid_file() reports what is wrong */
	rc = fcntl(fd, F_GETLK, &lock);
	close(fd);
	if (rc || lock.l_type == F_UNLCK)
		return 0;
	if (is_xenstored(lock.l_pid, name, sizeof(name)))
		return err_set(err, EEXIST,
			       "already running: process %d holds pid file %s",
			       (int)lock.l_pid, pid_file);
	return err_set(err, EBUSY,
		       "pid file %s is locked by process %d (%s), which is not "
		       "an xenstored: end it, or use another --pid-file",
		       pid_file, (int)lock.l_pid, name);
}

/* Whether the process that called listen() still runs, and is an xenstored. */
static bool listener_lives(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	char name[PATH_MAX];

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) &&
	       cred.pid > 0 && is_xenstored(cred.pid, name, sizeof(name)) &&
	       *name;
}

/*
 * Another process inherited the listening socket: a daemon that returned as its
 * guard, or a helper of a dead daemon that is about to end.  A daemon answers; a
 * process that neither answers nor ends in time is taken for a hung daemon.
 */
static bool answers(int fd)
{
	static const uint32_t read_root[] = {2, 0, 0, 2}; /* XS_READ of "/" */
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	char c;

	if (send(fd, read_root, sizeof(read_root), MSG_NOSIGNAL) < 0 ||
	    send(fd, "/", 2, MSG_NOSIGNAL) < 0)
		return false;
	if (poll(&pfd, 1, ANSWER_MS) <= 0)
		return true;
	return recv(fd, &c, 1, 0) == 1;
}

static int nobody_listens(const char *name, struct err *err)
{
	struct sockaddr_un addr;
	char *path;
	int fd, rc = posix_run_path(name, &path, err);

	if (rc)
		return rc;
	rc = posix_unix_addr(path, &addr, err);
	fd = rc ? -1
		: socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			 0);
	if (!rc && fd < 0)
		rc = err_set(err, errno, "socket: %s", strerror(errno));
	if (!rc && !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		rc = listener_lives(fd) || answers(fd) ? EEXIST : 0;
	else if (!rc && errno == EAGAIN)
		rc = EEXIST; /* its backlog is full */
	if (rc == EEXIST)
		err_set(err, rc, "already running: it listens on %s", path);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int posix_running(const char *pid_file, struct err *err)
{
	int rc = pid_file ? lock_is_free(pid_file, err) : 0;

	if (!rc)
		rc = nobody_listens(POSIX_SOCKET, err);
	if (!rc)
		rc = nobody_listens(POSIX_SOCKET_RO, err);
	return rc;
}
