/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: the intended differences that no single reply shows: those that
 * exec.c, tx.c and events.c accept and count, and those that are never
 * tested here.  The table in docs/misc/differences.md is generated from
 * these rows and those of allow.c.
 */
#include "diff.h"

#include <string.h>

#define COUNT(member) offsetof(struct run, member)

static const struct {
	size_t at; /* of its counter in struct run */
	struct meaning m;
} counted[] = {
	{COUNT(replayed),
	 {"TRANSACTION_END", "others changed a node that it did not touch",
	  "EAGAIN", "OK",
	  "only what it touched can conflict; repeated alone, stock must "
	  "commit it with the same replies"}},
	{COUNT(spoiled),
	 {"TRANSACTION_END", "a quota refused one of its requests",
	  "ENOMEM or ENOSPC", "OK",
	  "the others are committed; repeated alone"}},
	{COUNT(excused),
	 {"all in a transaction",
	  "others changed what it read, and it is not committed", "*", "*",
	  "which of the two states it read has no effect"}},
	{COUNT(reordered),
	 {"death, RELEASE, TRANSACTION_END", "several events with one cause",
	  "in one order", "in another",
	  "the order is not part of the protocol"}},
	{COUNT(unreadable),
	 {"TRANSACTION_END",
	  "the watcher may not read a changed node, but perhaps its parent",
	  "an event or none, depending on the order of the commit",
	  "an event if it was made or removed and its parent may be read",
	  "as outside a transaction"}},
	{COUNT(too_large),
	 {"TRANSACTION_END",
	  "a guest's; it read a node larger than the guest's quota", "ENOMEM",
	  "OK", "the transaction did not make it larger"}},
	{COUNT(reached),
	 {"TRANSACTION_END", "it brings the nodes of a guest to its quota",
	  "ENOSPC", "OK", "as outside a transaction: N are allowed"}},
	{COUNT(charged),
	 {"TRANSACTION_END",
	  "a guest's; it made and removed nodes, and another guest has used "
	  "up its quota of nodes",
	  "ENOSPC", "OK",
	  "a quota limits the domain that makes nodes, not the one whose "
	  "nodes are removed; repeated without the quota"}},
	{COUNT(orphaned),
	 {"TRANSACTION_END",
	  "it made a change, and a domain has died since it began", "ENOMEM",
	  "OK",
	  "the parent of a missing node was not touched, even if its owner "
	  "is dead; repeated alone"}},
	{COUNT(counted_twice),
	 {"TRANSACTION_END",
	  "a guest's; since it began, another request has made a parent that "
	  "it made, too, and counting both reaches the quota of nodes",
	  "ENOSPC", "OK",
	  "the parent is one node; repeated alone with the same quota, stock "
	  "must commit it with the same replies"}},
	{COUNT(forgotten),
	 {"WRITE, MKDIR",
	  "by a guest at its quota of nodes, in a transaction with an RM",
	  "ENOSPC", "OK",
	  "deleted nodes make room; repeated without the quota of nodes, "
	  "stock must give the same reply"}},
	{COUNT(kept),
	 {"TRANSACTION_END",
	  "it wrote a node whose permissions name a domain, and a domain "
	  "with that number was created since it began",
	  "the entry may hold for the new one", "the entry is removed",
	  "a new domain inherits nothing from an old one; the run then "
	  "removes the entry from stock, too"}},
	{COUNT(swollen),
	 {"WRITE, MKDIR, SET_PERMS",
	  "by a guest; permissions for dead domains on the node or its parent "
	  "exceed the quota of node size",
	  "ENOSPC", "OK",
	  "they are removed; 4.17 keeps and counts them. Repeated without "
	  "the quota, stock must give the same reply"}},
	{COUNT(remade_told),
	 {"TRANSACTION_END",
	  "it made a node, removed it and made it again as the parent of "
	  "another",
	  "an event for the parent, too", "one event, for the other",
	  "no other client has seen the first node; the other node's event "
	  "reaches the same watches"}},
	{COUNT(inherited),
	 {"@releaseDomain", "its owner dies, and the watcher acts for dom0",
	  "announced or not, depending on timing", "announced",
	  "the node is dom0's by the time the death is announced"}},
	{COUNT(announced),
	 {"@introduceDomain, @releaseDomain",
	  "the node's permissions are set; or the watcher may not read the "
	  "node, but \"/\"",
	  "4.20: an event", "none",
	  "only births and deaths fire them, for those who may read the "
	  "node"}},
	{COUNT(repeated),
	 {"@releaseDomain", "a death and a shutdown found together", "twice",
	  "once", "the second event says nothing new"}},
	{COUNT(held),
	 {"SET_TARGET", "one of the two domains dies",
	  "its ring stays mapped while the other lives", "as for any death",
	  "a dead domain keeps nothing"}},
};

/* What the random requests avoid. */
static const struct meaning never[] = {
	{"TRANSACTION_START, WATCH", "a quota of N", "N + 1 are taken",
	 "N are taken", "the option says N"},
	{"all in a transaction", "transaction-nodes",
	 "missing nodes and parents count", "touched nodes count",
	 "only nodes really touched"},
	{"TRANSACTION_END",
	 "a guest's SET_PERMS in it named an owner that does not exist, and "
	 "others made or removed the node",
	 "OK", "EAGAIN", "as for an owner that exists"},
	{"SET_PERMS", "the last string has no NUL", "it is ignored", "EINVAL",
	 "malformed"},
	{"DIRECTORY, READ, GET_PERMS, MKDIR, RM, SET_TARGET",
	 "no or several strings",
	 "a stale error, or abort() once a watch is set", "EINVAL",
	 "malformed"},
	{"SET_PERMS", "a special path, by a guest or in a transaction",
	 "abort()", "as for other nodes, never in the transaction",
	 "no request may end the daemon"},
	{"SET_PERMS", "a special path, with a guest as owner, which dies",
	 "4.20 crashes", "the node is dom0's again",
	 "no request may end the daemon"},
	{"WRITE, MKDIR, SET_PERMS", "a quota of N for the size of a node",
	 "4.20: N, with 8 bytes less for each node", "N - 1, as in 4.17",
	 "the run gives 4.20 a quota of N - 9"},
	{"WATCH", "a special path with an invalid character", "4.20: EINVAL",
	 "OK", "as in 4.17; it never fires"},
	{"all", "a privileged client's path longer than path-max",
	 "4.20: allowed", "EINVAL", "the limit is the same for every client"},
	{"TRANSACTION_END",
	 "it gave a node to a domain that has died since, and another with "
	 "that number was created",
	 "OK, and the new one owns it", "EAGAIN",
	 "a new domain inherits nothing from an old one"},
	{"INTRODUCE", "after a RELEASE of the same, living domain",
	 "its former permissions may hold again", "they are removed",
	 "a new domain inherits nothing from an old one"},
	{"death", "of the owner of /", "the whole store is lost",
	 "/ goes back to dom0", "no domain can destroy the store"},
	{"WATCH", "a depth, or @releaseDomain/N", "EINVAL, or never fires",
	 "as in later versions", "unknown to 4.17"},
	{"GET_PERMS", "@releaseDomain, initially", "n0", "n0 r32757",
	 "as in later versions; the run first sets n0"},
	{"WRITE and others of a guest", "a quota of memory or of conflicts",
	 "its own limits", "our own rules",
	 "not tested here but in the stories"},
	{"events", "more than 1280 of one request for a guest (2048 for all)",
	 "all, as far as memory goes",
	 "the rest is lost, and each watch that lost one fires once",
	 "no client waits while they are made; tested in the stories"},
	{"types 23 to 26 (features, quotas)", "any", "ENOSYS",
	 "as in later versions", "unknown to 4.17"},
};

void table_add(uint64_t *totals, const struct run *r)
{
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		memcpy(&n, (const char *)r + counted[i].at, sizeof(n));
		__atomic_fetch_add(&totals[i], n, __ATOMIC_RELAXED);
	}
}

void table_print(FILE *out, const uint64_t *totals)
{
	size_t i;

	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		meaning_print(out, totals[i], &counted[i].m);
	allow_print(out);
}

void meaning_print(FILE *out, uint64_t hits, const struct meaning *m)
{
	fprintf(out, "%8llu  %s, %s: stock %s, ours %s: %s\n",
		(unsigned long long)hits, m->request, m->condition, m->stock,
		m->ours, m->why);
}

static void row(FILE *out, const struct meaning *m)
{
	const char *any = "any";

	fprintf(out, "| %s | %s | %s | %s | %s |\n", m->request, m->condition,
		strcmp(m->stock, "*") ? m->stock : any,
		strcmp(m->ours, "*") ? m->ours : any, m->why);
}

void table_document(FILE *out)
{
	const struct meaning *m;
	size_t i;

	fprintf(out, "| request | condition | 4.17 | here | why |\n"
		     "|---|---|---|---|---|\n");
	for (i = 0; (m = allow_row(i)); i++)
		row(out, m);
	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		row(out, &counted[i].m);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		row(out, &never[i]);
}
