/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's part of moving a domain to another host: describes the
 * domain here, creates it there, offers its ports.  cmd-move.c copies the pages
 * and documents the order.  Called by hyp.c for clients.
 */
#include "hyp.h"

#include <errno.h>

#define MOVES (SIM_DOM_TYPE | SIM_DOM_SHUTDOWN)

/* Report what only the hypervisor knows of a domain, and its pages' fd. */
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

/* Create a domain that moves here: paused, pages empty, no ports. */
int dom_receive(struct hyp *hyp, const struct sim_req *req, int *ret_fd)
{
	struct domain *dom;
	int err;

	if (!req->a)
		return EINVAL;
	err = dom_new(hyp, req->a, &dom);
	if (err)
		return err;
	dom->granted = req->c;
	dom_publish(hyp, dom, (req->b & MOVES) | SIM_DOM_PAUSED, 0);
	hyp->shm->doms[req->a].reason = (uint32_t)req->d;
	*ret_fd = dom->page_fd;
	return 0;
}

/* Create one of its ports, unbound, for the domain that had the far end. */
int dom_offer(struct hyp *hyp, const struct sim_req *req)
{
	if (!dom_living(hyp, req->a))
		return ESRCH;
	return port_offer(hyp, req->a, req->b, req->c, (uint32_t)req->d);
}

/* Tell a paused domain's kernel to follow it, or (false) to stay. */
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
