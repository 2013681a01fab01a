/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-running: does an xenstored serve here already?  It is asked of what
 * tells the living from what a dead one left behind: the lock on its pid file,
 * which the kernel takes back, and its sockets, where nobody listens any more.
 * The number in the pid file says nothing: it may be somebody else's now.
 * Called by start.c; knows nothing of the daemon.
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

/*
 * Ours under any name, or a stock one; true, and no name, where nobody can
 * say.
 */
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
		return 0; /* whoever writes it will say what is wrong */
	rc = fcntl(fd, F_GETLK, &lock);
	close(fd);
	if (rc || lock.l_type == F_UNLCK)
		return 0;
	if (is_xenstored(lock.l_pid, name, sizeof(name)))
		return err_set(err, EEXIST,
			       "already running: process %d holds pid file %s",
			       (int)lock.l_pid, pid_file);
	return err_set(err, EBUSY,
		       "pid file %s is locked by process %d (%s), which is no "
		       "xenstored: end it, or give another --pid-file",
		       pid_file, (int)lock.l_pid, name);
}

/* What began to listen at the other end is there still, and an xenstored. */
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
 * Somebody has the socket from the one that began to listen: a daemon that came
 * back as another process, or what a dead one had beside it and which is about
 * to end.  A daemon answers; who does neither in time is taken for one that
 * hangs.
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
		rc = EEXIST; /* so many wait that there is no room for more */
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
