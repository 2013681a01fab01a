// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script-host: clock, sockets and polling of a host in memory; see
 * script-host.h. Domains are in script-xen.c.
 */
#include "script-host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define MAX_EVENT_SCAN (SH_SOCKS + 4)
#define SH_CLOCK_MS    1000000u
#define SH_EPOCH_MS    1767225600000u
#define SH_PID	       1000

void sh_bytes_put(const void *ctx, struct sh_bytes *b, const void *p, size_t n)
{
	size_t size = b->p ? talloc_get_size(b->p) : 0;

	if (!n)
		return;
	if (b->len + n > size) {
		size = b->len + n > 2 * size ? b->len + n : 2 * size;
		b->p = talloc_realloc_size(ctx, b->p, size);
	}
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

size_t sh_bytes_take(struct sh_bytes *b, void *p, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (!n)
		return 0;
	if (p)
		memcpy(p, b->p, n);
	memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
	return n;
}

/* splitmix64 */
uint64_t sh_random(struct script_host *h)
{
	uint64_t z = h->seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t op_now(struct host *h)
{
	return to_script(h)->clock_ms;
}

static uint64_t op_now_us(struct host *h)
{
	return op_now(h) * 1000;
}

/* The time at the start of a story is the beginning of 2026, in UTC. */
static uint64_t op_wall(struct host *h)
{
	return SH_EPOCH_MS + op_now(h) - SH_CLOCK_MS;
}

static int op_random(struct host *h, void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len--)
		*p++ = (uint8_t)sh_random(to_script(h));
	return 0;
}

/* ---- descriptors ---- */

static struct sh_sock *find_sock(struct host *h, int fd)
{
	if (fd < SH_FIRST_SOCK || fd >= SH_FIRST_SOCK + SH_SOCKS)
		return NULL;
	return sh_sock(to_script(h), fd);
}

static int op_poll_add(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	struct sh_sock *s = find_sock(h, fd);

	if (fd == SH_RW_FD || fd == SH_RO_FD) {
		to_script(h)->listening[0][fd - SH_RW_FD] =
			(struct sh_poll){true, what, tag};
		return 0;
	}
	if (!s || !s->daemon_open)
		return EBADF;
	if (s->poll[0].on)
		return EEXIST;
	s->poll[0] = (struct sh_poll){true, what, tag};
	return 0;
}

static int op_poll_set(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	struct sh_sock *s = find_sock(h, fd);

	if (fd == SH_RW_FD || fd == SH_RO_FD) {
		to_script(h)->listening[0][fd - SH_RW_FD].on = what;
		return 0;
	}
	if (!s || !s->poll[0].on)
		return ENOENT;
	s->poll[0] = (struct sh_poll){true, what, tag};
	return 0;
}

static void op_poll_del(struct host *h, int fd)
{
	struct sh_sock *s = find_sock(h, fd);

	if (s)
		s->poll[0].on = false;
}

static int next_caller(const struct script_host *h, bool read_only)
{
	int i;

	for (i = 0; i < SH_SOCKS; i++)
		if (h->sock[i] && !h->sock[i]->accepted &&
		    h->sock[i]->read_only == read_only)
			return SH_FIRST_SOCK + i;
	return -1;
}

static uint32_t sock_events(const struct sh_sock *s)
{
	uint32_t what = 0;

	if (s->to_daemon.len || !s->peer_open)
		what |= HOST_IN & s->poll[0].what;
	if (s->room || !s->peer_open)
		what |= HOST_OUT & s->poll[0].what;
	if (!s->peer_open)
		what |= HOST_HUP;
	return what;
}

static void add_event(struct host_event *ev, size_t max, size_t *n,
		      uint64_t tag, uint32_t what)
{
	if (*n < max)
		ev[(*n)++] = (struct host_event){tag, what};
}

/* Never blocks: the test decides when something happens. */
static int op_wait(struct host *host, struct host_event *ev, size_t max,
		   int64_t timeout_us, size_t *ret_n)
{
	struct script_host *h = to_script(host);
	size_t n = 0;
	int i;

	(void)timeout_us;
	if (!h->beside.stuck)
		h->beside.waits = 0;
	if (sh_port_ready(h))
		add_event(ev, max, &n, HOST_TAG_EVTCHN, HOST_IN);
	for (i = 0; i < 2; i++)
		if (h->listening[0][i].on && next_caller(h, i) >= 0)
			add_event(ev, max, &n, h->listening[0][i].tag, HOST_IN);
	if (h->update_tag)
		add_event(ev, max, &n, h->update_tag, HOST_IN);
	if (h->beside.tag && h->beside.asked && !h->beside.stuck)
		add_event(ev, max, &n, h->beside.tag, HOST_IN);
	for (i = 0; i < SH_SOCKS; i++) {
		const struct sh_sock *s = h->sock[i];
		uint32_t what = s && s->poll[0].on ? sock_events(s) : 0;

		if (what)
			add_event(ev, max, &n, s->poll[0].tag, what);
	}
	*ret_n = n;
	return 0;
}

bool sh_busy(struct script_host *h)
{
	struct host_event ev[1];
	size_t n;

	return !op_wait(&h->host, ev, 1, 0, &n) && n;
}

static int op_accept(struct host *h, int listen_fd, int *ret_fd)
{
	int fd = next_caller(to_script(h), listen_fd == SH_RO_FD);

	if (fd < 0)
		return EAGAIN;
	sh_sock(to_script(h), fd)->accepted = true;
	sh_sock(to_script(h), fd)->daemon_open = true;
	to_script(h)->did.accepts++;
	*ret_fd = fd;
	return 0;
}

static int op_read(struct host *h, int fd, void *buf, size_t len, size_t *ret_n)
{
	struct sh_sock *s = find_sock(h, fd);

	if (!s || !s->daemon_open)
		return EBADF;
	to_script(h)->did.reads++;
	*ret_n = sh_bytes_take(&s->to_daemon, buf, len);
	return *ret_n || !s->peer_open ? 0 : EAGAIN;
}

static int op_peek(struct host *h, int fd, void *buf, size_t len, size_t *ret_n)
{
	struct sh_sock *s = find_sock(h, fd);

	if (!s || !s->daemon_open)
		return EBADF;
	*ret_n = s->to_daemon.len < len ? s->to_daemon.len : len;
	memcpy(buf, s->to_daemon.p, *ret_n);
	return *ret_n || !s->peer_open ? 0 : EAGAIN;
}

static int op_writev(struct host *h, int fd, const struct iovec *iov, int n,
		     size_t *ret_n)
{
	struct sh_sock *s = find_sock(h, fd);
	size_t done = 0;
	int i;

	if (!s || !s->daemon_open)
		return EBADF;
	if (!s->peer_open)
		return EPIPE;
	for (i = 0; i < n; i++) {
		size_t len = iov[i].iov_len;

		if (len > s->room)
			len = s->room;
		sh_bytes_put(s, &s->to_peer, iov[i].iov_base, len);
		if (s->room != SH_NO_LIMIT)
			s->room -= len;
		done += len;
	}
	if (!done)
		return EAGAIN;
	to_script(h)->did.writes++;
	to_script(h)->did.bytes += done;
	*ret_n = done;
	return 0;
}

static void op_close(struct host *h, int fd)
{
	struct sh_sock *s = find_sock(h, fd);

	if (!s || !s->daemon_open)
		return;
	s->poll[0].on = false;
	if (to_script(h)->second)
		return; /* its own descriptor of the same socket */
	to_script(h)->did.closes++;
	s->daemon_open = false;
}

static int op_peer(struct host *h, int fd, int32_t *ret_pid, char *name,
		   size_t size)
{
	const struct sh_sock *s = find_sock(h, fd);

	if (!s)
		return EBADF;
	*ret_pid = SH_PID + fd;
	snprintf(name, size, "%s", s->program);
	return 0;
}

/* ---- the client's side ---- */

int sh_connect(struct script_host *h, bool read_only)
{
	int i;

	for (i = 0; i < SH_SOCKS; i++)
		if (!h->sock[i])
			break;
	if (i == SH_SOCKS)
		return -1;
	h->sock[i] = talloc_zero(h, struct sh_sock);
	h->sock[i]->read_only = read_only;
	h->sock[i]->peer_open = true;
	h->sock[i]->room = SH_NO_LIMIT;
	return SH_FIRST_SOCK + i;
}

static struct host_ops ops = {
	.now_ms = op_now,
	.now_us = op_now_us,
	.wall_ms = op_wall,
	.random = op_random,
	.poll_add = op_poll_add,
	.poll_set = op_poll_set,
	.poll_del = op_poll_del,
	.wait = op_wait,
	.accept = op_accept,
	.read = op_read,
	.peek = op_peek,
	.writev = op_writev,
	.close = op_close,
	.peer = op_peer,
};

struct script_host *sh_new(const void *ctx, uint64_t seed)
{
	struct script_host *h = talloc_zero(ctx, struct script_host);

	script_xen_ops(&ops);
	script_beside_ops(&ops);
	h->host.ops = &ops;
	h->seed = seed;
	h->clock_ms = SH_CLOCK_MS;
	h->next_handle = 1;
	return h;
}

static void copy_bytes(const void *ctx, struct sh_bytes *b)
{
	const uint8_t *from = b->p;
	size_t n = b->len;

	b->p = NULL;
	b->len = 0;
	sh_bytes_put(ctx, b, from, n);
}

struct script_host *sh_clone(const void *ctx, const struct script_host *h)
{
	struct script_host *c = talloc_memdup(ctx, h, sizeof(*h));
	int i;

	c->update_exec = NULL;
	c->beside = (struct sh_beside){0};
	copy_bytes(c, &c->update_image);
	for (i = 0; i < SH_SOCKS; i++) {
		if (!c->sock[i])
			continue;
		c->sock[i] = talloc_memdup(c, c->sock[i], sizeof(*c->sock[i]));
		copy_bytes(c->sock[i], &c->sock[i]->to_daemon);
		copy_bytes(c->sock[i], &c->sock[i]->to_peer);
	}
	for (i = 0; i < SH_DOMAINS; i++) {
		struct sh_domain *d = c->domain[i];

		if (!d)
			continue;
		c->domain[i] = d = talloc_memdup(c, d, sizeof(*d));
		d->page = talloc_memdup(d, d->page, sizeof(*d->page));
	}
	return c;
}
