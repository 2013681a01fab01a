/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: see link.h. */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000u + (uint64_t)ts.tv_nsec / 1000000u;
}

void finding(struct tally *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->text, sizeof(t->text), fmt, args);
	va_end(args);
	__atomic_store_n(&t->failed, 1, __ATOMIC_RELEASE);
	printf("load: FINDING %s: %s\n", t->name, t->text);
	fflush(stdout);
	_exit(1);
}

void link_open(struct link *l, const char *path, struct tally *t)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	memset(l, 0, sizeof(*l));
	l->tally = t;
	l->device = !strcmp(path, LINK_DEVICE);
	if (l->device) {
		l->fd = open(path, O_RDWR | O_CLOEXEC);
		if (l->fd < 0)
			finding(t, "%s: %s", path, strerror(errno));
		return;
	}
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (l->fd < 0 ||
	    connect(l->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		finding(t, "%s: %s", path, strerror(errno));
}

static void put_all(struct link *l, const void *p, size_t len)
{
	const char *at = p;
	ssize_t n;

	while (len) {
		n = write(l->fd, at, len);
		if (n <= 0)
			finding(l->tally, "cannot send: %s", strerror(errno));
		at += n;
		len -= (size_t)n;
	}
}

static void get_all(struct link *l, void *p, size_t len)
{
	char *at = p;
	ssize_t n;

	while (len) {
		n = read(l->fd, at, len);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0)
			finding(l->tally, "cannot receive: %s",
				n ? strerror(errno) : "closed");
		at += n;
		len -= (size_t)n;
	}
}

static void keep_event(struct link *l, const char *payload, size_t len)
{
	unsigned int at = (l->first_event + l->nevents) % LINK_EVENTS;
	size_t n = strnlen(payload, len);

	if (n >= LINK_PATH || n + 1 >= len || payload[len - 1])
		finding(l->tally, "an event without path and token");
	if (l->nevents == LINK_EVENTS)
		finding(l->tally, "too many events");
	snprintf(l->events[at].path, LINK_PATH, "%s", payload);
	snprintf(l->events[at].token, LINK_PATH, "%s", payload + n + 1);
	l->nevents++;
	l->tally->events++;
}

/*
 * Receives one message; events are kept. @payload has room for the longest and
 * a NUL.
 */
static void receive(struct link *l, struct xsd_sockmsg *hdr, char *payload)
{
	get_all(l, hdr, sizeof(*hdr));
	if (hdr->len > XENSTORE_PAYLOAD_MAX)
		finding(l->tally, "a message of %u bytes is too long",
			hdr->len);
	get_all(l, payload, hdr->len);
	payload[hdr->len] = '\0';
	if (hdr->type == XS_WATCH_EVENT)
		keep_event(l, payload, hdr->len);
}

static int errno_of(struct link *l, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (!strcmp(xsd_errors[i].errstring, name))
			return xsd_errors[i].errnum;
	finding(l->tally, "an unknown error name: %.40s", name);
}

int link_ask(struct link *l, uint32_t type, uint32_t tx, const void *payload,
	     size_t len, char *reply, size_t *ret_len)
{
	static char message[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	static char answer[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg hdr = {type, ++l->req_id, tx, (uint32_t)len}, got;
	/* the kernel itself replies to these, without an id */
	bool no_id = l->device && (type == XS_WATCH || type == XS_UNWATCH);
	uint64_t begun = now_ms(), took;

	__atomic_store_n(&l->tally->since_ms, begun, __ATOMIC_RELAXED);
	memcpy(message, &hdr, sizeof(hdr));
	memcpy(message + sizeof(hdr), payload, len);
	put_all(l, message, sizeof(hdr) + len);
	do
		receive(l, &got, answer);
	while (got.type == XS_WATCH_EVENT);
	__atomic_store_n(&l->tally->since_ms, 0, __ATOMIC_RELAXED);
	took = now_ms() - begun;
	if (took > l->tally->gap_ms)
		l->tally->gap_ms = (uint32_t)took;
	l->tally->requests++;
	if (!no_id && got.req_id != hdr.req_id)
		finding(l->tally, "seen a reply to request %u, expected %u",
			got.req_id, hdr.req_id);
	if (got.type == XS_ERROR)
		return errno_of(l, answer);
	if (got.type != type)
		finding(l->tally, "seen a reply of type %u, expected %u",
			got.type, type);
	if (reply)
		memcpy(reply, answer, got.len + 1);
	if (ret_len)
		*ret_len = got.len;
	return 0;
}

bool link_event(struct link *l, bool wait, char *path, char *token)
{
	static char payload[XENSTORE_PAYLOAD_MAX + 1];
	struct pollfd pfd = {.fd = l->fd, .events = POLLIN};
	struct xsd_sockmsg hdr;

	while (!l->nevents) {
		if (!wait && poll(&pfd, 1, 0) != 1)
			return false;
		receive(l, &hdr, payload);
		if (hdr.type != XS_WATCH_EVENT)
			finding(l->tally, "a reply (%u) without a request",
				hdr.type);
	}
	snprintf(path, LINK_PATH, "%s", l->events[l->first_event].path);
	snprintf(token, LINK_PATH, "%s", l->events[l->first_event].token);
	l->first_event = (l->first_event + 1) % LINK_EVENTS;
	l->nevents--;
	return true;
}

int link_path(struct link *l, uint32_t type, uint32_t tx, const char *path,
	      char *reply, size_t *ret_len)
{
	return link_ask(l, type, tx, path, strlen(path) + 1, reply, ret_len);
}

int link_write(struct link *l, uint32_t tx, const char *path, const void *value,
	       size_t len)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t n = strlen(path) + 1;

	memcpy(payload, path, n);
	memcpy(payload + n, value, len);
	return link_ask(l, XS_WRITE, tx, payload, n + len, NULL, NULL);
}

int link_watch(struct link *l, uint32_t type, const char *path,
	       const char *token)
{
	char payload[2 * LINK_PATH];
	int n = snprintf(payload, sizeof(payload), "%s%c%s", path, '\0', token);

	return link_ask(l, type, 0, payload, (size_t)n + 1, NULL, NULL);
}
