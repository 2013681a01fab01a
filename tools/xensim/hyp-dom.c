/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains: birth, pages, grants, shutdown, death.  A domain's pages are a
 * memfd, the xenstore ring first, the console's ring after it.  A dying domain
 * stays listed until its pages are unmapped.  Called by hyp.c for clients.
 */
#include "hyp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/io/xs_wire.h>
#include <xen/xen.h>

#define GREF_PAGES ((1u << SIM_GREF_CONSOLE) | (1u << SIM_GREF_XENSTORE))

static struct domain *dom_find(struct hyp *hyp, uint32_t domid)
{
	return domid < SIM_MAX_DOMID ? hyp->doms[domid] : NULL;
}

static bool dom_is_dying(struct hyp *hyp, const struct domain *dom)
{
	return sim_load(&hyp->shm->doms[dom->domid].flags) & SIM_DOM_DYING;
}

/* The domain, or NULL if there is none or it is dying. */
struct domain *dom_living(struct hyp *hyp, uint32_t domid)
{
	struct domain *dom = dom_find(hyp, domid);

	return dom && !dom_is_dying(hyp, dom) ? dom : NULL;
}

void dom_set_flags(struct hyp *hyp, uint32_t domid, uint32_t set,
		   uint32_t clear)
{
	struct sim_dom *pub = &hyp->shm->doms[domid];

	sim_store(&pub->flags, (sim_load(&pub->flags) & ~clear) | set);
	sim_dom_wake(pub);
}

static int pages_new(uint32_t domid, int *ret_fd)
{
	char name[32];
	int fd, err;

	(void)snprintf(name, sizeof(name), "xensim-d%u", domid);
	fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0)
		return errno;
	if (ftruncate(fd, 2 * SIM_PAGE_SIZE)) {
		err = errno;
		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

/* What Xen or the domain's builder left in the ring's page. */
static int fill_ring(const struct domain *dom, uint32_t connection,
		     uint32_t port)
{
	struct xenstore_domain_interface *ring =
		mmap(NULL, SIM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		     dom->page_fd, 0);

	if (ring == MAP_FAILED)
		return errno;
	ring->connection = connection;
	/* evtchn_port, which the headers have since Xen 4.21 */
	memcpy((char *)ring + SIM_RING_PORT, &port, sizeof(port));
	munmap(ring, SIM_PAGE_SIZE);
	return 0;
}

static uint32_t pick_domid(struct hyp *hyp)
{
	uint32_t tries;

	for (tries = 0; tries < SIM_MAX_DOMID; tries++) {
		uint32_t domid = hyp->next_domid++;

		if (hyp->next_domid >= SIM_MAX_DOMID)
			hyp->next_domid = 1;
		if (!hyp->doms[domid])
			return domid;
	}
	return SIM_MAX_DOMID;
}

/* Make the domain visible. */
void dom_publish(struct hyp *hyp, struct domain *dom, uint32_t flags,
		 uint32_t xs_port)
{
	struct sim_dom *pub = &hyp->shm->doms[dom->domid];

	hyp->doms[dom->domid] = dom;
	pub->reason = 0;
	pub->halted = 1;
	pub->xs_port = xs_port;
	pub->gfn = (flags & SIM_DOM_HVM) ? 0xfeffc : 0x100000 + dom->domid;
	pub->unique_id = ++hyp->next_unique_id;
	memset(pub->uuid, 0, sizeof(pub->uuid));
	memcpy(pub->uuid, "xensim", 6);
	memcpy(pub->uuid + 8, &pub->unique_id, 8);
	sim_store(&pub->caps, dom->domid ? 0 : SIM_CAP_DOM0);
	sim_store(&pub->flags, flags | SIM_DOM_EXISTS);
	hyp->shm->present[dom->domid / 64] |= 1ull << (dom->domid % 64);
	dom_changed(hyp, dom->domid);
}

/* Create a domain with its pages, not yet visible. */
int dom_new(struct hyp *hyp, uint32_t domid, struct domain **ret_dom)
{
	struct domain *dom;
	int err;

	if (domid >= SIM_MAX_DOMID)
		return EINVAL;
	if (hyp->doms[domid])
		return EEXIST;
	dom = calloc(1, sizeof(*dom));
	if (!dom)
		return ENOMEM;
	dom->domid = domid;
	dom->granted = GREF_PAGES;
	err = pages_new(domid, &dom->page_fd);
	if (err)
		free(dom);
	else
		*ret_dom = dom;
	return err;
}

void dom_free(struct domain *dom)
{
	close(dom->page_fd);
	free(dom);
}

/* SIM_OP_CREATE.  Also for dom0, whose kernel offers its daemon a port. */
int dom_create(struct hyp *hyp, const struct sim_req *req, struct sim_rep *rep)
{
	uint32_t domid = req->a == ~0u ? pick_domid(hyp) : req->a, port;
	struct domain *dom;
	int err;

	err = dom_new(hyp, domid, &dom);
	if (err)
		return err;
	err = port_alloc_unbound(hyp, domid, 0, 0, &port);
	if (!err && (req->c || req->d))
		err = fill_ring(dom, req->c, req->d ? port : 0);
	if (err) {
		ports_close_domain(hyp, domid);
		dom_free(dom);
		return err;
	}
	dom_publish(hyp, dom, req->b & (SIM_DOM_TYPE | SIM_DOM_PAUSED), port);
	rep->a = domid;
	rep->b = port;
	rep->d = hyp->shm->doms[domid].gfn;
	return 0;
}

/* The last step of death, once no page is mapped. */
static void dom_bury(struct hyp *hyp, struct domain *dom)
{
	struct sim_dom *pub = &hyp->shm->doms[dom->domid];

	if (dom->mapped || !dom_is_dying(hyp, dom))
		return;
	hyp->shm->present[dom->domid / 64] &= ~(1ull << (dom->domid % 64));
	hyp->doms[dom->domid] = NULL;
	sim_store(&pub->flags, 0);
	sim_dom_wake(pub);
	dom_changed(hyp, dom->domid);
	virq_raise(hyp, VIRQ_DOM_EXC);
	for (struct client *client = hyp->clients; client;
	     client = client->next)
		if (client->attached == dom)
			client->attached = NULL;
	dom_free(dom);
}

int dom_destroy(struct hyp *hyp, uint32_t domid)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	if (!domid)
		return EINVAL;
	dom_set_flags(hyp, domid, SIM_DOM_DYING, 0);
	ports_close_domain(hyp, domid);
	dom->granted = 0;
	dom_changed(hyp, domid);
	virq_raise(hyp, VIRQ_DOM_EXC);
	dom_bury(hyp, dom);
	return 0;
}

int dom_shutdown(struct hyp *hyp, uint32_t domid, uint32_t reason)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	if (!domid || reason > 255)
		return EINVAL;
	hyp->shm->doms[domid].reason = reason;
	dom_set_flags(hyp, domid, SIM_DOM_SHUTDOWN, 0);
	dom_changed(hyp, domid);
	virq_raise(hyp, VIRQ_DOM_EXC);
	return 0;
}

int dom_pause(struct hyp *hyp, uint32_t domid, bool pause)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	if (!domid)
		return EINVAL;
	dom_set_flags(hyp, domid, pause ? SIM_DOM_PAUSED : 0,
		      pause ? 0 : SIM_DOM_PAUSED);
	return 0;
}

/*
 * Revoke a grant or grant it again.  Mappings stay.  While one exists, more can
 * be made, because Xen looks at the grant only for the first.
 */
int dom_revoke(struct hyp *hyp, uint32_t domid, uint32_t gref, bool grant)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	if (gref >= 32 || !(GREF_PAGES & (1u << gref)))
		return EINVAL;
	if (grant)
		dom->granted |= 1u << gref;
	else
		dom->granted &= ~(1u << gref);
	return 0;
}

/* Make @client the kernel of @domid; there is only one at a time. */
int dom_attach(struct hyp *hyp, struct client *client, uint32_t domid,
	       struct sim_rep *rep, int *ret_fd)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	if (dom->has_kernel || client->attached)
		return EBUSY;
	dom->has_kernel = true;
	client->attached = dom;
	rep->a = hyp->shm->doms[domid].xs_port;
	*ret_fd = dom->page_fd;
	return 0;
}

/* Map a granted page for @client; rep->d is its offset in the fd. */
int dom_map(struct hyp *hyp, struct client *client, uint32_t domid,
	    uint32_t gref, struct sim_rep *rep, int *ret_fd)
{
	struct domain *dom = dom_living(hyp, domid);
	struct map *map;

	if (!dom)
		return ESRCH;
	if (gref >= 32 || !(GREF_PAGES & (1u << gref)) ||
	    !(dom->granted & (1u << gref) || dom->mapped))
		return EINVAL;
	for (map = client->maps; map && map->dom != dom; map = map->next)
		;
	if (!map) {
		map = calloc(1, sizeof(*map));
		if (!map)
			return ENOMEM;
		map->dom = dom;
		map->next = client->maps;
		client->maps = map;
	}
	map->count++;
	dom->mapped++;
	rep->d = gref == SIM_GREF_XENSTORE ? 0 : SIM_PAGE_SIZE;
	*ret_fd = dom->page_fd;
	return 0;
}

/* Map the ring by its frame number, as dom0 can; not counted. */
int dom_foreign(struct hyp *hyp, uint32_t domid, uint64_t gfn, int *ret_fd)
{
	struct domain *dom = dom_living(hyp, domid);

	if (!dom)
		return ESRCH;
	if (gfn != hyp->shm->doms[domid].gfn)
		return EINVAL;
	*ret_fd = dom->page_fd;
	return 0;
}

int dom_unmap(struct hyp *hyp, struct client *client, uint32_t domid)
{
	struct map **link = &client->maps, *map;

	while (*link && (*link)->dom->domid != domid)
		link = &(*link)->next;
	map = *link;
	if (!map)
		return ENOENT;
	map->dom->mapped--;
	if (!--map->count) {
		*link = map->next;
		dom_bury(hyp, map->dom);
		free(map);
	}
	return 0;
}

/* A client disconnected: drop its mappings and the kernel that it was. */
void dom_forget_client(struct hyp *hyp, struct client *client)
{
	if (client->attached) {
		client->attached->has_kernel = false;
		sim_store(&hyp->shm->doms[client->attached->domid].halted, 1);
	}
	client->attached = NULL;
	while (client->maps) {
		struct map *map = client->maps;

		client->maps = map->next;
		map->dom->mapped -= map->count;
		dom_bury(hyp, map->dom);
		free(map);
	}
}
