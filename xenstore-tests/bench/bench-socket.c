/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-socket: see bench-socket.h. */
#include "bench-socket.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int open_socket(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		die("%s: path too long", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("%s: %s", path, strerror(errno));
	return fd;
}

void read_all(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			die("the daemon closed the connection");
		p += n;
		len -= (size_t)n;
	}
}

void write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n <= 0)
			die("the daemon closed the connection");
		p += n;
		len -= (size_t)n;
	}
}

size_t put(char *buf, uint32_t type, uint32_t tx, const void *body, size_t len)
{
	struct xsd_sockmsg hdr = {
		.type = type, .tx_id = tx, .len = (uint32_t)len};

	memcpy(buf, &hdr, sizeof(hdr));
	memcpy(buf + sizeof(hdr), body, len);
	return sizeof(hdr) + len;
}

size_t get_any(int fd, char *body, uint32_t *ret_type)
{
	struct xsd_sockmsg hdr;

	do {
		read_all(fd, &hdr, sizeof(hdr));
		if (hdr.len > XENSTORE_PAYLOAD_MAX)
			die("a reply of %u bytes is too long", hdr.len);
		read_all(fd, body, hdr.len);
	} while (hdr.type == XS_WATCH_EVENT);
	*ret_type = hdr.type;
	return hdr.len;
}

size_t get(int fd, uint32_t type, char *body)
{
	uint32_t got;
	size_t len = get_any(fd, body, &got);

	if (got != type)
		die("request type %u, reply type %u %.*s", type, got, (int)len,
		    body);
	return len;
}

size_t ask(int fd, uint32_t type, uint32_t tx, const void *body, size_t len,
	   char *answer)
{
	char buf[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];

	write_all(fd, buf, put(buf, type, tx, body, len));
	return get(fd, type, answer);
}
