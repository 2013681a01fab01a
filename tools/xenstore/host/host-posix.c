/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-posix: clock and descriptors; see host-posix.h. */
#include "host/host-posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"

#define LISTEN_BACKLOG 128
#define FILES_SPARE    32u
#define WAIT_EVENTS    512u /* of one wait */

static struct posix *to_posix(struct host *h)
{
	return (struct posix *)(void *)h;
}

int posix_init(struct posix *p, char **argv, struct err *err)
{
	sigset_t set;

	p->argv = argv;
	p->epoll_fd = -1;
	p->child_fd = -1;
	p->binary_fd = -1;
	p->image_fd = -1;
	p->self_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* ignored, no child could be waited for */
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error like any */
	p->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signal_fd < 0)
		return err_set(err, errno, "signalfd: %s", strerror(errno));
	return 0;
}

int posix_poll_init(struct posix *p, int epoll_fd, struct err *err)
{
	int rc;

	p->epoll_fd = epoll_fd >= 0 ? epoll_fd : epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll_fd < 0)
		return err_set(err, errno, "epoll: %s", strerror(errno));
	rc = posix_poll_add(&p->host, p->signal_fd, HOST_IN, HOST_TAG_SIGNAL);
	if (rc)
		return err_set(err, rc,
			       "descriptor %d was handed over to be polled "
			       "with, but cannot be: %s",
			       p->epoll_fd, strerror(rc));
	return 0;
}

uint64_t posix_now_ms(struct host *h)
{
	struct timespec ts;

	(void)h;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t posix_now_us(struct host *h)
{
	struct timespec ts;

	(void)h;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t posix_wall_ms(struct host *h)
{
	struct timespec ts;

	(void)h;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int posix_random(struct host *h, void *buf, size_t len)
{
	(void)h;
	return getrandom(buf, len, 0) == (ssize_t)len ? 0 : EIO;
}

static int poll_ctl(struct host *h, int op, int fd, uint32_t what, uint64_t tag)
{
	struct epoll_event ev = {.data.u64 = tag};

	if (what & HOST_IN)
		ev.events |= EPOLLIN;
	if (what & HOST_OUT)
		ev.events |= EPOLLOUT;
	return epoll_ctl(to_posix(h)->epoll_fd, op, fd, &ev) ? errno : 0;
}

int posix_poll_add(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	return poll_ctl(h, EPOLL_CTL_ADD, fd, what, tag);
}

int posix_poll_set(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	return poll_ctl(h, EPOLL_CTL_MOD, fd, what, tag);
}

void posix_poll_del(struct host *h, int fd)
{
	(void)poll_ctl(h, EPOLL_CTL_DEL, fd, 0, 0);
}

/* The signal itself is taken here: who is told need not know of signalfd. */
static void take_signal(struct posix *p)
{
	struct signalfd_siginfo info;

	while (read(p->signal_fd, &info, sizeof(info)) > 0)
		;
}

/* To the microsecond where the kernel can do it (Linux 5.11), else longer. */
static int wait_for(int epoll_fd, struct epoll_event *ev, int max,
		    int64_t timeout_us)
{
	struct timespec ts = {.tv_sec = timeout_us / 1000000,
			      .tv_nsec = timeout_us % 1000000 * 1000};
	int64_t ms = (timeout_us + 999) / 1000;
	int n;

	if (timeout_us <= 0)
		return epoll_wait(epoll_fd, ev, max, timeout_us ? -1 : 0);
	n = epoll_pwait2(epoll_fd, ev, max, &ts, NULL);
	if (n >= 0 || errno != ENOSYS)
		return n;
	return epoll_wait(epoll_fd, ev, max, ms < INT_MAX ? (int)ms : INT_MAX);
}

int posix_wait(struct host *h, struct host_event *ret, size_t max,
	       int64_t timeout_us, size_t *ret_n)
{
	struct posix *p = to_posix(h);
	struct epoll_event ev[WAIT_EVENTS];
	int n, i;

	if (max > sizeof(ev) / sizeof(ev[0]))
		max = sizeof(ev) / sizeof(ev[0]);
	n = wait_for(p->epoll_fd, ev, (int)max, timeout_us);
	if (n < 0)
		return errno;
	for (i = 0; i < n; i++) {
		ret[i].tag = ev[i].data.u64;
		ret[i].what = 0;
		if (ev[i].events & EPOLLIN)
			ret[i].what |= HOST_IN;
		if (ev[i].events & EPOLLOUT)
			ret[i].what |= HOST_OUT;
		if (ev[i].events & (EPOLLHUP | EPOLLERR))
			ret[i].what |= HOST_HUP;
		if (ret[i].tag == HOST_TAG_SIGNAL)
			take_signal(p);
	}
	*ret_n = (size_t)n;
	return 0;
}

/*
 * Whether there is a descriptor to spare for one more client.  The last ones
 * are for what the daemon does for those whom it serves: an update, an image,
 * a log that is opened again.  A new descriptor is always the lowest that is
 * free.
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

int posix_read(struct host *h, int fd, void *buf, size_t len, size_t *ret_n)
{
	ssize_t n;

	(void)h;
	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	*ret_n = (size_t)n;
	return 0;
}

int posix_writev(struct host *h, int fd, const struct iovec *iov, int n,
		 size_t *ret_n)
{
	ssize_t done = -1;

	(void)h;
	do {
		if (fault("no-buffers"))
			errno = ENOBUFS;
		else
			done = writev(fd, iov, n);
	} while (done < 0 && errno == EINTR);
	/* no client is to blame for what the kernel has not got right now */
	if (done < 0)
		return errno == ENOMEM || errno == ENOBUFS ? EAGAIN : errno;
	*ret_n = (size_t)done;
	return 0;
}

/* The name is that of the moment: of a process that is gone there is none. */
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

const char *posix_rundir(void)
{
	const char *dir = getenv("XENSTORED_RUNDIR");

	return dir && *dir ? dir : "/var/run/xenstored";
}

void posix_own_fd(struct host *h, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	(void)h;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void posix_close(struct host *h, int fd)
{
	(void)h;
	close(fd);
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
			       "a socket's path may have %zu bytes, this one "
			       "has %zu: set XENSTORED_RUNDIR or "
			       "XENSTORED_PATH to a shorter one: %s",
			       sizeof(ret->sun_path) - 1, len, path);
	memcpy(ret->sun_path, path, len + 1);
	return 0;
}

/* Of one that nobody listens on any more: start.c has looked. */
static int remove_socket(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, EEXIST,
			       "socket %s: something else is there, which is "
			       "left alone; remove it first",
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
	/* made by the umask with nothing for others: never open for a moment */
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

int posix_dial(struct host *h, int listen_fd, int *ret_fd, struct err *err)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	(void)h;
	if (fd < 0)
		return err_set(err, errno, "socket: %s", strerror(errno));
	/* by the name that clients use: it has to be still there */
	if (getsockname(listen_fd, (struct sockaddr *)&addr, &len) ||
	    connect(fd, (struct sockaddr *)&addr, len)) {
		rc = errno;
		close(fd);
		return err_set(err, rc, "its own socket cannot be reached: %s",
			       strerror(rc));
	}
	*ret_fd = fd;
	return 0;
}

static void notify(const char *what)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@')
		addr.sun_path[0] = '\0'; /* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* nothing to be done if it does not listen */
	(void)sendto(fd, what, strlen(what), MSG_NOSIGNAL,
		     (struct sockaddr *)&addr,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void posix_notify_ready(void)
{
	notify("READY=1");
}

void posix_notify_main_pid(void)
{
	char text[32];

	snprintf(text, sizeof(text), "MAINPID=%d", (int)getpid());
	notify(text);
}
