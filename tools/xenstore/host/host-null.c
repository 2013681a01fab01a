/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-null: the host of a rehearsal; see host-xen.h. */
#include <errno.h>
#include <stdlib.h>

#include "host/host-posix.h"
#include "host/host-xen.h"

struct null {
	struct posix posix;
	uint8_t page[4096]; /* stands for every ring */
};

static int null_poll(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	(void)h;
	(void)fd;
	(void)what;
	(void)tag;
	return 0;
}

static void null_close(struct host *h, int fd)
{
	(void)h;
	(void)fd;
}

static int null_bind(struct host *h, uint16_t domid, uint32_t remote,
		     uint32_t *ret_port)
{
	(void)h;
	(void)domid;
	*ret_port = remote;
	return 0;
}

static int null_bind_death(struct host *h, uint32_t *ret_port)
{
	(void)h;
	*ret_port = 1;
	return 0;
}

static void null_port(struct host *h, uint32_t port)
{
	(void)h;
	(void)port;
}

static int null_map(struct host *h, uint16_t domid, void **ret_page)
{
	(void)domid;
	*ret_page = ((struct null *)(void *)h)->page;
	return 0;
}

static void null_unmap(struct host *h, void *page)
{
	(void)h;
	(void)page;
}

static int null_dom0(struct host *h, void **ret_page, uint32_t *ret_port)
{
	*ret_port = 1;
	return null_map(h, 0, ret_page);
}

static int null_adopt(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
		      bool *ret_ports, bool *ret_polled, struct err *err)
{
	(void)h;
	(void)evtchn_fd;
	(void)epoll_fd;
	(void)err;
	*ret_ports = true;
	*ret_polled = true;
	return 0;
}

static const struct host_ops null_ops = {
	.now_ms = posix_now_ms,
	.now_us = posix_now_us,
	.wall_ms = posix_wall_ms,
	.random = posix_random,
	.poll_add = null_poll,
	.poll_set = null_poll,
	.poll_del = null_close,
	.close = null_close,
	.evtchn_bind = null_bind,
	.evtchn_bind_death = null_bind_death,
	.evtchn_unbind = null_port,
	.evtchn_notify = null_port,
	.evtchn_unmask = null_port,
	.ring_map = null_map,
	.ring_unmap = null_unmap,
	.dom0_ring = null_dom0,
	.update_adopt = null_adopt,
};

struct host *host_null_new(char **argv, struct err *err)
{
	struct null *n = calloc(1, sizeof(*n));

	(void)argv;
	if (!n) {
		err_set(err, ENOMEM, "no memory to start");
		return NULL;
	}
	n->posix.host.ops = &null_ops;
	return &n->posix.host;
}
