/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raw: a client with a pause in the middle of its work, in which the test does
 * an update. There it prints "ready" and waits for a line or the end of its
 * standard input. Then it checks what it receives and exits with 0, or prints
 * what is wrong and exits with 1. Speaks the protocol itself, except for "tx".
 *
 *	half-header     sends 7 of the 16 bytes of a header, later the rest
 *	half-payload    sends a header and half of its payload, later the rest
 *	unread N        sends N reads, later reads their replies
 *	unread-events   fires a watch 100 times, later reads the events
 *	tx              libxenstore: a transaction started before, ended after
 *	tx-conflict     ... which must get EAGAIN for a write meanwhile
 *	ask FILE        starts a live update; later reads the reply
 *	twice FILE      ... on two connections at the same time
 *	request N WORD...  one request of type N without a pause; prints the reply
 *	left FILE       listens there, as a process that outlives a dead daemon
 *			may do, and exits when a client connects
 *	lock FILE       locks it as a daemon locks its pid file
 *	crowd N         N clients, more than the limit, each with a request;
 *			later each gets its reply and disconnects
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#include <xenstore.h>

#include "dial.h"

#define NODE "/tool/raw"

static char body[XENSTORE_PAYLOAD_MAX + 1];

/* The update happens here. */
static void pause_here(void)
{
	char line[80];

	printf("ready\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return;
}

static void put(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n <= 0)
			wrong("cannot send a request");
		p += n;
		len -= (size_t)n;
	}
}

static void get_bytes(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n <= 0)
			wrong("the connection ended before the reply");
		p += n;
		len -= (size_t)n;
	}
}

static size_t message(char *out, uint32_t type, uint32_t req_id,
		      const void *data, uint32_t len)
{
	struct xsd_sockmsg hdr = {type, req_id, 0, len};

	memcpy(out, &hdr, sizeof(hdr));
	memcpy(out + sizeof(hdr), data, len);
	return sizeof(hdr) + len;
}

static void ask(int fd, uint32_t type, uint32_t req_id, const void *data,
		uint32_t len)
{
	char msg[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];

	put(fd, msg, message(msg, type, req_id, data, len));
}

/* The next message; its payload is in body, followed by a NUL. */
static struct xsd_sockmsg get(int fd)
{
	struct xsd_sockmsg hdr;

	get_bytes(fd, &hdr, sizeof(hdr));
	if (hdr.len > XENSTORE_PAYLOAD_MAX)
		wrong("a reply is longer than a message");
	get_bytes(fd, body, hdr.len);
	body[hdr.len] = '\0';
	return hdr;
}

static void expect(int fd, uint32_t type, uint32_t req_id, const char *text)
{
	struct xsd_sockmsg hdr = get(fd);

	if (hdr.type == type && hdr.req_id == req_id && !strcmp(body, text))
		return;
	printf("seen type %u, req_id %u, \"%s\"; expected %u, %u, \"%s\"\n",
	       hdr.type, hdr.req_id, body, type, req_id, text);
	exit(1);
}

static int cut(size_t at)
{
	static const char data[] = NODE "/cut\0the whole of a value";
	char msg[sizeof(struct xsd_sockmsg) + sizeof(data)];
	size_t n = message(msg, XS_WRITE, 77, data, sizeof(data) - 1);
	int fd = dial();

	put(fd, msg, at);
	pause_here();
	put(fd, msg + at, n - at);
	expect(fd, XS_WRITE, 77, "OK");
	ask(fd, XS_READ, 78, NODE "/cut", sizeof(NODE "/cut"));
	expect(fd, XS_READ, 78, "the whole of a value");
	return 0;
}

static int unread(uint32_t n)
{
	static const char path[] = NODE "/big";
	static char value[2000 + sizeof(path)];
	int fd = dial();
	uint32_t i;

	memset(value, 'v', sizeof(value) - 1);
	memcpy(value, path, sizeof(path));
	ask(fd, XS_WRITE, 1, value, sizeof(value) - 1);
	expect(fd, XS_WRITE, 1, "OK");
	for (i = 0; i < n; i++)
		ask(fd, XS_READ, 1000 + i, path, sizeof(path));
	pause_here();
	for (i = 0; i < n; i++)
		expect(fd, XS_READ, 1000 + i, value + sizeof(path));
	ask(fd, XS_READ, 2, path, sizeof(path));
	expect(fd, XS_READ, 2, value + sizeof(path));
	return 0;
}

static int unread_events(void)
{
	static const char watch[] = NODE "/fires\0token";
	static const char set[] = NODE "/fires\0again";
	int fd = dial(), other = dial();
	uint32_t i;

	ask(fd, XS_WATCH, 1, watch, sizeof(watch));
	expect(fd, XS_WATCH, 1, "OK");
	expect(fd, XS_WATCH_EVENT, 0, NODE "/fires");
	for (i = 0; i < 100; i++) {
		ask(other, XS_WRITE, i, set, sizeof(set) - 1);
		expect(other, XS_WRITE, i, "OK");
	}
	pause_here();
	for (i = 0; i < 100; i++)
		expect(fd, XS_WATCH_EVENT, 0, NODE "/fires");
	ask(fd, XS_READ, 5, NODE "/fires", sizeof(NODE "/fires"));
	expect(fd, XS_READ, 5, "again");
	return 0;
}

static void must_read(struct xs_handle *h, xs_transaction_t t, const char *path,
		      const char *want)
{
	char *have = xs_read(h, t, path, NULL);

	if (!have || strcmp(have, want) != 0)
		wrong("a node has another value");
	free(have);
}

static int transaction(bool conflict)
{
	struct xs_handle *h = xs_open(0), *other = xs_open(0);
	xs_transaction_t t;
	bool ok;

	if (!h || !other || !xs_write(h, XBT_NULL, NODE "/in-tx", "old", 3))
		wrong("cannot connect or write");
	t = xs_transaction_start(h);
	if (t == XBT_NULL)
		wrong("cannot start a transaction");
	must_read(h, t, NODE "/in-tx", "old");
	if (!xs_write(h, t, NODE "/in-tx", "new", 3) ||
	    !xs_write(h, t, NODE "/in-tx/child", "born", 4))
		wrong("cannot write in the transaction");
	pause_here();
	must_read(h, t, NODE "/in-tx", "new");
	must_read(other, XBT_NULL, NODE "/in-tx", "old");
	if (!xs_write(h, t, NODE "/in-tx/child", "grown", 5))
		wrong("cannot write in the transaction");
	if (conflict && !xs_write(other, XBT_NULL, NODE "/in-tx", "third", 5))
		wrong("cannot write outside the transaction");
	ok = xs_transaction_end(h, t, false);
	if (conflict ? ok || errno != EAGAIN : !ok)
		wrong("the transaction ended with another result");
	must_read(other, XBT_NULL, NODE "/in-tx", conflict ? "third" : "new");
	if (conflict)
		return 0;
	must_read(other, XBT_NULL, NODE "/in-tx/child", "grown");
	return 0;
}

static void control(int fd, uint32_t req_id, const char *verb, const char *file)
{
	char data[1024];
	int n = snprintf(data, sizeof(data), "live-update%c%s%c%s", '\0', verb,
			 '\0', file ? file : "");

	ask(fd, XS_CONTROL, req_id, data, (uint32_t)n + (file ? 1 : 0));
}

static int live_update(const char *file)
{
	int fd = dial();

	control(fd, 1, "-f", file);
	expect(fd, XS_CONTROL, 1, "OK");
	control(fd, 2, "-s", NULL);
	pause_here();
	(void)get(fd);
	printf("%s\n", body);
	return 0;
}

static int twice(const char *file)
{
	int fd = dial(), second = dial();

	control(fd, 1, "-f", file);
	expect(fd, XS_CONTROL, 1, "OK");
	control(second, 1, "-f", file);
	expect(second, XS_CONTROL, 1, "live-update session already active.");
	control(second, 2, "-s", NULL);
	expect(second, XS_CONTROL, 2, "live-update session already active.");
	control(second, 3, "-a", NULL);
	expect(second, XS_CONTROL, 3, "live-update session already active.");
	control(fd, 2, "-s", NULL);
	pause_here();
	expect(fd, XS_CONTROL, 2, "OK");
	control(second, 4, "-f", file);
	expect(second, XS_CONTROL, 4, "OK");
	control(second, 5, "-a", NULL);
	expect(second, XS_CONTROL, 5, "OK");
	return 0;
}

static int request(char **argv)
{
	char data[XENSTORE_PAYLOAD_MAX];
	uint32_t type = (uint32_t)strtoul(*argv, NULL, 10), n = 0;
	int fd = dial();

	while (*++argv && n + strlen(*argv) < sizeof(data)) {
		memcpy(data + n, *argv, strlen(*argv) + 1);
		n += (uint32_t)strlen(*argv) + 1;
	}
	ask(fd, type, 1, data, n);
	(void)get(fd);
	printf("%s\n", body);
	return 0;
}

static int left(const char *file)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t child;

	if (fd < 0 || strlen(file) >= sizeof(addr.sun_path))
		wrong("cannot create a socket");
	memcpy(addr.sun_path, file, strlen(file) + 1);
	unlink(file);
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 5))
		wrong("cannot listen on the socket");
	child = fork();
	if (child < 0)
		wrong("cannot fork");
	if (!child) {
		alarm(60);
		(void)accept(fd, NULL, NULL);
	}
	return 0;
}

static int lock(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0 || lockf(fd, F_TLOCK, 0))
		wrong("cannot lock the file");
	pause_here();
	return 0;
}

/* The clients served first leave first, which makes room for the rest. */
static int crowd(uint32_t n)
{
	int *fds = calloc(n, sizeof(*fds));
	uint32_t i;

	if (!fds)
		wrong("out of memory");
	for (i = 0; i < n; i++) {
		fds[i] = dial();
		ask(fds[i], XS_READ, i, "/tool/xenstored", 16);
	}
	pause_here();
	for (i = 0; i < n; i++) {
		expect(fds[i], XS_READ, i, "");
		close(fds[i]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "",
		   *arg = argc > 2 ? argv[2] : "";

	if (!strcmp(what, "half-header"))
		return cut(7);
	if (!strcmp(what, "half-payload"))
		return cut(sizeof(struct xsd_sockmsg) + 20);
	if (!strcmp(what, "unread"))
		return unread((uint32_t)strtoul(arg, NULL, 10));
	if (!strcmp(what, "unread-events"))
		return unread_events();
	if (!strcmp(what, "tx"))
		return transaction(false);
	if (!strcmp(what, "tx-conflict"))
		return transaction(true);
	if (!strcmp(what, "ask"))
		return live_update(arg);
	if (!strcmp(what, "twice"))
		return twice(arg);
	if (!strcmp(what, "request") && *arg)
		return request(argv + 2);
	if (!strcmp(what, "left"))
		return left(arg);
	if (!strcmp(what, "lock"))
		return lock(arg);
	if (!strcmp(what, "crowd"))
		return crowd((uint32_t)strtoul(arg, NULL, 10));
	fprintf(stderr, "usage: raw STORY [ARGUMENT]\n");
	return 2;
}
