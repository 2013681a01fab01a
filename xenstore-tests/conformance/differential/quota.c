/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quota: where the two daemons count differently. Used by tx.c. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define UNLIMITED 1000000u

/* The size of a node as the quota of node size counts it; 0 if missing. */
static size_t size_now(struct run *r, const char *path)
{
	static const uint32_t asked[] = {XS_READ, XS_DIRECTORY, XS_GET_PERMS};
	static struct message m;
	size_t size = 24, i, at;

	for (i = 0; i < 3; i++) {
		/* stock counts entries that ours has removed */
		int side = asked[i] == XS_GET_PERMS ? STOCK : OURS;

		if (run_ask(r, side, &r->conn[0], asked[i], 0, path,
			    (uint32_t)strlen(path) + 1, &m))
			return 0;
		if (m.type == XS_ERROR && !strcmp((char *)m.body, "ENOENT"))
			return 0;
		if (m.type == XS_ERROR)
			size += XENSTORE_PAYLOAD_MAX;
		else if (asked[i] != XS_GET_PERMS)
			size += m.len;
		for (at = 0; asked[i] == XS_GET_PERMS && at < m.len; at++)
			size += m.body[at] ? 0 : 8;
	}
	return size;
}

/*
 * On the stock daemon a guest's transaction fails if it read a node that is too
 * large for the guest, because privileged clients made it so.
 */
bool quota_looked_at_large(struct run *r, const struct conn *c,
			   const struct tx_slot *t)
{
	char path[XENSTORE_PAYLOAD_MAX + 32], *slash;
	uint32_t i;

	for (i = 0; i < t->n && c > &r->conn[DOM0_RING]; i++) {
		run_path(r, c, (const char *)t->op[i].step->body, path,
			 sizeof(path));
		while ((slash = strrchr(path, '/'))) {
			if (size_now(r, path) >= r->profile->node_size)
				return true;
			if (!path[1])
				break;
			slash[slash == path] = 0;
		}
	}
	return false;
}

static int stock_quota(struct run *r, const char *name, size_t limit)
{
	static struct message m;
	char body[64];
	int len = snprintf(body, sizeof(body), "quota%cset%c%s%c%zu", 0, 0,
			   name, 0, limit);

	if (run_ask(r, STOCK, &r->conn[0], XS_CONTROL, 0, body,
		    (uint32_t)len + 1, &m))
		return 1;
	return m.type == XS_ERROR
		       ? run_fail(r, "cannot set stock's quota %s", name)
		       : 0;
}

int quota_of_nodes(struct run *r, bool on)
{
	return stock_quota(r, "nodes", on ? r->profile->nodes : UNLIMITED);
}

int quota_of_stock(struct run *r, bool on)
{
	return quota_of_nodes(r, on) ||
	       stock_quota(r, "node-size", on ? later_node_size(r) : UNLIMITED);
}

/* The number of nodes that a domain owns in ours. */
static unsigned long owned_now(struct run *r, size_t domid)
{
	static struct message m;
	char body[32], *at;
	int len = snprintf(body, sizeof(body), "quota%c%zu", 0, domid);

	if (run_ask(r, OURS, &r->conn[0], XS_CONTROL, 0, body,
		    (uint32_t)len + 1, &m))
		return 0;
	at = strstr((char *)m.body, "nodes");
	at = at ? strchr(at, ':') : NULL;
	return at ? strtoul(at + 1, NULL, 10) : 0;
}

bool quota_just_reached(struct run *r, const struct conn *c)
{
	return c > &r->conn[DOM0_RING] &&
	       owned_now(r, (size_t)(c - r->conn) - DOM0_RING) ==
		       r->profile->nodes;
}

bool quota_used_up(struct run *r, const struct conn *c)
{
	return c > &r->conn[DOM0_RING] &&
	       owned_now(r, (size_t)(c - r->conn) - DOM0_RING) >=
		       r->profile->nodes;
}

bool quota_used_up_by_another(struct run *r, const struct conn *c)
{
	size_t i;

	for (i = DOM0_RING + 1; i < CONNS && c > &r->conn[DOM0_RING]; i++)
		if (c != &r->conn[i] && quota_used_up(r, &r->conn[i]))
			return true;
	return false;
}
