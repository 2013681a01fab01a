/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's part of a domain's way to another host: what it is here, a
 * domain of the same kind there, its ports.  Who copies the pages and when is
 * cmd-move.c's; there the order stands, too.  Called by hyp.c for clients.
 */
#include "hyp.h"

#include <errno.h>

#define MOVES (SIM_DOM_TYPE | SIM_DOM_SHUTDOWN)

/* What is only known here of a domain, with the descriptor of its pages. */
int dom_look(struct hyp *hyp, uint32_t domid, struct sim_rep *rep, int *ret_fd)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	rep->a = dom->has_kernel;
	rep->b = dom->granted;
	*ret_fd = dom->page_fd;
	return 0;
}

/* A domain comes: paused, its pages still to be written, without a port. */
int dom_receive(struct hyp *hyp, const struct sim_req *req, int *ret_fd)
{
	struct domain *dom;
	int err;

	if (!req->a)
		return EINVAL;
	err = dom_new(hyp, req->a, 0, &dom);
	if (err)
		return err;
	dom->granted = req->c;
	dom_publish(hyp, dom, (req->b & MOVES) | SIM_DOM_PAUSED, 0);
	hyp->shm->doms[req->a].reason = (uint32_t)req->d;
	*ret_fd = dom->page_fd;
	return 0;
}

/* One of its ports, offered to the domain that it was bound to or offered. */
int dom_offer(struct hyp *hyp, const struct sim_req *req)
{
	if (!dom_living(hyp, req->a))
		return ESRCH;
	return port_offer(hyp, req->a, req->b, req->c, (uint32_t)req->d);
}

/* A paused domain's kernel is told to follow it (or, after all, not to). */
int dom_depart(struct hyp *hyp, uint32_t domid, bool depart)
{
	if (!dom_living(hyp, domid))
		return ESRCH;
	if (!(sim_load(&hyp->shm->doms[domid].flags) & SIM_DOM_PAUSED))
		return EBUSY;
	dom_set_flags(hyp, domid, depart ? SIM_DOM_MOVED : 0,
		      depart ? 0 : SIM_DOM_MOVED);
	return 0;
}
