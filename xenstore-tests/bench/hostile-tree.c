/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile-tree: kinds of hostile guests that cause cost by nodes and
 * transactions; see hostile.h.
 */
#include "hostile.h"

#include <stdio.h>
#include <string.h>

/* The usual quota of nodes, minus those a guest has from the start. */
#define OWN_NODES 980u
#define LEAVES	  30u  /* of a directory, within the quota of node size */
#define BIG	  930u /* nodes of a big commit: 31 directories */
#define HELD	  9u   /* transactions held open, of ten */

/* ---- nodes ---- */

static void leaf(char *path, size_t size, uint32_t k)
{
	snprintf(path, size, "data/w/%u/%u", k / LEAVES, k % LEAVES);
}

static bool write_leaf(struct guest *g, uint32_t tx, uint32_t k,
		       const char *value)
{
	char path[64];

	leaf(path, sizeof(path), k);
	return request(g, XS_WRITE, tx, "%s|%s", path, value);
}

static void make_leaves(struct guest *g)
{
	uint32_t k;

	for (k = 0; k < BIG && !enough(); k++) {
		while (!write_leaf(g, 0, k, "before"))
			settle(g);
		if (k % IN_FLIGHT == 0)
			settle(g);
	}
	settle(g);
}

/* Makes data/r/I and depth - 1 nodes below it. */
static bool make_chain(struct guest *g, uint32_t i)
{
	char path[XENSTORE_PAYLOAD_MAX] = "";
	uint32_t k;

	for (k = 1; k < g->made; k++)
		strcat(path, "/a");
	return request(g, XS_MKDIR, 0, "data/r/%u%s|", i, path);
}

static uint32_t chains(const struct guest *g)
{
	return OWN_NODES / g->made; /* some may be missing: see enough() */
}

/*
 * Finds the deepest chain that the daemon accepts; then makes as many as
 * allowed.
 */
static void find_depth(struct guest *g)
{
	static const uint32_t depths[] = {OWN_NODES - 2,
					  900,
					  700,
					  490,
					  330,
					  240,
					  160,
					  100,
					  60,
					  30,
					  29,
					  28,
					  27,
					  26,
					  25,
					  20,
					  10,
					  5};
	size_t i;

	for (i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
		g->made = depths[i];
		(void)make_chain(g, 0);
		settle(g);
		if (g->last == XS_MKDIR)
			return;
	}
	die("domain %u: cannot make nodes", g->domid);
}

static void prepare_chains(struct guest *g)
{
	uint32_t i;

	find_depth(g);
	for (i = 1; i < chains(g) && !enough(); i++) {
		(void)make_chain(g, i);
		settle(g);
	}
}

/* Short names, as many as fit. */
static void prepare_wide(struct guest *g)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const uint32_t n = sizeof(letters) - 1;
	uint32_t k;

	for (k = 0; k < OWN_NODES && !enough(); k++) {
		uint32_t type =
			k < n ? request_now(g, XS_MKDIR, 0, "data/v/%c|",
					    letters[k])
			      : request_now(g, XS_MKDIR, 0, "data/v/%c%c|",
					    letters[k / n - 1], letters[k % n]);

		if (type == XS_ERROR)
			break;
	}
	g->made = k;
}

/* ---- kinds ---- */

static bool rm_chains(struct guest *g, uint32_t k)
{
	(void)k;
	return request(g, XS_RM, g->tx, "data/r|");
}

static bool next_rm_in_tx(struct guest *g)
{
	return in_transactions(g, 1, "F|", rm_chains);
}

static bool next_make_and_rm(struct guest *g)
{
	uint32_t n = chains(g), k = (uint32_t)(g->step % (n + 1));
	bool ok;

	ok = k < n ? make_chain(g, k) : request(g, XS_RM, 0, "data/r|");
	g->step += ok;
	return ok;
}

static void set_watches(struct guest *g, const char *path)
{
	uint32_t k;

	for (k = 0; k < 128; k++) {
		(void)request(g, XS_WATCH, 0, "%s|t%u|", path, k);
		if (k % 8 == 7)
			settle(g);
	}
}

static void prepare_unread(struct guest *g)
{
	if (watches(g))
		set_watches(g, "/");
	if (changes(g))
		make_leaves(g);
}

static void prepare_readable(struct guest *g)
{
	(void)request(g, XS_MKDIR, 0, "data/w|");
	(void)request(g, XS_SET_PERMS, 0, "data/w|r%u|", g->domid);
	settle(g);
	prepare_unread(g);
}

static bool commit_leaf(struct guest *g, uint32_t k)
{
	return write_leaf(g, g->tx, k, g->step & 1 ? "one" : "two");
}

static bool next_big_commit(struct guest *g)
{
	return changes(g) && in_transactions(g, BIG, "T|", commit_leaf);
}

static void prepare_entries(struct guest *g)
{
	uint32_t t, k;

	make_leaves(g);
	(void)request(g, XS_WRITE, 0, "data/c|0");
	for (t = 0; t < HELD && !enough(); t++) {
		(void)request_now(g, XS_TRANSACTION_START, 0, "|");
		g->held[t] = g->tx;
		for (k = 0; k < BIG && !enough(); k++) {
			(void)write_leaf(g, g->tx, k, "held");
			if (k % IN_FLIGHT == 0)
				settle(g);
		}
		settle(g);
	}
}

/* data/c is the node that dom0's client reads in its transactions. */
static bool entries_of_tx(struct guest *g, uint32_t k)
{
	if (k == 0)
		return request(g, XS_WRITE, g->tx, "data/c|%u",
			       (uint32_t)g->step);
	return write_leaf(g, g->tx, k, "entry");
}

static bool next_entries(struct guest *g)
{
	return in_transactions(g, BIG, "T|", entries_of_tx);
}

static bool wide_in_tx(struct guest *g, uint32_t k)
{
	return request(g, k % 2 ? XS_RM : XS_DIRECTORY, g->tx, "data/v|");
}

static bool next_wide(struct guest *g)
{
	return in_transactions(g, 2, "F|", wide_in_tx);
}

/*
 * "Ez" and "FY" have equal hashes when a hash multiplies by 33, and so has
 * anything composed of them.
 */
static void like(char *name, uint32_t bits)
{
	uint32_t i;

	for (i = 0; i < 10; i++)
		memcpy(name + 2 * i, bits >> i & 1 ? "Ez" : "FY", 2);
	name[20] = '\0';
}

static bool like_request(struct guest *g, uint32_t type, uint32_t k)
{
	char dir[24], name[24];

	like(dir, k / LEAVES);
	like(name, k % LEAVES);
	return request(g, type, 0, "data/%s/%s|", dir, name);
}

static void prepare_like(struct guest *g)
{
	uint32_t k;

	for (k = 0; k < BIG && !enough(); k++) {
		(void)like_request(g, XS_MKDIR, k);
		if (k % IN_FLIGHT == 0)
			settle(g);
	}
	settle(g);
}

static bool next_like(struct guest *g)
{
	static const uint32_t types[] = {XS_READ, XS_RM, XS_MKDIR, XS_READ};
	bool ok = like_request(g, types[g->step % 4],
			       (uint32_t)(g->step / 4 % BIG));

	g->step += ok;
	return ok;
}

static void prepare_churn(struct guest *g)
{
	uint32_t k;

	make_leaves(g);
	for (k = 0; k < 200; k++)
		if (request_now(g, XS_WRITE, 0, "data/z%u|", k) == XS_ERROR)
			break;
}

/* One node is removed and made again, and one more is refused. */
static bool next_churn(struct guest *g)
{
	uint32_t k = (uint32_t)(g->step / 3 % BIG);
	char path[64];
	bool ok;

	leaf(path, sizeof(path), k);
	if (g->step % 3 == 0)
		ok = request(g, XS_RM, 0, "%s|", path);
	else if (g->step % 3 == 1)
		ok = request(g, XS_WRITE, 0, "%s|again", path);
	else
		ok = request(g, XS_WRITE, 0, "data/w/x/y/z/%u|no", k);
	g->step += ok;
	return ok;
}

const struct kind tree_kinds[] = {
	{"rm-in-tx",
	 "removes the deepest chains it may have, 980 nodes, in transactions",
	 prepare_chains, next_rm_in_tx, NULL, NULL, false},
	{"mkdir-deep", "creates those chains and removes them", prepare_chains,
	 next_make_and_rm, NULL, NULL, false},
	{"unread-watches",
	 "128 watches on / without read permission; commits of 930 nodes",
	 prepare_unread, next_big_commit, NULL, NULL, false},
	{"read-watches",
	 "128 watches on / with read permission; commits of 930 nodes",
	 prepare_readable, next_big_commit, NULL, NULL, false},
	{"tx-entries",
	 "ten transactions of 930 entries each; commits that conflict with "
	 "dom0",
	 prepare_entries, next_entries, NULL, NULL, false},
	{"wide-in-tx", "lists and removes the widest directory in transactions",
	 prepare_wide, next_wide, NULL, NULL, false},
	{"like-names", "names that collide under a weak hash", prepare_like,
	 next_like, NULL, NULL, false},
	{"churn", "creates and removes nodes at its quota", prepare_churn,
	 next_churn, NULL, NULL, false},
	{NULL, NULL, NULL, NULL, NULL, NULL, false}};
