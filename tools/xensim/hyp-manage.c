/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domains have changed their state, for libxenmanage: created, shut down,
 * dying, dead or gone.  Binding VIRQ_DOM_EXC marks all domains that exist and no
 * others.  A domain is reported once for all changes since its last report.
 * Called by hyp.c for clients, by hyp-dom.c and by hyp-evtchn.c.
 */
#include "hyp.h"

#include <errno.h>
#include <string.h>

#include <xen/xen.h>

void dom_changed(struct hyp *hyp, uint32_t domid)
{
	hyp->changed[domid / 64] |= 1ull << domid % 64;
}

void changes_begin(struct hyp *hyp)
{
	uint32_t domid;

	memset(hyp->changed, 0, sizeof(hyp->changed));
	for (domid = 0; domid < SIM_MAX_DOMID; domid++)
		if (hyp->doms[domid])
			dom_changed(hyp, domid);
}

/* SIM_OP_CHANGED: the changed domain with the lowest number. */
int dom_next_changed(struct hyp *hyp, struct sim_rep *rep)
{
	const struct sim_dom *pub;
	uint32_t i, domid;

	if (!hyp->virq_port[VIRQ_DOM_EXC])
		return EACCES;
	for (i = 0; i < SIM_DOMID_SLOTS / 64 && !hyp->changed[i]; i++)
		;
	if (i == SIM_DOMID_SLOTS / 64)
		return ENOENT;
	domid = i * 64 + (uint32_t)__builtin_ctzll(hyp->changed[i]);
	hyp->changed[i] &= hyp->changed[i] - 1;
	pub = &hyp->shm->doms[domid];
	rep->a = domid;
	rep->b = sim_load(&pub->flags);
	rep->c = rep->b ? pub->caps : 0;
	rep->d = rep->b ? pub->unique_id : 0;
	return 0;
}

/* SIM_OP_CAPS. */
int dom_set_caps(struct hyp *hyp, uint32_t domid, uint32_t caps)
{
	if (!dom_living(hyp, domid))
		return ESRCH;
	hyp->shm->doms[domid].caps = caps;
	return 0;
}
