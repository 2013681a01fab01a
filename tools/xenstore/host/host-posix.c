/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-posix: clock and descriptors; see host-posix.h. */
#include "host/host-posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/linux-calls.h"

#define WAIT_EVENTS 512u /* of one wait */

int posix_init(struct posix *p, char **argv, struct err *err)
{
	sigset_t set;

	p->argv = argv;
	p->epoll_fd = -1;
	p->paths_fd = -1;
	p->paths_timer_fd = -1;
	p->child_fd = -1;
	p->binary_fd = -1;
	p->image_fd = -1;
	p->self_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* if ignored, waitpid() would fail */
	signal(SIGXFSZ,
	       SIG_IGN); /* a file at its limit is an error as others */
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
			       "descriptor %d, handed over as epoll "
			       "descriptor, cannot be used: %s",
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
	ssize_t n = random_bytes(buf, len);

	(void)h;
	return n == (ssize_t)len ? 0 : n < 0 ? errno : EIO;
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

/* Reads the signals, so that the daemon need not know signalfd. */
static void take_signal(struct posix *p)
{
	struct signalfd_siginfo info;

	while (read(p->signal_fd, &info, sizeof(info)) > 0)
		;
}

/* To the microsecond from Linux 5.11 on, else rounded up to a millisecond. */
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
		else if (ret[i].tag == HOST_TAG_PATHS)
			posix_paths_take(p);
	}
	*ret_n = (size_t)n;
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

int posix_peek(struct host *h, int fd, void *buf, size_t len, size_t *ret_n)
{
	ssize_t n;

	(void)h;
	do
		n = recv(fd, buf, len, MSG_PEEK);
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
	/* a shortage in the kernel is not the client's fault: try again */
	if (done < 0)
		return errno == ENOMEM || errno == ENOBUFS ? EAGAIN : errno;
	*ret_n = (size_t)done;
	return 0;
}

void posix_own_fd(struct host *h, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	(void)h;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/*
 * A successor that is loaded beside may have the socket, too: without shutdown()
 * the client would see the end only when both have closed it.
 */
void posix_close_fd(struct host *h, int fd)
{
	if (to_posix(h)->successor)
		(void)shutdown(fd, SHUT_RDWR);
	close(fd);
}
