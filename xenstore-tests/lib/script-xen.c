// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * script-xen: domains, their pages and event channels, and live update, of a
 * host in memory; see script-host.h.
 *
 * As on Xen: a new interdomain binding starts pending. A port is masked from
 * its delivery until it is unmasked. An event to an unbound port is lost.
 * Closing dom0's end leaves the guest's end unbound, and it can be bound again.
 * A mapping outlives the grant and the domain.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/domids.h"
#include "script-host.h"

/* ---- domains ---- */

struct sh_domain *sh_domain_find(const struct script_host *h, uint16_t domid)
{
	int i;

	for (i = 0; i < SH_DOMAINS; i++)
		if (h->domain[i] && h->domain[i]->listed &&
		    h->domain[i]->domid == domid)
			return h->domain[i];
	return NULL;
}

struct sh_domain *sh_domain_new(struct script_host *h, uint16_t domid)
{
	struct sh_domain *d;
	int i;

	if (sh_domain_find(h, domid))
		return NULL;
	for (i = 0; i < SH_DOMAINS; i++)
		if (!h->domain[i])
			break;
	if (i == SH_DOMAINS)
		return NULL;
	h->domain[i] = d = talloc_zero(h, struct sh_domain);
	d->page = talloc_zero(d, struct sh_page);
	d->domid = domid;
	d->listed = true;
	d->handle_hi = 0x5c817;
	d->handle_lo = h->next_handle++;
	d->unique_id = 0x1d000 + d->handle_lo;
	d->port[SH_STORE_PORT].state = SH_UNBOUND;
	return d;
}

void sh_sweep(struct script_host *h)
{
	int i;

	for (i = 0; i < SH_DOMAINS; i++)
		if (h->domain[i] && !h->domain[i]->listed &&
		    !h->domain[i]->maps[0] && !h->domain[i]->maps[1])
			TALLOC_FREE(h->domain[i]);
}

void sh_domain_gone(struct script_host *h, struct sh_domain *dom)
{
	unsigned int i;

	for (i = 1; i < SH_PORTS; i++)
		if (h->port[i].state == SH_BOUND &&
		    h->port[i].domid == dom->domid)
			h->port[i].state = SH_UNBOUND;
	for (i = 0; i < SH_GUEST_PORTS; i++)
		dom->port[i].state = SH_CLOSED;
	dom->listed = false;
	sh_sweep(h);
}

/* The listed domain with the lowest number from first on. */
static const struct sh_domain *next_domain(const struct script_host *h,
					   uint16_t first)
{
	const struct sh_domain *best = NULL, *d;
	int i;

	for (i = 0; i < SH_DOMAINS; i++) {
		d = h->domain[i];
		if (d && d->listed && d->domid >= first &&
		    (!best || d->domid < best->domid))
			best = d;
	}
	return best;
}

static struct host_domain facts(const struct script_host *h,
				const struct sh_domain *d)
{
	struct host_domain now = {.domid = d->domid,
				  .shutdown = d->shutdown,
				  .dying = d->dying,
				  .paused = d->paused};

	if (h->manage) {
		now.unique_id = d->unique_id;
		now.control = d->control;
		now.store = d->store;
	} else {
		now.handle_hi = d->handle_hi;
		now.handle_lo = d->handle_lo;
	}
	return now;
}

static int op_domain(struct host *host, uint16_t domid, struct host_domain *ret)
{
	const struct script_host *h = to_script(host);
	const struct sh_domain *d = sh_domain_find(h, domid);

	if (!d)
		return ENOENT;
	*ret = facts(h, d);
	return 0;
}

/* Only the domains that are asked for, and all for NULL, as with libxenmanage. */
static int op_domains(struct host *host, const struct domids *of,
		      uint16_t first, struct host_domain *ret, size_t max,
		      size_t *ret_n)
{
	const struct script_host *h = to_script(host);
	const struct sh_domain *d;
	size_t n = 0;

	if (!of && !h->manage)
		return ENOSYS;
	while (n < max && (d = next_domain(h, first))) {
		if (!of || domids_has(of, d->domid))
			ret[n++] = facts(h, d);
		first = (uint16_t)(d->domid + 1);
	}
	*ret_n = n;
	return 0;
}

/* ---- rings ---- */

static int op_ring_map(struct host *host, uint16_t domid, void **ret_page)
{
	struct script_host *h = to_script(host);
	struct sh_domain *d = sh_domain_find(h, domid);

	if (!d)
		return ESRCH;
	if (d->revoked || d->dying)
		return EINVAL;
	d->maps[0]++;
	h->did.maps++;
	*ret_page = d->page;
	return 0;
}

static void op_ring_unmap(struct host *host, void *page)
{
	struct script_host *h = to_script(host);
	int i;

	h->did.unmaps++;
	for (i = 0; i < SH_DOMAINS; i++)
		if (h->domain[i] && h->domain[i]->page == page &&
		    h->domain[i]->maps[0])
			h->domain[i]->maps[0]--;
	sh_sweep(h);
}

static int op_dom0_ring(struct host *host, void **ret_page, uint32_t *ret_port)
{
	struct script_host *h = to_script(host);

	if (!h->dom0_ring)
		return ENOENT;
	*ret_port = SH_STORE_PORT;
	return op_ring_map(host, h->own, ret_page);
}

unsigned int sh_mapped(const struct script_host *h)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < SH_DOMAINS; i++)
		n += h->domain[i] ? h->domain[i]->maps[0] : 0;
	return n;
}

/* ---- event channels ---- */

unsigned int sh_bound(const struct script_host *h)
{
	unsigned int n = 0, i;

	for (i = 1; i < SH_PORTS; i++)
		n += h->port[i].state != SH_CLOSED;
	return n;
}

static struct sh_port *new_port(struct script_host *h, uint32_t *ret_port)
{
	uint32_t i;

	for (i = 1; i < SH_PORTS; i++)
		if (h->port[i].state == SH_CLOSED) {
			memset(&h->port[i], 0, sizeof(h->port[i]));
			*ret_port = i;
			return &h->port[i];
		}
	return NULL;
}

static int op_bind(struct host *host, uint16_t domid, uint32_t remote,
		   uint32_t *ret_port)
{
	struct script_host *h = to_script(host);
	struct sh_domain *d = sh_domain_find(h, domid);
	struct sh_port *p;

	if (!d || d->dying)
		return ESRCH;
	if (remote >= SH_GUEST_PORTS || d->port[remote].state != SH_UNBOUND)
		return EINVAL;
	p = new_port(h, ret_port);
	if (!p)
		return ENOSPC;
	p->state = SH_BOUND;
	p->pending = true;
	p->domid = domid;
	p->far = remote;
	d->port[remote].state = SH_BOUND;
	d->port[remote].far = *ret_port;
	h->did.binds++;
	return 0;
}

static int op_bind_death(struct host *host, uint32_t *ret_port)
{
	struct script_host *h = to_script(host);
	struct sh_port *p;
	uint32_t i;

	for (i = 1; i < SH_PORTS; i++)
		if (h->port[i].state == SH_VIRQ)
			return EEXIST;
	p = new_port(h, ret_port);
	if (!p)
		return ENOSPC;
	p->state = SH_VIRQ;
	h->did.binds++;
	return 0;
}

static void close_port(struct script_host *h, uint32_t port)
{
	struct sh_port *p = &h->port[port];
	struct sh_domain *d = sh_domain_find(h, p->domid);

	if (p->state == SH_BOUND && d)
		d->port[p->far].state = SH_UNBOUND;
	p->state = SH_CLOSED;
	p->pending = false;
	p->masked = false;
}

static void op_unbind(struct host *host, uint32_t port)
{
	to_script(host)->did.unbinds++;
	if (port < SH_PORTS)
		close_port(to_script(host), port);
}

static void op_notify(struct host *host, uint32_t port)
{
	struct script_host *h = to_script(host);
	struct sh_domain *d;

	h->did.notifies++;
	if (port >= SH_PORTS || h->port[port].state != SH_BOUND)
		return;
	d = sh_domain_find(h, h->port[port].domid);
	if (d)
		d->port[h->port[port].far].pending = true;
}

static void op_unmask(struct host *host, uint32_t port)
{
	if (port < SH_PORTS)
		to_script(host)->port[port].masked = false;
}

static struct sh_port *ready_port(const struct script_host *h,
				  uint32_t *ret_port)
{
	uint32_t i;

	for (i = 1; i < SH_PORTS; i++) {
		const struct sh_port *p = &h->port[i];

		if (p->state == SH_CLOSED || !p->pending || p->masked)
			continue;
		*ret_port = i;
		return (struct sh_port *)p;
	}
	return NULL;
}

bool sh_port_ready(const struct script_host *h)
{
	uint32_t port;

	return ready_port(h, &port);
}

static int op_pending(struct host *host, uint32_t *ret_port)
{
	struct sh_port *p = ready_port(to_script(host), ret_port);

	if (!p)
		return EAGAIN;
	p->pending = false;
	p->masked = true;
	return 0;
}

void sh_virq(struct script_host *h)
{
	uint32_t i;

	for (i = 1; i < SH_PORTS; i++)
		if (h->port[i].state == SH_VIRQ)
			h->port[i].pending = true;
}

void sh_kick(struct script_host *h, struct sh_domain *dom, uint32_t port)
{
	if (dom->port[port].state == SH_BOUND)
		h->port[dom->port[port].far].pending = true;
}

/* ---- live update ---- */

void sh_exec(struct script_host *h)
{
	uint32_t i;

	for (i = 0; i < SH_DOMAINS; i++)
		if (h->domain[i])
			h->domain[i]->maps[0] = 0;
	sh_sweep(h);
	for (i = 1; i < SH_PORTS; i++) {
		if (h->port[i].state == SH_CLOSED)
			continue;
		/* a port kept open stays masked and pending as it was */
		if (h->no_handoff)
			close_port(h, i);
	}
}

static void op_handoff(struct host *host, int32_t *ret_evtchn,
		       int32_t *ret_epoll)
{
	bool none = to_script(host)->no_handoff;

	*ret_evtchn = none ? -1 : SH_EVTCHN_FD;
	*ret_epoll = none ? -1 : SH_EPOLL_FD;
}

static int op_adopt(struct host *host, int32_t evtchn_fd, int32_t epoll_fd,
		    bool *ret_ports, bool *ret_polled, struct err *err)
{
	struct script_host *h = to_script(host);
	uint32_t i;

	if ((evtchn_fd != -1 && evtchn_fd != SH_EVTCHN_FD) ||
	    (epoll_fd != -1 && epoll_fd != SH_EPOLL_FD))
		return err_set(err, EBADF, "descriptors %d, %d were not given",
			       evtchn_fd, epoll_fd);
	*ret_ports = evtchn_fd >= 0;
	*ret_polled = epoll_fd >= 0;
	if (!*ret_ports)
		for (i = 1; i < SH_PORTS; i++)
			if (h->port[i].state != SH_CLOSED)
				close_port(h, i);
	if (*ret_polled)
		return 0;
	if (h->second)
		return 0; /* it polls what it was passed */
	h->listening[0][0].on = h->listening[0][1].on = false;
	for (i = 0; i < SH_SOCKS; i++)
		if (h->sock[i])
			h->sock[i]->poll[0].on = false;
	return 0;
}

static int op_file_write(struct host *host, const char *path, const void *p,
			 size_t len, struct err *err)
{
	struct script_host *h = to_script(host);

	if (strlen(path) >= sizeof(h->file_path))
		return err_set(err, ENOSPC, "%s: no room", path);
	talloc_free(h->file.p);
	h->file.p = talloc_memdup(h, p, len);
	h->file.len = len;
	memcpy(h->file_path, path, strlen(path) + 1);
	return 0;
}

static int op_file_append(struct host *host, const char *path, const void *p,
			  size_t len, struct err *err)
{
	(void)host;
	(void)path;
	(void)p;
	(void)len;
	(void)err;
	return 0;
}

static int op_file_read(struct host *host, const char *path, void *ctx,
			uint64_t max, uint8_t **ret_data, size_t *ret_len,
			struct err *err)
{
	const struct script_host *h = to_script(host);

	if (strcmp(path, h->file_path))
		return err_set(err, ENOENT, "%s: there is no such file", path);
	if (h->file.len > max)
		return err_set(err, EFBIG, "%s: is too large", path);
	*ret_data = talloc_memdup(ctx, h->file.p, h->file.len);
	*ret_len = h->file.len;
	return 0;
}

static int op_lu_check(struct host *host, const char *binary,
		       enum host_successor *ret_kind, struct err *err)
{
	*ret_kind = HOST_OURS;
	if (!to_script(host)->update_refuse)
		return 0;
	return err_set(err, ENOEXEC, "%s is not one of ours", binary);
}

static int op_lu_rehearse(struct host *host, const char *binary,
			  const char *args,
			  int (*dump)(void *arg, int fd, struct err *err),
			  void *arg, uint64_t tag, struct err *err)
{
	struct script_host *h = to_script(host);

	(void)binary;
	(void)args;
	TALLOC_FREE(h->update_image.p);
	h->update_image.len = 0;
	h->update_tag = tag;
	return dump(arg, SH_IMAGE_FD, err);
}

static int op_lu_rehearsed(struct host *host, struct err *err)
{
	struct script_host *h = to_script(host);

	h->update_tag = 0;
	if (h->update_rehearse_bad)
		return err_set(err, EIO, "the rehearsal said no");
	return 0;
}

static void op_lu_stop(struct host *host)
{
	to_script(host)->update_tag = 0;
}

/* Like exec, returns only on failure. */
static int op_lu_exec(struct host *host, const char *binary, const char *args,
		      int image_fd, const int *keep, size_t nkeep,
		      struct err *err)
{
	struct script_host *h = to_script(host);

	(void)args;
	(void)image_fd;
	(void)keep;
	(void)nkeep;
	if (!h->update_exec_bad && h->update_exec)
		longjmp(*h->update_exec, 1);
	return err_set(err, ENOEXEC, "%s does not run", binary);
}

static int op_lu_image(struct host *host, int *ret_fd, struct err *err)
{
	struct script_host *h = to_script(host);

	(void)err;
	TALLOC_FREE(h->update_image.p);
	h->update_image.len = 0;
	*ret_fd = SH_IMAGE_FD;
	return 0;
}

static int op_lu_image_write(struct host *host, int fd, const void *p,
			     size_t len, struct err *err)
{
	struct script_host *h = to_script(host);

	if (fd != SH_IMAGE_FD)
		return err_set(err, EBADF, "descriptor %d is no image", fd);
	sh_bytes_put(h, &h->update_image, p, len);
	return 0;
}

void script_xen_ops(struct host_ops *ops)
{
	ops->evtchn_bind = op_bind;
	ops->evtchn_bind_death = op_bind_death;
	ops->evtchn_unbind = op_unbind;
	ops->evtchn_notify = op_notify;
	ops->evtchn_unmask = op_unmask;
	ops->evtchn_pending = op_pending;
	ops->ring_map = op_ring_map;
	ops->ring_unmap = op_ring_unmap;
	ops->dom0_ring = op_dom0_ring;
	ops->domain = op_domain;
	ops->domains = op_domains;
	ops->update_handoff = op_handoff;
	ops->update_adopt = op_adopt;
	ops->file_read = op_file_read;
	ops->file_write = op_file_write;
	ops->file_append = op_file_append;
	ops->update_check = op_lu_check;
	ops->update_rehearse = op_lu_rehearse;
	ops->update_rehearsed = op_lu_rehearsed;
	ops->update_rehearse_stop = op_lu_stop;
	ops->update_exec = op_lu_exec;
	ops->update_image = op_lu_image;
	ops->update_image_write = op_lu_image_write;
}
