/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-null: the host of a rehearsal; see host-xen.h.  What a restore calls
 * succeeds and does nothing; everything else answers ENOSYS.
 */
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

/* ---- what no restore calls ---- */

/* A function that takes these arguments and answers ENOSYS. */
#define REFUSES(name, ...)                                                     \
	static int name(struct host *h, __VA_ARGS__)                           \
	{                                                                      \
		return ENOSYS;                                                 \
	}
/* The same with a reason; its last argument is err. */
#define REFUSES_WHY(name, ...)                                                 \
	static int name(struct host *h, __VA_ARGS__, struct err *err)          \
	{                                                                      \
		return err_set(err, ENOSYS, "not in a rehearsal");             \
	}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

REFUSES(no_wait, struct host_event *ev, size_t max, int64_t timeout_us,
	size_t *ret_n)
REFUSES(no_accept, int listen_fd, int *ret_fd)
REFUSES(no_read, int fd, void *buf, size_t len, size_t *ret_n)
REFUSES(no_peek, int fd, void *buf, size_t len, size_t *ret_n)
REFUSES(no_writev, int fd, const struct iovec *iov, int n, size_t *ret_n)
REFUSES(no_peer, int fd, int32_t *ret_pid, char *name, size_t size)
REFUSES(no_port, uint32_t port, uint32_t *ret_remote)
REFUSES(no_pending, uint32_t *ret_port)
REFUSES(no_domain, uint16_t domid, struct host_domain *ret)
REFUSES(no_domains, const struct domids *of, uint16_t first_domid,
	struct host_domain *ret, size_t max, size_t *ret_n)
REFUSES(no_rehearsed, struct err *err)
REFUSES_WHY(no_dial, int listen_fd, int *ret_fd)
REFUSES_WHY(no_check, const char *binary, enum host_successor *ret_kind)
REFUSES_WHY(no_rehearse, const char *binary, const char *args,
	    int (*dump)(void *arg, int fd, struct err *err), void *arg,
	    uint64_t tag)
REFUSES_WHY(no_exec, const char *binary, const char *args, int image_fd,
	    const int *keep, size_t nkeep)
REFUSES_WHY(no_stock_exec, const char *binary, const char *args,
	    const int *keep, size_t nkeep, const struct host_back *back)
REFUSES_WHY(no_stock_file, const void *p, size_t len)
REFUSES_WHY(no_file_read, const char *path, void *ctx, uint64_t max,
	    uint8_t **ret_data, size_t *ret_len)
REFUSES_WHY(no_file_write, const char *path, const void *p, size_t len)
REFUSES_WHY(no_image, int *ret_fd)
REFUSES_WHY(no_image_write, int fd, const void *p, size_t len)

REFUSES_WHY(no_beside_start, const char *binary, const char *args, uint64_t tag)
REFUSES_WHY(no_beside_put, const void *data, size_t len, const int *fds,
	    size_t nfds)
REFUSES(no_beside_call, struct err *err)
REFUSES_WHY(no_beside_cut, const void *data, size_t len, const int *fds,
	    size_t nfds, uint32_t timeout_ms)

static bool no_beside_can(struct host *h)
{
	return false;
}

static size_t no_beside_backlog(struct host *h)
{
	return 0;
}

static void no_handoff(struct host *h, int32_t *ret_evtchn_fd,
		       int32_t *ret_epoll_fd)
{
	*ret_evtchn_fd = -1;
	*ret_epoll_fd = -1;
}

static void no_rehearse_stop(struct host *h)
{
}

#pragma GCC diagnostic pop

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
	.wait = no_wait,
	.accept = no_accept,
	.read = no_read,
	.peek = no_peek,
	.writev = no_writev,
	.peer = no_peer,
	.dial = no_dial,
	.own_fd = null_close,
	.evtchn_far = no_port,
	.evtchn_pending = no_pending,
	.domain = no_domain,
	.domains = no_domains,
	.update_handoff = no_handoff,
	.update_check = no_check,
	.update_rehearse = no_rehearse,
	.update_rehearsed = no_rehearsed,
	.update_rehearse_stop = no_rehearse_stop,
	.update_exec = no_exec,
	.beside_can = no_beside_can,
	.beside_start = no_beside_start,
	.beside_put = no_beside_put,
	.beside_ask = no_beside_call,
	.beside_backlog = no_beside_backlog,
	.beside_event = no_beside_call,
	.beside_cut = no_beside_cut,
	.beside_stop = no_rehearse_stop,
	.stock_file = no_stock_file,
	.stock_exec = no_stock_exec,
	.file_read = no_file_read,
	.file_write = no_file_write,
	.file_append = no_file_write,
	.update_image = no_image,
	.update_image_write = no_image_write,
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
