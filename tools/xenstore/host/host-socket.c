/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-socket: paths, listening sockets, clients, and notifying systemd; see
 * host-posix.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/host-posix.h"

#define LISTEN_BACKLOG 128
#define FILES_SPARE    32u

/* ---- paths ---- */

const char *posix_rundir(void)
{
	const char *dir = getenv("XENSTORED_RUNDIR");

	return dir && *dir ? dir : "/var/run/xenstored";
}

int posix_run_path(const char *name, char **ret_path, struct err *err)
{
	const char *rw = getenv("XENSTORED_PATH");

	if (rw && *rw && !strcmp(name, POSIX_SOCKET)) {
		*ret_path = strdup(rw);
	} else if (asprintf(ret_path, "%s/%s", posix_rundir(), name) < 0) {
		*ret_path = NULL;
	}
	return *ret_path ? 0 : err_set(err, ENOMEM, "no memory for a path");
}

int posix_unix_addr(const char *path, struct sockaddr_un *ret, struct err *err)
{
	size_t len = strlen(path);

	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	if (len >= sizeof(ret->sun_path))
		return err_set(err, ENAMETOOLONG,
			       "a socket path can have %zu bytes, this one "
			       "has %zu: set XENSTORED_RUNDIR or "
			       "XENSTORED_PATH to a shorter one: %s",
			       sizeof(ret->sun_path) - 1, len, path);
	memcpy(ret->sun_path, path, len + 1);
	return 0;
}

/* ---- listening ---- */

/* Nobody listens on it any more: posix_running() has checked. */
static int remove_socket(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, EEXIST,
			       "socket %s: something else is there; remove it "
			       "first",
			       path);
	return unlink(path) ? err_set(err, errno, "socket %s: %s", path,
				      strerror(errno))
			    : 0;
}

int posix_listen(const char *path, mode_t mode, gid_t group, int *ret_fd,
		 struct err *err)
{
	struct sockaddr_un addr;
	int fd, rc = posix_unix_addr(path, &addr, err);

	if (!rc)
		rc = remove_socket(path, err);
	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, errno, "socket: %s", strerror(errno));
	/* the umask gives others nothing, so it is never open too widely */
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    (group != (gid_t)-1 && chown(path, (uid_t)-1, group)) ||
	    chmod(path, mode) || listen(fd, LISTEN_BACKLOG)) {
		rc = errno;
		close(fd);
		return err_set(err, rc, "socket %s: %s", path, strerror(rc));
	}
	*ret_fd = fd;
	return 0;
}

/* ---- clients ---- */

/*
 * Whether a descriptor is free for one more client.  Some stay reserved for an
 * update, an image or the log.  A new descriptor is always the lowest free one,
 * so its number tells how many are left.
 */
static int room_for_client(int listen_fd)
{
	struct rlimit lim;
	rlim_t spare;
	int lowest = fcntl(listen_fd, F_DUPFD_CLOEXEC, 0);

	if (lowest < 0)
		return errno;
	close(lowest);
	if (getrlimit(RLIMIT_NOFILE, &lim))
		return errno;
	spare = lim.rlim_cur / 4 < FILES_SPARE ? lim.rlim_cur / 4 : FILES_SPARE;
	return (rlim_t)lowest < lim.rlim_cur - spare ? 0 : EMFILE;
}

int posix_accept(struct host *h, int listen_fd, int *ret_fd)
{
	int rc = room_for_client(listen_fd), fd;

	(void)h;
	if (rc)
		return rc;
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return errno;
	*ret_fd = fd;
	return 0;
}

/* The name is "" if the process has ended. */
int posix_peer(struct host *h, int fd, int32_t *ret_pid, char *name,
	       size_t size)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	char path[32];
	ssize_t n = 0;
	int comm;

	(void)h;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return errno;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)cred.pid);
	comm = open(path, O_RDONLY | O_CLOEXEC);
	if (comm >= 0) {
		n = read(comm, name, size - 1);
		close(comm);
	}
	if (n < 0)
		n = 0;
	if (n && name[n - 1] == '\n')
		n--;
	name[n] = '\0';
	*ret_pid = (int32_t)cred.pid;
	return 0;
}

int posix_dial(struct host *h, int listen_fd, int *ret_fd, struct err *err)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	(void)h;
	if (fd < 0)
		return err_set(err, errno, "socket: %s", strerror(errno));
	/* through the path that clients use: it must still lead here */
	if (getsockname(listen_fd, (struct sockaddr *)&addr, &len) ||
	    connect(fd, (struct sockaddr *)&addr, len)) {
		rc = errno;
		close(fd);
		return err_set(err, rc, "cannot connect to its own socket: %s",
			       strerror(rc));
	}
	*ret_fd = fd;
	return 0;
}

/* ---- systemd ---- */

/* Connected; -1: there is none. */
static int notify_open(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@')
		addr.sun_path[0] = '\0'; /* an abstract address */
	len += offsetof(struct sockaddr_un, sun_path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, (socklen_t)len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void notify(const char *what)
{
	int fd = notify_open();

	if (fd < 0)
		return;
	/* a failure has no consequence here */
	(void)send(fd, what, strlen(what), MSG_NOSIGNAL);
	close(fd);
}

void posix_notify_ready(void)
{
	notify("READY=1");
}

static void main_pid(pid_t pid, char text[NOTIFY_TEXT])
{
	snprintf(text, NOTIFY_TEXT, "MAINPID=%d", (int)pid);
}

void posix_notify_main_pid(pid_t pid)
{
	char text[NOTIFY_TEXT];

	main_pid(pid, text);
	notify(text);
}

int posix_notify_prepare(pid_t pid, char text[NOTIFY_TEXT])
{
	main_pid(pid, text);
	return notify_open();
}
