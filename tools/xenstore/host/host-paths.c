/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-paths: does a path still lead to a listening socket of this process?
 * Another daemon that starts may unlink the socket and bind its own, and anyone
 * may remove it.  Called by listening.c; knows nothing of the daemon.
 */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/host-posix.h"

#define CHANGES                                                                \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |                 \
	 IN_DELETE_SELF | IN_MOVE_SELF)

int posix_paths_init(struct posix *p, struct err *err)
{
	p->paths_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	p->paths_timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->paths_fd < 0 || p->paths_timer_fd < 0)
		return err_set(err, errno, "cannot watch the sockets: %s",
			       strerror(errno));
	return posix_paths_poll(p, true, err);
}

int posix_paths_poll(struct posix *p, bool on, struct err *err)
{
	const int fds[] = {p->paths_fd, p->paths_timer_fd};
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]) && !rc; i++) {
		if (fds[i] >= 0 && on)
			rc = posix_poll_add(&p->host, fds[i], HOST_IN,
					    HOST_TAG_PATHS);
		else if (fds[i] >= 0)
			posix_poll_del(&p->host, fds[i]);
	}
	return rc ? err_set(err, rc, "cannot watch the sockets: %s",
			    strerror(rc))
		  : 0;
}

void posix_paths_take(struct posix *p)
{
	char events[4096];
	uint64_t times;

	while (read(p->paths_fd, events, sizeof(events)) > 0)
		;
	(void)!read(p->paths_timer_fd, &times, sizeof(times));
}

void posix_path_watch(struct host *h, const char *path)
{
	char *copy = strdup(path);

	/* without a watch, the next look comes with another event */
	if (copy)
		(void)inotify_add_watch(to_posix(h)->paths_fd, dirname(copy),
					CHANGES);
	free(copy);
}

void posix_paths_again(struct host *h, unsigned int ms)
{
	struct itimerspec at = {.it_value = {ms / 1000, ms % 1000 * 1000000}};

	(void)timerfd_settime(to_posix(h)->paths_timer_fd, 0, &at, NULL);
}

void posix_path_place(const char *path, struct posix_place *ret)
{
	struct stat st;

	if (stat(path, &st))
		return;
	ret->dev = st.st_dev;
	ret->ino = st.st_ino;
}

/*
 * The process that called listen(): the kernel notes it in the socket and in all
 * its connections.
 */
static pid_t listener_of(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ? 0
								    : cred.pid;
}

enum posix_leads posix_path_leads(const char *path, int listen_fd,
				  struct posix_place *place, pid_t *ret_pid)
{
	enum posix_leads leads = POSIX_LEADS_HERE;
	struct sockaddr_un addr;
	struct stat st;
	struct err err;
	int fd;

	*ret_pid = 0;
	if (stat(path, &st))
		return POSIX_LEADS_NOWHERE;
	if (st.st_dev == place->dev && st.st_ino == place->ino)
		return POSIX_LEADS_HERE;
	if (posix_unix_addr(path, &addr, &err))
		return POSIX_LEADS_HERE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return POSIX_LEADS_HERE; /* the next look may tell */
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		*ret_pid = listener_of(fd);
		if (*ret_pid != listener_of(listen_fd))
			leads = POSIX_LEADS_ELSEWHERE;
	} else if (errno == EAGAIN) {
		leads = POSIX_LEADS_ELSEWHERE; /* many clients wait there */
	} else {
		leads = POSIX_LEADS_NOWHERE;
	}
	close(fd);
	if (leads == POSIX_LEADS_HERE) {
		place->dev = st.st_dev;
		place->ino = st.st_ino;
	}
	return leads;
}
