/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: see trace.h.  Called by main.c; other rooms see only struct log. */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

/*
 * O_NONBLOCK: a pipe that nobody reads must not stop the daemon, neither now
 * nor when it is full.  The umask keeps others from reading the file, which can
 * hold values.  A symbolic link is not followed: its owner would choose which
 * file root writes to.
 */
static int open_file(const char *path, int *ret_fd, struct stat *ret_st)
{
	int fd = open(path,
		      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK |
			      O_NOCTTY | O_NOFOLLOW,
		      0666);
	int rc;

	if (fd < 0)
		return errno;
	if (fstat(fd, ret_st)) {
		rc = errno;
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

static void use_file(struct trace *t, int fd, const struct stat *st)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = fd;
	t->regular = S_ISREG(st->st_mode);
	t->size = t->regular ? (uint64_t)st->st_size : 0;
	t->stopped = false;
}

/* ---- the limit ---- */

/* False if another file has that path by now: nothing is left to rename. */
static bool is_ours(const struct trace *t)
{
	struct stat named, ours;

	return !stat(t->path, &named) && !fstat(t->fd, &ours) &&
	       named.st_dev == ours.st_dev && named.st_ino == ours.st_ino;
}

static int rotate(struct trace *t)
{
	struct stat st;
	char *old;
	int rc = 0, fd;

	if (is_ours(t)) {
		if (asprintf(&old, "%s.old", t->path) < 0)
			return ENOMEM;
		rc = rename(t->path, old) ? errno : 0;
		free(old);
	}
	if (!rc)
		rc = open_file(t->path, &fd, &st);
	if (!rc)
		use_file(t, fd, &st);
	return rc;
}

static bool has_room(struct trace *t, size_t len)
{
	int rc;

	if (t->stopped)
		return false;
	if (!t->limit || !t->regular || !t->size || t->size + len <= t->limit)
		return true;
	rc = rotate(t);
	if (!rc)
		return true;
	t->stopped = true;
	log_guest(&t->log, NULL,
		  "trace file %s: at its limit of %" PRIu64
		  " bytes and cannot be renamed to %s.old: %s; nothing more "
		  "is written until SIGHUP or xenstore-control logfile",
		  t->path, t->limit, t->path, strerror(rc));
	return false;
}

/* ---- lines ---- */

static int write_line(struct trace *t, const char *stamp, const char *line)
{
	struct iovec iov[3] = {
		{(void *)(uintptr_t)stamp, strlen(stamp)},
		{(void *)(uintptr_t)line, strlen(line)},
		{(void *)(uintptr_t)("\n"), 1},
	};
	size_t len = iov[0].iov_len + iov[1].iov_len + 1;
	ssize_t n;

	if (!has_room(t, len))
		return EFBIG;
	do
		n = writev(t->fd, iov, 3);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	t->size += (uint64_t)n;
	return (size_t)n == len ? 0 : ENOSPC;
}

/* Logs when lines begin to be lost and when that ends, once each. */
static void tell(struct trace *t, int rc)
{
	uint64_t lost = t->lost;

	if (t->telling || t->failing == (rc != 0))
		return;
	t->telling = true;
	t->failing = rc != 0;
	if (!rc) {
		t->lost = 0;
		log_guest(&t->log, NULL,
			  "trace file %s: written again; %" PRIu64
			  " lines were lost",
			  t->path, lost);
	} else if (!t->stopped) {
		log_guest(&t->log, NULL, "trace file %s: %s; lines are lost",
			  t->path, strerror(rc));
	}
	t->telling = false;
}

static void put_line(void *arg, unsigned int sort, const char *line)
{
	struct trace *t = arg;
	char stamp[48];
	int rc;

	if (sort == LOG_EVENT && t->console)
		fprintf(stderr, "xenstored: %s\n", line);
	else if (sort == LOG_EVENT)
		syslog(LOG_NOTICE, "%s", line);
	if (t->fd < 0)
		return;
	log_stamp(&t->log, stamp, sizeof(stamp));
	rc = write_line(t, stamp, line);
	if (rc)
		t->lost++;
	tell(t, rc);
}

/* ---- which file ---- */

/* Keeps the old file when the new one cannot be opened. */
static int set_file(void *arg, const char *path)
{
	struct trace *t = arg;
	struct stat st;
	char *copy;
	int rc, fd;

	if (!path)
		path = t->path;
	if (!path)
		return 0;
	rc = open_file(path, &fd, &st);
	if (rc)
		return rc;
	copy = strdup(path);
	if (!copy) {
		close(fd);
		return ENOMEM;
	}
	use_file(t, fd, &st);
	free(t->path);
	t->path = copy;
	t->log.path = copy;
	return 0;
}

int trace_init(struct trace *t, const char *path, uint64_t limit, bool console,
	       struct err *err)
{
	int rc;

	memset(t, 0, sizeof(*t));
	t->log.put = put_line;
	t->log.set_file = set_file;
	t->log.arg = t;
	t->fd = -1;
	t->limit = limit;
	t->console = console;
	log_want(&t->log, LOG_EVENT);
	rc = path ? log_set_file(&t->log, path) : 0;
	if (!rc)
		return 0;
	t->path = strdup(path);
	t->log.path = t->path;
	return err_set(err, rc,
		       "trace file %s: %s; continuing without it (SIGHUP "
		       "tries again)",
		       path, strerror(rc));
}

void trace_reopen(struct log *log)
{
	int rc = log_set_file(log, NULL);

	if (rc)
		log_line(log, LOG_EVENT,
			 "trace file %s: cannot be opened again: %s",
			 log->path ? log->path : "", strerror(rc));
}
