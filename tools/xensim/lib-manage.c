/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxenmanage on a simulated Xen, and of libxencall the two hypercalls that go
 * with it: the state of a port, and Xen's version.  One domain's state is read
 * from shared memory; which domains have changed, the hypervisor knows.  Called
 * by programs that run under `xensim run`.
 */
#include "lib.h"

#include <errno.h>
#include <stdlib.h>

#include <xencall.h>
#include <xenctrl.h>
#include <xenmanage.h>

struct xenmanage_handle {
	uint32_t unused;
};

struct xencall_handle {
	uint32_t unused;
};

EXPORT xenmanage_handle *xenmanage_open(struct xentoollog_logger *logger,
					unsigned int open_flags)
{
	(void)logger;
	if (open_flags) {
		errno = EINVAL;
		return NULL;
	}
	if (!lib_shm())
		return NULL;
	return calloc(1, sizeof(struct xenmanage_handle));
}

EXPORT int xenmanage_close(xenmanage_handle *hdl)
{
	free(hdl);
	return 0;
}

static unsigned int state_of(uint32_t flags)
{
	if (!(flags & SIM_DOM_EXISTS))
		return 0;
	return XENMANAGE_GETDOMSTATE_STATE_EXIST |
	       (flags & SIM_DOM_SHUTDOWN ? XENMANAGE_GETDOMSTATE_STATE_SHUTDOWN
					 : 0) |
	       (flags & SIM_DOM_DYING ? XENMANAGE_GETDOMSTATE_STATE_DYING : 0);
}

static int tell(unsigned int *ret_state, unsigned int *ret_caps,
		uint64_t *ret_id, uint32_t flags, uint32_t caps, uint64_t id)
{
	if (ret_state)
		*ret_state = state_of(flags);
	if (ret_caps)
		*ret_caps = caps;
	if (ret_id)
		*ret_id = id;
	return 0;
}

static int failed(int err)
{
	errno = err;
	return -1;
}

EXPORT int xenmanage_get_domain_info(xenmanage_handle *hdl, unsigned int domid,
				     unsigned int *state, unsigned int *caps,
				     uint64_t *unique_id)
{
	struct sim_shm *shm = lib_shm();
	const struct sim_dom *dom;
	uint32_t flags, seen_caps;
	uint64_t id;

	(void)hdl;
	if (!shm)
		return -1;
	if (lib_refused(SIM_REFUSE_MANAGE))
		return failed(EACCES);
	if (domid >= SIM_MAX_DOMID)
		return failed(ESRCH);
	dom = &shm->doms[domid];
	do {
		id = __atomic_load_n(&dom->unique_id, __ATOMIC_SEQ_CST);
		seen_caps = sim_load(&dom->caps);
		flags = sim_load(&dom->flags);
	} while (id != __atomic_load_n(&dom->unique_id, __ATOMIC_SEQ_CST));
	return flags ? tell(state, caps, unique_id, flags, seen_caps, id)
		     : failed(ESRCH);
}

EXPORT int xenmanage_poll_changed_domain(xenmanage_handle *hdl,
					 unsigned int *domid,
					 unsigned int *state,
					 unsigned int *caps,
					 uint64_t *unique_id)
{
	struct sim_req req = {.op = SIM_OP_CHANGED};
	struct sim_rep rep;
	int err;

	(void)hdl;
	if (!lib_shm())
		return -1;
	err = lib_refused(SIM_REFUSE_MANAGE) ? EACCES
					     : lib_call(&req, &rep, NULL);
	if (err)
		return failed(err);
	*domid = rep.a;
	return tell(state, caps, unique_id, rep.b, rep.c, rep.d);
}

/* ---- libxencall ---- */

EXPORT xencall_handle *xencall_open(struct xentoollog_logger *logger,
				    unsigned int open_flags)
{
	(void)logger;
	(void)open_flags;
	if (!lib_shm())
		return NULL;
	return calloc(1, sizeof(struct xencall_handle));
}

EXPORT int xencall_close(xencall_handle *xcall)
{
	free(xcall);
	return 0;
}

EXPORT void *xencall_alloc_buffer(xencall_handle *xcall, size_t size)
{
	(void)xcall;
	return calloc(1, size);
}

EXPORT void xencall_free_buffer(xencall_handle *xcall, void *p)
{
	(void)xcall;
	free(p);
}

EXPORT int xencall2(xencall_handle *xcall, unsigned int op, uint64_t arg1,
		    uint64_t arg2)
{
	struct evtchn_status *st = (struct evtchn_status *)(uintptr_t)arg2;

	(void)xcall;
	if (op == __HYPERVISOR_xen_version && arg1 == XENVER_version)
		return xc_version(NULL, XENVER_version, NULL);
	if (op == __HYPERVISOR_event_channel_op && arg1 == EVTCHNOP_status)
		return xc_evtchn_status(NULL, st);
	return failed(ENOSYS);
}
