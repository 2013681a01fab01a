/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake: a fake daemon for one connection, with prepared replies.
 *
 *	fake SOCKET ANSWER...	each request gets the next one; the last one
 *				is repeated
 *
 *	=TEXT	a reply of the request's type with this text and a NUL
 *	!NAME	an ERROR reply
 *	cut	half a reply, then the connection closes
 *	close	no reply, and the connection closes
 *	silent	no reply
 *	odd	a reply of another type
 *	long	a reply that is longer than a message may be
 *	full	a reply of 4096 bytes without a NUL
 *
 * READ always gets ENOENT.  Every other request is printed as a line, with |
 * for NUL; "end" means that the client closed.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

static _Noreturn void wrong(const char *what)
{
	printf("%s (errno %d: %s)\n", what, errno, strerror(errno));
	exit(1);
}

static int wait_client(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client;
	size_t len = strlen(path);

	if (fd < 0 || len >= sizeof(addr.sun_path))
		wrong("cannot create a socket");
	memcpy(addr.sun_path, path, len + 1);
	unlink(path);
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 5))
		wrong("cannot listen on the socket");
	printf("ready\n");
	fflush(stdout);
	client = accept(fd, NULL, NULL);
	close(fd);
	return client;
}

/* 0 if the client closed. */
static int get_bytes(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			return 0;
		p += n;
		len -= (size_t)n;
	}
	return 1;
}

static void send_reply(int fd, const struct xsd_sockmsg *req, uint32_t type,
		       const void *data, size_t len, size_t cut)
{
	char msg[sizeof(*req) + 2 * XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg hdr = {type, req->req_id, req->tx_id, (uint32_t)len};

	memcpy(msg, &hdr, sizeof(hdr));
	memcpy(msg + sizeof(hdr), data, len);
	if (send(fd, msg, sizeof(hdr) + len - cut, MSG_NOSIGNAL) < 0)
		wrong("cannot send a reply");
}

/* 0 if this was the last answer. */
static int answer(int fd, const struct xsd_sockmsg *req, const char *how)
{
	static char bytes[2 * XENSTORE_PAYLOAD_MAX];

	memset(bytes, 'y', sizeof(bytes));
	if (*how == '=')
		send_reply(fd, req, req->type, how + 1, strlen(how), 0);
	else if (*how == '!')
		send_reply(fd, req, XS_ERROR, how + 1, strlen(how), 0);
	else if (!strcmp(how, "cut"))
		send_reply(fd, req, req->type, bytes, 100, 50);
	else if (!strcmp(how, "odd"))
		send_reply(fd, req, XS_WRITE, bytes, 3, 0);
	else if (!strcmp(how, "long"))
		send_reply(fd, req, req->type, bytes, XENSTORE_PAYLOAD_MAX + 1,
			   0);
	else if (!strcmp(how, "full"))
		send_reply(fd, req, req->type, bytes, XENSTORE_PAYLOAD_MAX, 0);
	return strcmp(how, "cut") && strcmp(how, "close");
}

static void print_request(const char *body, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		putchar(body[i] ? body[i] : '|');
	putchar('\n');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char body[XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg hdr;
	int fd, next = 2;

	if (argc < 3) {
		fprintf(stderr, "usage: fake SOCKET ANSWER...\n");
		return 2;
	}
	fd = wait_client(argv[1]);
	if (fd < 0)
		wrong("cannot accept a client");
	while (get_bytes(fd, &hdr, sizeof(hdr))) {
		if (hdr.len > sizeof(body) || !get_bytes(fd, body, hdr.len))
			wrong("a request is too long or cut off");
		if (hdr.type == XS_READ) {
			answer(fd, &hdr, "!ENOENT");
			continue;
		}
		print_request(body, hdr.len);
		if (!answer(fd, &hdr, argv[next]))
			return 0;
		if (next + 1 < argc)
			next++;
	}
	printf("end\n");
	return 0;
}
