/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec-domain: births and deaths of domains and closing connections, on both
 * sides; beginning and end of a run. Used by exec.c and main.c.
 */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GONE_TRIES 300

static void domain_closed(struct conn *c)
{
	c->live = false;
	c->listens = false;
	tx_forget(c);
	events_drop(c);
	link_close(&c->link[STOCK]);
	link_close(&c->link[OURS]);
}

int run_create(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[DOM0_RING + s->domid];
	int side, err = 0;

	if (c->link[STOCK].ring || side_has_domain(&r->side[STOCK], s->domid))
		return 0;
	if (r->story)
		story_step(r->story, s);
	for (side = 0; side < SIDES && !err; side++) {
		err = side_create(&r->side[side], s->domid,
				  &r->facts[side][s->domid]);
		if (!err)
			err = link_open_ring(&c->link[side], r->side[side].hv,
					     s->domid);
	}
	stale_born(r, s->domid);
	r->released &= ~(1u << s->domid);
	if (r->perms_set)
		r->died |= 1u << s->domid;
	if (err)
		return run_fail(r, "cannot create domain %u: %s", s->domid,
				strerror(err));
	return 0;
}

static bool everybody(const struct conn *c)
{
	return c->live;
}

/* Sends enough requests for a daemon to notice a VIRQ or release a domain. */
static int settle(struct run *r, uint32_t gone)
{
	int tries, more = 2;

	for (tries = 0; tries < GONE_TRIES && more; tries++) {
		if (run_barrier(r, everybody))
			return 1;
		if (!gone || (!side_has_domain(&r->side[STOCK], gone) &&
			      !side_has_domain(&r->side[OURS], gone)))
			more--;
	}
	if (!more)
		return 0;
	if (side_has_domain(&r->side[OURS], gone))
		return run_fail(
			r, "domain %u is dead, and our daemon still holds it",
			gone);
	r->held++;
	return 0;
}

int run_domain(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[DOM0_RING + s->domid];
	bool dies = s->kind == STEP_DESTROY;
	uint32_t op = dies ? SIM_OP_DESTROY : SIM_OP_SHUTDOWN;
	int side, err = 0;

	if (!c->link[STOCK].ring)
		return 0;
	if (r->story)
		story_step(r->story, s);
	if (r->plant)
		plant_look(r->plant, s, NULL);
	for (side = 0; side < SIDES && !err; side++)
		err = side_call(&r->side[side], op, s->domid, 0);
	if (err)
		return run_fail(r, "xensim failed: %s", strerror(err));
	if (dies) {
		domain_closed(c);
		r->died |= 1u << s->domid;
		r->death = r->commits;
	}
	if (settle(r, dies ? s->domid : 0) || run_check_events(r))
		return 1;
	if (dies && r->release_owner == s->domid)
		r->release_owner = 0;
	return 0;
}

int run_reconnect(struct run *r, const struct step *s)
{
	struct conn *c = &r->conn[s->conn];
	int side, err = 0;

	if (r->story)
		story_step(r->story, s);
	tx_forget(c);
	c->listens = false;
	for (side = 0; side < SIDES && !err; side++) {
		link_close(&c->link[side]);
		err = link_open_socket(&c->link[side], r->side[side].sock);
	}
	if (err)
		return run_fail(r, "cannot connect: %s", strerror(err));
	return settle(r, 0);
}

/* ---- the run ---- */

int run_start(struct run *r, const char *top, const char *tmp,
	      const char *stock, const char *ours, const struct profile *p)
{
	const char *program[SIDES] = {stock, ours};
	static const char *const names[SIDES] = {"stock", "ours"};
	const char *argv[SIDES][26];
	char node_size[16];
	int side, err;
	size_t i;

	r->profile = p;
	(void)snprintf(node_size, sizeof(node_size), "%zu", later_node_size(r));
	memcpy(argv[STOCK], p->argv[STOCK], 24 * sizeof(char *));
	memcpy(argv[OURS], p->argv[OURS], 24 * sizeof(char *));
	for (i = 0; argv[STOCK][i]; i++)
		;
	argv[STOCK][i++] = "-S";
	argv[STOCK][i++] = node_size;
	argv[STOCK][i] = NULL;
	for (side = 0; side < SIDES; side++) {
		err = side_start(&r->side[side], names[side], top, tmp,
				 program[side], argv[side],
				 side == STOCK ? "1000" : NULL);
		for (i = 0; i < CONNS; i++)
			r->conn[i].link[side].fd = -1;
		for (i = 0; i < SOCKETS && !err; i++)
			err = link_open_socket(&r->conn[i].link[side],
					       r->side[side].sock);
		if (!err)
			err = link_open_ring(&r->conn[DOM0_RING].link[side],
					     r->side[side].hv, 0);
		if (err)
			return run_fail(r, "cannot start %s: %s", program[side],
					strerror(err));
	}
	for (i = 0; i <= DOM0_RING; i++)
		r->conn[i].live = true;
	return 0;
}

void run_stop(struct run *r)
{
	size_t i;
	int side;

	for (i = 0; i < CONNS; i++) {
		domain_closed(&r->conn[i]);
		for (side = 0; side < SIDES; side++)
			free(r->conn[i].events[side].data);
	}
	side_stop(&r->side[STOCK]);
	side_stop(&r->side[OURS]);
}
