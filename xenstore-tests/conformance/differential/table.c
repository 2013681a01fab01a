/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table: the differences that are meant and that no single reply shows: what
 * exec.c, tx.c and events.c let pass and count, and what is never asked.
 * With the rows of allow.c they are the table in docs/misc/differences.md,
 * which is made from here.
 */
#include "diff.h"

#include <string.h>

#define COUNT(member) offsetof(struct run, member)

static const struct {
	size_t at; /* of its counter in struct run */
	struct meaning m;
} counted[] = {
	{COUNT(replayed),
	 {"TRANSACTION_END", "others changed something that it did not touch",
	  "EAGAIN", "OK",
	  "a conflict is what was really touched; done again alone, stock "
	  "must commit it with the same answers"}},
	{COUNT(spoiled),
	 {"TRANSACTION_END", "a request in it was refused by a quota",
	  "ENOMEM or ENOSPC", "OK", "the others stand; done again alone"}},
	{COUNT(excused),
	 {"all in a transaction",
	  "others have overtaken it, and it is not committed", "*", "*",
	  "which of the two states it saw matters to nobody"}},
	{COUNT(reordered),
	 {"death, RELEASE, TRANSACTION_END", "several events of one cause",
	  "in one order", "in another", "nobody can rely on it"}},
	{COUNT(unreadable),
	 {"TRANSACTION_END",
	  "a changed node that the watcher may not read, but perhaps the one "
	  "above",
	  "an event or none, by the order of the commit",
	  "an event when it came or went, and the one above may be read",
	  "as without a transaction"}},
	{COUNT(too_large),
	 {"TRANSACTION_END",
	  "a guest's, it looked at a node larger than the quota of a guest's",
	  "ENOMEM", "OK", "nobody made it larger here"}},
	{COUNT(reached),
	 {"TRANSACTION_END", "it brings the nodes of a guest to its quota",
	  "ENOSPC", "OK", "as without a transaction: N are allowed"}},
	{COUNT(charged),
	 {"TRANSACTION_END",
	  "a guest's, it made and removed nodes, and another guest has all "
	  "its nodes",
	  "ENOSPC", "OK",
	  "a quota is for who makes nodes, not for whose nodes are removed; "
	  "done again without"}},
	{COUNT(orphaned),
	 {"TRANSACTION_END",
	  "it changed something, and a domain has died since it began",
	  "ENOMEM", "OK",
	  "what is above a missing node was not touched, though its owner is "
	  "gone; done again alone"}},
	{COUNT(forgotten),
	 {"WRITE, MKDIR",
	  "of a guest that has all its nodes, in a transaction with an RM",
	  "ENOSPC", "OK",
	  "what is deleted makes room; done again there without the quota of "
	  "nodes, stock must say the same"}},
	{COUNT(kept),
	 {"TRANSACTION_END",
	  "it wrote a node that names a domain, and one of that number was "
	  "born since it began",
	  "the entry may hold for the new one", "the entry is taken out",
	  "who comes gets nothing of who went; the run then takes it out "
	  "there, too"}},
	{COUNT(swollen),
	 {"WRITE, MKDIR, SET_PERMS",
	  "of a guest; the node or one above names domains that are gone, and "
	  "these bytes are too many for the quota of a node's size",
	  "ENOSPC", "OK",
	  "they are taken out, where 4.17 keeps and counts them; done again "
	  "there without the quota, stock must say the same"}},
	{COUNT(remade_told),
	 {"TRANSACTION_END",
	  "it has made a node, removed it and made it again as the parent of "
	  "another",
	  "an event of the parent, too", "one event, of the other",
	  "nobody else has seen the first; the other's event reaches the same "
	  "watches"}},
	{COUNT(inherited),
	 {"@releaseDomain", "its owner dies, and the watcher acts for dom0",
	  "told or not, as it happens to look", "told",
	  "it is dom0's when the death is announced"}},
	{COUNT(repeated),
	 {"@releaseDomain", "a death and a shutdown found at once", "twice",
	  "once", "it says the same"}},
	{COUNT(held),
	 {"SET_TARGET", "one of the two domains dies",
	  "its ring stays mapped while the other lives", "as any death",
	  "nothing of a dead domain stays"}},
};

/* What the random requests keep away from. */
static const struct meaning never[] = {
	{"TRANSACTION_START, WATCH", "a quota of N", "N + 1 are taken",
	 "N are taken", "the option says N"},
	{"all in a transaction", "transaction-nodes",
	 "missing nodes and parents count", "touched nodes count",
	 "only what was really touched"},
	{"SET_PERMS", "the last string has no NUL", "it is ignored", "EINVAL",
	 "malformed"},
	{"DIRECTORY, READ, GET_PERMS, MKDIR, RM, SET_TARGET",
	 "no or several strings",
	 "an error left over, or abort() once a watch is set", "EINVAL",
	 "malformed"},
	{"SET_PERMS", "a special path, by a guest or in a transaction",
	 "abort()", "as for other nodes, never in the transaction",
	 "nothing that a client sends ends the daemon"},
	{"TRANSACTION_END",
	 "it gave a node to a domain that has died since, and another one of "
	 "that number was born",
	 "OK, and the new one owns it", "EAGAIN",
	 "who comes gets nothing of who went"},
	{"INTRODUCE", "after a RELEASE of the same, living domain",
	 "permissions of before may hold again", "they are taken out",
	 "who comes gets nothing of who went"},
	{"death", "of the owner of /", "the whole store is lost",
	 "/ goes back to dom0", "nothing that a domain does takes the store"},
	{"WATCH", "a depth, or @releaseDomain/N", "EINVAL, or never fires",
	 "as in later versions", "4.17 does not know them"},
	{"GET_PERMS", "@releaseDomain, from the start", "n0", "n0 r32757",
	 "as in later versions; the run sets n0 first"},
	{"WRITE and others of a guest", "a quota of memory or of conflicts",
	 "limits of its own", "by rules of its own",
	 "not asked for here; the stories have them"},
	{"events", "more than 1280 of one request for a guest (2048 for all)",
	 "all, as far as memory goes",
	 "the others are lost, and each watch that lost one fires once",
	 "nobody waits while they are made; the stories have it"},
	{"types 23 to 26 (features, quotas)", "any", "ENOSYS",
	 "as in later versions", "4.17 does not know them"},
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
