/* SPDX-License-Identifier: GPL-2.0-or-later */
/* still-host: see still-host.h. Called by the fuzzers and by unit tests. */
#include "still-host.h"

#include <errno.h>
#include <string.h>

#define DEATH_PORT 2u

static struct still_host *to_still(struct host *h)
{
	return (struct still_host *)(void *)h;
}

static uint64_t still_now(struct host *h)
{
	(void)h;
	return 100000;
}

static int still_random(struct host *h, void *buf, size_t len)
{
	(void)h;
	memset(buf, 3, len);
	return 0;
}

static int still_poll(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	(void)h;
	(void)fd;
	(void)what;
	(void)tag;
	return 0;
}

static int still_domain(struct host *h, uint16_t domid, struct host_domain *ret)
{
	if (!domid || domid != to_still(h)->domid)
		return ENOENT;
	*ret = (struct host_domain){.domid = domid, .handle_lo = 9};
	return 0;
}

static int still_domains(struct host *h, const struct domids *of,
			 uint16_t first, struct host_domain *ret, size_t max,
			 size_t *ret_n)
{
	uint16_t domid = to_still(h)->domid;

	if (!of)
		return ENOSYS;
	*ret_n = max && first <= domid && !still_domain(h, domid, ret);
	return 0;
}

static int still_map(struct host *h, uint16_t domid, void **ret_page)
{
	(void)domid;
	to_still(h)->mapped++;
	*ret_page = to_still(h)->page;
	return 0;
}

static void still_unmap(struct host *h, void *page)
{
	(void)page;
	to_still(h)->mapped--;
}

static int still_dom0(struct host *h, void **ret_page, uint32_t *ret_port)
{
	*ret_port = 1;
	return still_map(h, 0, ret_page);
}

static int still_bind(struct host *h, uint16_t domid, uint32_t remote,
		      uint32_t *ret_port)
{
	struct still_host *s = to_still(h);

	(void)domid;
	if (s->ports && remote > s->ports)
		return EINVAL;
	s->bound++;
	*ret_port = remote + 1;
	return 0;
}

static void still_unbind(struct host *h, uint32_t port)
{
	(void)port;
	to_still(h)->bound--;
}

static int still_far(struct host *h, uint32_t port, uint32_t *ret_remote)
{
	(void)h;
	*ret_remote = port - 1;
	return 0;
}

static int still_death(struct host *h, uint32_t *ret_port)
{
	(void)h;
	*ret_port = DEATH_PORT;
	return 0;
}

static void still_notify(struct host *h, uint32_t port)
{
	(void)h;
	(void)port;
}

static void still_own(struct host *h, int fd)
{
	(void)h;
	(void)fd;
}

static void still_handoff(struct host *h, int32_t *evtchn_fd, int32_t *epoll_fd)
{
	*evtchn_fd = to_still(h)->evtchn_fd ? to_still(h)->evtchn_fd : -1;
	*epoll_fd = -1;
}

/* A predecessor's event channels exist if the image says so. */
static int still_adopt(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
		       bool *ret_ports, bool *ret_polled, struct err *err)
{
	(void)h;
	(void)err;
	*ret_ports = evtchn_fd >= 0;
	*ret_polled = epoll_fd >= 0;
	return 0;
}

static const struct host_ops ops = {
	.now_ms = still_now,
	.now_us = still_now,
	.random = still_random,
	.poll_add = still_poll,
	.poll_set = still_poll,
	.domain = still_domain,
	.domains = still_domains,
	.ring_map = still_map,
	.ring_unmap = still_unmap,
	.dom0_ring = still_dom0,
	.evtchn_bind = still_bind,
	.evtchn_bind_death = still_death,
	.evtchn_far = still_far,
	.own_fd = still_own,
	.poll_del = still_own,
	.close = still_own,
	.evtchn_unbind = still_unbind,
	.evtchn_notify = still_notify,
	.update_handoff = still_handoff,
	.update_adopt = still_adopt,
};

void still_host_init(struct still_host *h)
{
	memset(h, 0, sizeof(*h));
	h->host.ops = &ops;
}
