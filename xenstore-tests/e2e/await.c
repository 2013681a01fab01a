/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * await: waits for scripts, so that they need not sleep.
 *
 *	await changes FILE SECONDS	prints a line now, and one each time FILE
 *					is written, created or replaced
 *	await end PID SECONDS		until the process ends; exit code 1: not
 *					by then
 *
 * Used by soon and ended of common.sh.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* False on timeout. */
static bool readable(int fd, int64_t until_ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int64_t left = until_ms - now_ms();
	int n;

	do
		n = poll(&pfd, 1, left > 0 ? (int)left : 0);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static bool say(void)
{
	return putchar('\n') != EOF && !fflush(stdout);
}

/* Whether one of the events at p is about name. */
static bool about(const char *p, ssize_t len, const char *name)
{
	const struct inotify_event *ev;
	bool found = false;

	for (; len > 0; p += sizeof(*ev) + ev->len) {
		ev = (const struct inotify_event *)(const void *)p;
		found |= ev->len && !strcmp(ev->name, name);
		len -= (ssize_t)(sizeof(*ev) + ev->len);
	}
	return found;
}

/* Watches the directory: the file may be created or replaced later. */
static int changes(char *file, int64_t until_ms)
{
	_Alignas(struct inotify_event) char events[4096];
	char *slash = strrchr(file, '/');
	int fd = inotify_init1(IN_CLOEXEC);
	ssize_t n;

	if (!slash || fd < 0)
		return 2;
	*slash = 0;
	if (inotify_add_watch(fd, file, IN_CREATE | IN_MODIFY | IN_MOVED_TO) <
	    0)
		return 2;
	if (!say())
		return 1;
	while (readable(fd, until_ms)) {
		n = read(fd, events, sizeof(events));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (about(events, n, slash + 1) && !say()))
			return 1;
	}
	return 0;
}

static int end(pid_t pid, int64_t until_ms)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return errno == ESRCH ? 0 : 2;
	return readable(fd, until_ms) ? 0 : 1;
}

int main(int argc, char **argv)
{
	int64_t until_ms = now_ms();
	int rc = 2;

	if (argc == 4) {
		until_ms += strtol(argv[3], NULL, 10) * 1000;
		if (!strcmp(argv[1], "changes"))
			rc = changes(argv[2], until_ms);
		else if (!strcmp(argv[1], "end"))
			rc = end((pid_t)strtol(argv[2], NULL, 10), until_ms);
	}
	if (rc == 2)
		fprintf(stderr, "usage: await changes FILE SECONDS\n"
				"       await end PID SECONDS\n");
	return rc;
}
