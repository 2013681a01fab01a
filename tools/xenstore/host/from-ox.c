/* SPDX-License-Identifier: GPL-2.0-or-later */
/* from-ox: see from-ox.h. */
#include "host/from-ox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/host-process.h"
#include "wire/wire.h"

#define WRITER_FILE "db.writer" /* a link to the binary that writes OX_FILE */
#define WHY_MAX	    400
/* the client asks once a second */
#define CLIENT_MS 1500
#define LOOK_MS	  20

/* ---- the binary ---- */

/* Returns the descriptor, or -1. */
static int open_ox(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum host_successor kind;

	if (fd >= 0 &&
	    (stock_binary_fits(fd, path, &kind, NULL) || kind != HOST_OX)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* What the link at path says; "": there is none. */
static void read_link(const char *path, char text[PATH_MAX])
{
	ssize_t n = readlink(path, text, PATH_MAX - 1);

	text[n > 0 ? n : 0] = '\0';
}

int from_ox_rundir(struct err *err)
{
	return ox_rundir_fits(err);
}

int from_ox_note_parent(struct err *err)
{
	char exe[64], target[PATH_MAX], *path;
	int fd, rc;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)getppid());
	fd = open_ox(exe);
	if (fd < 0)
		return err_set(err, EINVAL,
			       "process %d, which started this one, is no "
			       "oxenstored",
			       (int)getppid());
	close(fd);
	read_link(exe, target);
	rc = posix_run_path(WRITER_FILE, &path, err);
	if (rc)
		return rc;
	if ((unlink(path) && errno != ENOENT) || symlink(target, path))
		rc = err_set(err, errno, "%s: %s", path, strerror(errno));
	free(path);
	return rc;
}

int from_ox_binary(const char *other, char **ret_path, struct err *err)
{
	char target[PATH_MAX], *path;
	int fd;

	if (posix_run_path(WRITER_FILE, &path, err))
		return -1;
	read_link(path, target);
	free(path);
	fd = *target ? open_ox(target) : -1;
	if (fd < 0 && *other) {
		fd = open_ox(other);
		snprintf(target, sizeof(target), "%s", other);
	}
	*ret_path = fd < 0 ? NULL : strdup(target);
	if (fd >= 0 && !*ret_path) {
		close(fd);
		err_set(err, ENOMEM, "no memory");
		return -1;
	}
	if (fd < 0)
		err_set(err, ENOENT,
			"no oxenstored at \"%s\", which is in /tool/xenstored",
			other);
	return fd;
}

void from_ox_forget(void)
{
	struct err err;
	char *path;

	if (posix_run_path(WRITER_FILE, &path, &err))
		return;
	unlink(path);
	free(path);
}

/* ---- the client ---- */

/* Takes the request from the socket, if it is there. */
static bool asks(int fd, struct wire_header *ret)
{
	static const char start[] = "live-update\0-s";
	uint8_t msg[WIRE_HEADER_SIZE + 64];
	ssize_t n = recv(fd, msg, sizeof(msg), MSG_PEEK | MSG_DONTWAIT);

	if (n < (ssize_t)(WIRE_HEADER_SIZE + sizeof(start)))
		return false;
	wire_get_header(msg, ret);
	if (ret->type != WIRE_CONTROL ||
	    ret->len > sizeof(msg) - WIRE_HEADER_SIZE ||
	    n < (ssize_t)(WIRE_HEADER_SIZE + ret->len) ||
	    memcmp(msg + WIRE_HEADER_SIZE, start, sizeof(start)) != 0)
		return false;
	return recv(fd, msg, WIRE_HEADER_SIZE + ret->len, MSG_DONTWAIT) > 0;
}

/* Without stdio: see the header. */
static void reply(int fd, struct wire_header hdr, const char *why)
{
	static const char serves[] = "; oxenstored serves again";
	uint8_t msg[WIRE_HEADER_SIZE + WHY_MAX + sizeof(serves)];
	size_t len = strlen(why);

	if (len > WHY_MAX)
		len = WHY_MAX;
	memcpy(msg + WIRE_HEADER_SIZE, why, len);
	memcpy(msg + WIRE_HEADER_SIZE + len, serves, sizeof(serves));
	hdr.len = (uint32_t)(len + sizeof(serves));
	wire_put_header(msg, &hdr);
	(void)!send(fd, msg, WIRE_HEADER_SIZE + hdr.len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}

void from_ox_tell_client(const struct handoff_fd *fds, size_t n,
			 const char *why)
{
	struct timespec pause = {0, LOOK_MS * 1000000};
	struct wire_header hdr;
	size_t i;
	int ms;

	for (ms = CLIENT_MS; ms > 0; ms -= LOOK_MS) {
		/* recv() fails for what is no socket */
		for (i = 0; i < n; i++) {
			if (!asks(fds[i].fd, &hdr))
				continue;
			reply(fds[i].fd, hdr, why);
			return;
		}
		nanosleep(&pause, NULL);
	}
}
