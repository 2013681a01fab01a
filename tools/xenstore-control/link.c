/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: see link.h. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"

#define RUNDIR_DEFAULT "/var/run/xenstored"
#define DEVICE	       "/dev/xen/xenbus"
#define DEVICE_OLD     "/proc/xen/xenbus"

uint64_t link_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- finding the daemon ---- */

static int open_socket(const char *path, int *ret_fd)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd, rc;

	if (len >= sizeof(addr.sun_path))
		return ENAMETOOLONG;
	memcpy(addr.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr))) {
		rc = errno;
		close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}

static int open_path(const char *path, int *ret_fd)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (S_ISSOCK(st.st_mode))
		return open_socket(path, ret_fd);
	*ret_fd = open(path, O_RDWR | O_CLOEXEC);
	return *ret_fd < 0 ? errno : 0;
}

static int try_path(struct link *l, const char *path, struct err *err)
{
	int rc = open_path(path, &l->fd);
	size_t n = strlen(err->text);

	if (rc)
		snprintf(err->text + n, sizeof(err->text) - n, "%s%s: %s%s",
			 n ? "\n" : "", path, strerror(rc),
			 rc == ECONNREFUSED ? " (no xenstored serves it)" : "");
	return rc;
}

int link_open(struct link *l, struct err *err)
{
	const char *path = getenv("XENSTORED_PATH");
	const char *dir = getenv("XENSTORED_RUNDIR");
	char *buf;
	int rc;

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	err->text[0] = '\0';
	if (path && *path) {
		err->code = try_path(l, path, err);
		return err->code;
	}
	if (asprintf(&buf, "%s/socket", dir && *dir ? dir : RUNDIR_DEFAULT) < 0)
		return err->code = ENOMEM;
	rc = try_path(l, buf, err);
	free(buf);
	if (rc)
		rc = try_path(l, access(DEVICE, F_OK) ? DEVICE_OLD : DEVICE,
			      err);
	err->code = rc;
	return rc;
}

int link_open_or_print(struct link *l)
{
	struct err err;
	int rc = link_open(l, &err);

	if (rc)
		fprintf(stderr, "Failed to contact Xenstored.\n%s\n", err.text);
	return rc;
}

void link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* ---- messages ---- */

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int link_send(struct link *l, uint32_t type, const char *const *strings, int n)
{
	uint8_t msg[WIRE_HEADER_SIZE + WIRE_PAYLOAD_MAX];
	struct wire_header hdr = {.type = type, .req_id = l->req_id + 1};
	size_t len;
	int i;

	for (i = 0; i < n; i++) {
		len = strlen(strings[i]) + 1;
		if (len > WIRE_PAYLOAD_MAX - hdr.len)
			return E2BIG;
		memcpy(msg + WIRE_HEADER_SIZE + hdr.len, strings[i], len);
		hdr.len += (uint32_t)len;
	}
	wire_put_header(msg, &hdr);
	l->type = type;
	l->req_id = hdr.req_id;
	l->have = 0;
	/* in one write: the device does not take part of a header */
	return write_all(l->fd, msg, WIRE_HEADER_SIZE + hdr.len);
}

/* Waits for input until until_ms.  Returns 0, ETIMEDOUT or EINTR. */
static int wait_readable(int fd, uint64_t until_ms, const sigset_t *mask)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	uint64_t now = link_now_ms();
	uint64_t left = until_ms > now ? until_ms - now : 0;
	struct timespec ts = {(time_t)(left / 1000),
			      (long)(left % 1000) * 1000000};
	int n = ppoll(&pfd, 1, until_ms == LINK_FOREVER ? NULL : &ts, mask);

	if (n < 0)
		return errno;
	return n ? 0 : ETIMEDOUT;
}

/* Reads until there are want bytes of the reply. */
static int fill(struct link *l, size_t want, uint64_t until_ms,
		const sigset_t *mask)
{
	ssize_t n;
	int rc;

	while (l->have < want) {
		rc = wait_readable(l->fd, until_ms, mask);
		if (rc)
			return rc;
		n = read(l->fd, l->in + l->have, want - l->have);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return errno;
		if (!n)
			return ECONNRESET;
		l->have += (size_t)n;
	}
	return 0;
}

static int check_reply(const struct link *l, const struct wire_header *hdr)
{
	if (hdr->type != l->type && hdr->type != WIRE_ERROR)
		return EPROTO;
	return hdr->req_id == l->req_id ? 0 : EPROTO;
}

int link_receive(struct link *l, uint64_t until_ms, const sigset_t *mask,
		 struct reply *ret)
{
	struct wire_header hdr;
	int rc;

	do {
		rc = fill(l, WIRE_HEADER_SIZE, until_ms, mask);
		if (rc)
			return rc;
		wire_get_header(l->in, &hdr);
		if (hdr.len > WIRE_PAYLOAD_MAX)
			return EPROTO;
		rc = fill(l, WIRE_HEADER_SIZE + hdr.len, until_ms, mask);
		if (rc)
			return rc;
		l->have = 0;
		/* the device also delivers watch events */
	} while (hdr.type == WIRE_WATCH_EVENT);
	rc = check_reply(l, &hdr);
	if (rc)
		return rc;
	escape(ret->text, sizeof(ret->text), l->in + WIRE_HEADER_SIZE,
	       strnlen((const char *)l->in + WIRE_HEADER_SIZE, hdr.len),
	       ESCAPE_TEXT);
	ret->error = hdr.type == WIRE_ERROR ? wire_error_code(ret->text) : 0;
	return 0;
}

int link_command(struct link *l, const char *const *words, int n,
		 uint64_t wait_ms, const sigset_t *mask, struct reply *ret)
{
	int rc = link_send(l, WIRE_CONTROL, words, n);

	return rc ? rc : link_receive(l, link_now_ms() + wait_ms, mask, ret);
}

const char *link_strerror(int code)
{
	switch (code) {
	case ETIMEDOUT:
		return "xenstored does not answer";
	case ECONNRESET:
	case EPIPE:
		return "xenstored closed the connection before its answer was "
		       "complete";
	case EPROTO:
		return "xenstored sent something that is not an answer";
	case E2BIG:
		return "the command is too long for a message";
	default:
		return strerror(code);
	}
}
