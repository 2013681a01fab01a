/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxenctrl on a simulated Xen, as far as a xenstored uses it: the list of
 * domains and the state of a port.  Only the state of a port is asked from the
 * hypervisor; the rest is in shared memory.  Called by programs that run under
 * `xensim run`.
 */
#include "lib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API 1
#include <xenctrl.h>

struct xc_interface_core {
	uint32_t unused;
};

EXPORT xc_interface *xc_interface_open(xentoollog_logger *logger,
				       xentoollog_logger *dombuild_logger,
				       unsigned int open_flags)
{
	(void)logger;
	(void)dombuild_logger;
	(void)open_flags;
	if (!lib_shm())
		return NULL;
	return calloc(1, sizeof(struct xc_interface_core));
}

EXPORT int xc_interface_close(xc_interface *xch)
{
	free(xch);
	return 0;
}

/* The first domain with a domid >= @domid, or SIM_DOMID_SLOTS. */
static uint32_t next_domain(const struct sim_shm *shm, uint32_t domid)
{
	while (domid < SIM_DOMID_SLOTS) {
		uint64_t word = __atomic_load_n(&shm->present[domid / 64],
						__ATOMIC_SEQ_CST);

		word >>= domid % 64;
		if (word)
			return domid + (uint32_t)__builtin_ctzll(word);
		domid = (domid | 63) + 1;
	}
	return SIM_DOMID_SLOTS;
}

static void fill_info(const struct sim_dom *dom, uint32_t domid,
		      xc_domaininfo_t *info)
{
	uint32_t flags = sim_load(&dom->flags);
	uint32_t reason = flags & SIM_DOM_SHUTDOWN ? dom->reason : 0;
	bool blocked = !(flags & (SIM_DOM_DYING | SIM_DOM_SHUTDOWN));

	memset(info, 0, sizeof(*info));
	info->domain = (domid_t)domid;
	info->flags = (flags & SIM_DOM_DYING ? XEN_DOMINF_dying : 0) |
		      (flags & SIM_DOM_HVM ? XEN_DOMINF_hvm_guest : 0) |
		      (flags & SIM_DOM_HAP ? XEN_DOMINF_hap : 0) |
		      (flags & SIM_DOM_SHUTDOWN ? XEN_DOMINF_shutdown : 0) |
		      (flags & SIM_DOM_PAUSED ? XEN_DOMINF_paused : 0) |
		      (blocked ? XEN_DOMINF_blocked : 0) |
		      reason << XEN_DOMINF_shutdownshift;
	info->tot_pages = 1;
	info->max_pages = 1;
	info->nr_online_vcpus = 1;
	memcpy(info->handle, dom->uuid, sizeof(info->handle));
}

EXPORT int xc_domain_getinfolist(xc_interface *xch, uint32_t first_domain,
				 unsigned int max_domains,
				 xc_domaininfo_t *info)
{
	struct sim_shm *shm = lib_shm();
	uint32_t domid = first_domain;
	unsigned int n;

	(void)xch;
	if (!shm)
		return -1;
	if (lib_refused(SIM_REFUSE_CONTROL)) {
		errno = EACCES;
		return -1;
	}
	for (n = 0; n < max_domains; n++, domid++) {
		domid = next_domain(shm, domid);
		if (domid >= SIM_DOMID_SLOTS)
			break;
		fill_info(&shm->doms[domid], domid, &info[n]);
	}
	return (int)n;
}

/* Since Xen 4.18; @ret_info may be NULL. */
int xc_domain_getinfo_single(xc_interface *xch, uint32_t domid,
			     xc_domaininfo_t *ret_info);
EXPORT int xc_domain_getinfo_single(xc_interface *xch, uint32_t domid,
				    xc_domaininfo_t *ret_info)
{
	xc_domaininfo_t info;
	int n = xc_domain_getinfolist(xch, domid, 1, &info);

	if (n < 0)
		return -1;
	if (!n || info.domain != domid) {
		errno = ESRCH;
		return -1;
	}
	if (ret_info)
		*ret_info = info;
	return 0;
}

#ifdef XENSIM_DOMINFO /* until Xen 4.17 */
static void fill_dominfo(const xc_domaininfo_t *info, xc_dominfo_t *ret_info)
{
	unsigned int reason = info->flags >> XEN_DOMINF_shutdownshift &
			      XEN_DOMINF_shutdownmask;

	memset(ret_info, 0, sizeof(*ret_info));
	ret_info->domid = info->domain;
	ret_info->dying = (info->flags & XEN_DOMINF_dying) != 0;
	ret_info->shutdown = (info->flags & XEN_DOMINF_shutdown) != 0;
	ret_info->paused = (info->flags & XEN_DOMINF_paused) != 0;
	ret_info->hvm = (info->flags & XEN_DOMINF_hvm_guest) != 0;
	ret_info->hap = (info->flags & XEN_DOMINF_hap) != 0;
	ret_info->blocked = (info->flags & XEN_DOMINF_blocked) != 0;
	ret_info->shutdown_reason = reason;
	ret_info->crashed = ret_info->shutdown && reason == SHUTDOWN_crash;
	ret_info->nr_pages = info->tot_pages;
	ret_info->max_memkb = 4;
	ret_info->nr_online_vcpus = info->nr_online_vcpus;
	memcpy(ret_info->handle, info->handle, sizeof(ret_info->handle));
}

EXPORT int xc_domain_getinfo(xc_interface *xch, uint32_t first_domid,
			     unsigned int max_doms, xc_dominfo_t *info)
{
	xc_domaininfo_t one;
	unsigned int n;

	for (n = 0; n < max_doms; n++) {
		int got = xc_domain_getinfolist(xch, first_domid, 1, &one);

		if (got < 0)
			return -1;
		if (!got)
			break;
		fill_dominfo(&one, &info[n]);
		first_domid = one.domain + 1u;
	}
	if (!n && max_doms) {
		errno = ESRCH;
		return -1;
	}
	return (int)n;
}
#endif

/* Never refused: it works across releases. */
EXPORT int xc_version(xc_interface *xch, int cmd, void *arg)
{
	(void)xch;
	(void)arg;
	if (cmd == XENVER_version)
		return XENSIM_VERSION;
	errno = ENOSYS;
	return -1;
}

/* Maps the ring page by its frame number, as daemons did before grants. */
EXPORT void *xc_map_foreign_range(xc_interface *xch, uint32_t dom, int size,
				  int prot, unsigned long mfn)
{
	struct sim_req req = {.op = SIM_OP_FOREIGN, .a = dom, .d = mfn};
	struct sim_rep rep;
	void *addr;
	int fd, err;

	(void)xch;
	if (size != (int)SIM_PAGE_SIZE) {
		errno = EINVAL;
		return NULL;
	}
	err = lib_call(&req, &rep, &fd);
	if (err) {
		errno = err;
		return NULL;
	}
	addr = mmap(NULL, SIM_PAGE_SIZE, prot, MAP_SHARED, fd, 0);
	err = errno;
	close(fd);
	errno = err;
	return addr == MAP_FAILED ? NULL : addr;
}

EXPORT const xc_error *xc_get_last_error(xc_interface *xch)
{
	static const xc_error none;

	(void)xch;
	return &none;
}

EXPORT int xc_evtchn_status(xc_interface *xch, xc_evtchn_status_t *status)
{
	struct sim_req sync = {.op = SIM_OP_SYNC};
	struct sim_shm *shm = lib_shm();
	uint32_t domid, index, state;
	struct sim_rep rep;
	struct sim_port *port;

	(void)xch;
	if (!shm)
		return -1;
	domid = status->dom == SIM_DOMID_SELF ? 0 : status->dom;
	index = sim_port_index(domid, status->port);
	if (index == SIM_NO_PORT ||
	    !(sim_load(&shm->doms[domid].flags) & SIM_DOM_EXISTS)) {
		errno = index == SIM_NO_PORT ? EINVAL : ESRCH;
		return -1;
	}
	port = sim_port_at(shm, index);
	if (sim_load(&port->state))
		(void)lib_call(&sync, &rep, NULL);
	state = sim_load(&port->state);
	memset(&status->u, 0, sizeof(status->u));
	status->vcpu = 0;
	status->status = state & SIM_KIND_MASK;
	if (status->status == EVTCHNSTAT_unbound)
		status->u.unbound.dom = (domid_t)port->remote;
	if (status->status == EVTCHNSTAT_virq)
		status->u.virq = port->peer;
	if (status->status == EVTCHNSTAT_interdomain) {
		status->u.interdomain.dom =
			(domid_t)sim_index_domid(port->peer);
		status->u.interdomain.port = sim_index_port(port->peer);
	}
	return 0;
}
