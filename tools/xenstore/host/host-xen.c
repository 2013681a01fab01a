/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-xen: see host-xen.h.  Only this file, host-probe.c and host-domains-*.c
 * include Xen's headers.
 */
#include "host/host-xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#include "base/fault.h"
#include "base/parse.h"
#include "host/host-domains.h"
#include "host/host-posix.h"
#include "host/host-process.h"

#define PAGE		    4096
#define GRANT_RING	    1  /* GNTTAB_RESERVED_XENSTORE */
#define EVTCHN_KEEP_ON_EXEC 0u /* no flag: close-on-exec, until the exec */

struct xen {
	struct posix posix;
	struct xendoms *domains;
	xengnttab_handle *gnttab;
	xenevtchn_handle *evtchn;
	void *dom0_page; /* not a grant: needs munmap() */
};

static struct xen *to_xen(struct host *h)
{
	return (struct xen *)(void *)h;
}

/* ---- event channels ---- */

static int xen_evtchn_bind(struct host *h, uint16_t domid, uint32_t remote,
			   uint32_t *ret_port)
{
	int port = xenevtchn_bind_interdomain(to_xen(h)->evtchn, domid, remote);

	if (port < 0)
		return errno;
	*ret_port = (uint32_t)port;
	return 0;
}

static int xen_evtchn_bind_death(struct host *h, uint32_t *ret_port)
{
	int port = xenevtchn_bind_virq(to_xen(h)->evtchn, VIRQ_DOM_EXC);

	if (port < 0)
		return errno;
	*ret_port = (uint32_t)port;
	return 0;
}

static void xen_evtchn_unbind(struct host *h, uint32_t port)
{
	xenevtchn_unbind(to_xen(h)->evtchn, port);
}

static void xen_evtchn_notify(struct host *h, uint32_t port)
{
	xenevtchn_notify(to_xen(h)->evtchn, port);
}

static void xen_evtchn_unmask(struct host *h, uint32_t port)
{
	xenevtchn_unmask(to_xen(h)->evtchn, port);
}

static int xen_evtchn_far(struct host *h, uint32_t port, uint32_t *ret_remote)
{
	return xendoms_far(to_xen(h)->domains, port, ret_remote);
}

static int xen_evtchn_pending(struct host *h, uint32_t *ret_port)
{
	int port = xenevtchn_pending(to_xen(h)->evtchn);

	if (port < 0)
		return errno ? errno : EAGAIN;
	*ret_port = (uint32_t)port;
	return 0;
}

/* ---- rings ---- */

static int xen_ring_map(struct host *h, uint16_t domid, void **ret_page)
{
	void *page = xengnttab_map_grant_ref(
		to_xen(h)->gnttab, domid, GRANT_RING, PROT_READ | PROT_WRITE);

	if (!page)
		return errno ? errno : EINVAL;
	*ret_page = page;
	return 0;
}

static void xen_ring_unmap(struct host *h, void *page)
{
	struct xen *x = to_xen(h);

	if (page == x->dom0_page) {
		munmap(page, PAGE);
		x->dom0_page = NULL;
		return;
	}
	xengnttab_unmap(x->gnttab, page, 1);
}

static int read_port(uint32_t *ret_port)
{
	char text[32];
	ssize_t n;
	int fd = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ENOENT;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0)
		return EIO;
	text[n] = '\0';
	return parse_u32(text, INT32_MAX, ret_port);
}

static int xen_dom0_ring(struct host *h, void **ret_page, uint32_t *ret_port)
{
	struct xen *x = to_xen(h);
	int rc = read_port(ret_port), fd;

	if (rc)
		return rc;
	fd = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno;
	x->dom0_page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rc = x->dom0_page == MAP_FAILED ? errno : 0;
	close(fd);
	if (rc) {
		x->dom0_page = NULL;
		return rc;
	}
	*ret_page = x->dom0_page;
	return 0;
}

/* ---- domains ---- */

static int xen_domain(struct host *h, uint16_t domid, struct host_domain *ret)
{
	return xendoms_one(to_xen(h)->domains, domid, ret);
}

static int xen_domains(struct host *h, const struct domids *of,
		       uint16_t first_domid, struct host_domain *ret,
		       size_t max, size_t *ret_n)
{
	return xendoms_list(to_xen(h)->domains, of, first_domid, ret, max,
			    ret_n);
}

/* ---- live update ---- */

static void xen_handoff(struct host *h, int32_t *ret_evtchn_fd,
			int32_t *ret_epoll_fd)
{
	struct xen *x = to_xen(h);

	*ret_evtchn_fd = x->evtchn ? xenevtchn_fd(x->evtchn) : -1;
	*ret_epoll_fd = x->posix.epoll_fd;
}

static int evtchn_open(struct xen *x, bool adopted, struct err *err)
{
	int fd, rc;

	x->evtchn = xenevtchn_open(NULL, EVTCHN_KEEP_ON_EXEC);
	if (!x->evtchn)
		return err_set(err, errno,
			       "cannot open event channels: %s; is this a Xen "
			       "host?",
			       strerror(errno));
	fd = xenevtchn_fd(x->evtchn);
	/* xenevtchn_pending() must not wait when there is none */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		return err_set(err, errno, "event channels: %s",
			       strerror(errno));
	rc = adopted ? 0
		     : posix_poll_add(&x->posix.host, fd, HOST_IN,
				      HOST_TAG_EVTCHN);
	if (rc)
		return err_set(err, rc, "event channels: %s", strerror(rc));
	return 0;
}

static int xen_adopt(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
		     bool *ret_ports, bool *ret_polled, struct err *err)
{
	struct xen *x = to_xen(h);
	int rc = posix_poll_init(&x->posix, epoll_fd, err);

	if (!rc && fault("restore-adopt"))
		rc = err_set(err, EBADF, "made to fail to adopt");
	if (rc)
		return rc;
	*ret_polled = epoll_fd >= 0;
	*ret_ports = evtchn_fd >= 0;
	if (evtchn_fd < 0)
		return evtchn_open(x, false, err);
	x->evtchn = xenevtchn_fdopen(NULL, evtchn_fd, 0);
	if (!x->evtchn)
		return err_set(err, errno,
			       "event channel descriptor %d cannot be taken "
			       "over: %s",
			       evtchn_fd, strerror(errno));
	if (!*ret_polled) {
		/*
		 * From a stock daemon.  One of ours has set O_NONBLOCK, and must
		 * stay open over an exec that returns to the old binary.
		 */
		posix_own_fd(h, evtchn_fd);
		rc = posix_poll_add(h, evtchn_fd, HOST_IN, HOST_TAG_EVTCHN);
		if (rc)
			return err_set(err, rc, "event channels: %s",
				       strerror(rc));
	}
	return 0;
}

/*
 * The device is kept over an exec, but this process must be the only one that
 * passes it on: a second descriptor would keep the ports bound for ever.
 */
static int xen_beside_start(struct host *h, const char *binary,
			    const char *args, uint64_t tag, struct err *err)
{
	int fd = xenevtchn_fd(to_xen(h)->evtchn), flags = fcntl(fd, F_GETFD);
	int rc;

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	rc = posix_beside_start(h, binary, args, tag, err);
	if (flags >= 0)
		(void)fcntl(fd, F_SETFD, flags);
	return rc;
}

static int xen_exec(struct host *h, const char *binary, const char *args,
		    int image_fd, const int *keep, size_t nkeep,
		    struct err *err)
{
	struct xen *x = to_xen(h);
	int fd = xenevtchn_fd(x->evtchn);
	int rc;

	if (fcntl(fd, F_SETFD, 0))
		return err_set(err, errno, "event channels: %s",
			       strerror(errno));
	rc = posix_exec(&x->posix, binary, args, image_fd, keep, nkeep, err);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return rc;
}

static int xen_exec_stock(struct host *h, const char *binary, const char *args,
			  const int *keep, size_t nkeep,
			  const struct host_back *back, struct err *err)
{
	struct xen *x = to_xen(h);

	return stock_exec(&x->posix, binary, args, xenevtchn_fd(x->evtchn),
			  keep, nkeep, back, err);
}

static const struct host_ops xen_ops = {
	.now_ms = posix_now_ms,
	.now_us = posix_now_us,
	.wall_ms = posix_wall_ms,
	.random = posix_random,
	.poll_add = posix_poll_add,
	.poll_set = posix_poll_set,
	.poll_del = posix_poll_del,
	.wait = posix_wait,
	.accept = posix_accept,
	.read = posix_read,
	.peek = posix_peek,
	.writev = posix_writev,
	.peer = posix_peer,
	.close = posix_close_fd,
	.dial = posix_dial,
	.own_fd = posix_own_fd,
	.evtchn_bind = xen_evtchn_bind,
	.evtchn_bind_death = xen_evtchn_bind_death,
	.evtchn_unbind = xen_evtchn_unbind,
	.evtchn_notify = xen_evtchn_notify,
	.evtchn_unmask = xen_evtchn_unmask,
	.evtchn_far = xen_evtchn_far,
	.evtchn_pending = xen_evtchn_pending,
	.ring_map = xen_ring_map,
	.ring_unmap = xen_ring_unmap,
	.dom0_ring = xen_dom0_ring,
	.domain = xen_domain,
	.domains = xen_domains,
	.update_handoff = xen_handoff,
	.update_adopt = xen_adopt,
	.update_check = posix_binary_check,
	.update_rehearse = posix_rehearse,
	.update_rehearsed = posix_rehearsed,
	.update_rehearse_stop = posix_rehearse_stop,
	.update_exec = xen_exec,
	.beside_can = posix_beside_can,
	.beside_start = xen_beside_start,
	.beside_put = posix_beside_put,
	.beside_ask = posix_beside_ask,
	.beside_backlog = posix_beside_backlog,
	.beside_event = posix_beside_event,
	.beside_cut = posix_beside_cut,
	.beside_stop = posix_beside_stop,
	.stock_file = posix_stock_file,
	.stock_exec = xen_exec_stock,
	.file_read = posix_file_read,
	.file_write = posix_file_write,
	.file_append = posix_file_append,
	.update_image = posix_image,
	.update_image_write = posix_image_write,
};

struct host *host_xen_new(char **argv, struct err *err)
{
	struct xen *x = calloc(1, sizeof(*x));

	if (!x) {
		err_set(err, ENOMEM, "no memory to start");
		return NULL;
	}
	x->posix.host.ops = &xen_ops;
	if (posix_init(&x->posix, argv, err))
		goto fail;
	x->domains = fault("restore-open") ? NULL : xendoms_open();
	x->gnttab = xengnttab_open(NULL, 0);
	if (x->domains && x->gnttab)
		return &x->posix.host;
	err_set(err, errno, "cannot open Xen's %s: %s; is this a Xen host?",
		x->domains ? "grant device" : "control interface",
		strerror(errno));
fail:
	if (x->domains)
		xendoms_close(x->domains);
	if (x->gnttab)
		xengnttab_close(x->gnttab);
	free(x);
	return NULL;
}

int host_xen_start(struct host *h, struct err *err)
{
	bool ports, polled;

	return xen_adopt(h, -1, -1, &ports, &polled, err);
}
