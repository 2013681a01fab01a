/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: see check.h.  Called by the check command, a restore and the tests. */
#include "store/check.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/memory.h"
#include "store/path.h"
#include "store/store.h"
#include "store/tree.h"
#include "store/watch.h"

#define OWNERS_AT_ONCE 256u

/* Counts for a range of domids; most ranges have no nodes. */
struct owners {
	uint32_t nodes[OWNERS_AT_ONCE];
	uint64_t memory[OWNERS_AT_ONCE];
};

struct checked {
	uint32_t nodes;
	uint64_t perms_digest;
	struct owners *by_domid[65536 / OWNERS_AT_ONCE];
};

static int count_owner(struct checked *seen, uint16_t domid, size_t memory,
		       struct err *err)
{
	struct owners **o = &seen->by_domid[domid / OWNERS_AT_ONCE];

	if (!*o)
		*o = talloc_zero(seen, struct owners);
	if (!*o)
		return err_set(err, ENOMEM, "no memory for the check");
	(*o)->nodes[domid % OWNERS_AT_ONCE]++;
	(*o)->memory[domid % OWNERS_AT_ONCE] += memory;
	return 0;
}

static int check_children(const struct tree *t, uint32_t id, const char *path,
			  struct err *err)
{
	const struct node *n = tree_node(t, id);
	uint32_t bytes = 0, child, last = 0;

	for (child = n->first; child; child = tree_node(t, child)->next) {
		const struct node *c = tree_node(t, child);

		if (c->parent != id)
			return err_set(err, EIO,
				       "%s: child %s has another parent", path,
				       c->name->s);
		if (child != n->first && c->prev != last)
			return err_set(err, EIO,
				       "%s: the order of siblings is broken at "
				       "%s",
				       path, c->name->s);
		if (tree_child(t, id, c->name->s, c->name->len) != child)
			return err_set(err, EIO,
				       "%s: cannot find child %s by its name",
				       path, c->name->s);
		bytes += c->name->len + 1u;
		last = child;
	}
	if (n->first && tree_node(t, n->first)->prev != last)
		return err_set(err, EIO,
			       "%s: the first child does not name the last one",
			       path);
	if (bytes != n->child_bytes)
		return err_set(err, EIO,
			       "%s: its listing has %u bytes, recorded are %u",
			       path, bytes, n->child_bytes);
	return 0;
}

static int check_node(const struct store *s, uint32_t id, struct checked *seen,
		      struct err *err)
{
	const struct tree *t = s->tree;
	const struct node *n = tree_node(t, id);
	const struct perms *p = node_perms(t, n);
	char path[PATH_SIZE];
	size_t len = tree_path(t, id, path);
	int rc;

	if (tree_find(t, path, len) != id)
		return err_set(err, EIO, "%s: cannot be found by its path",
			       path);
	if (!p || !p->n || !p->refs)
		return err_set(err, EIO, "%s: has no permissions", path);
	seen->nodes++;
	seen->perms_digest += p->digest * tree_path_digest(t, id);
	rc = count_owner(seen, perms_owner(p),
			 memory_node(path_name_size(path, len), n->value_len),
			 err);
	return rc ? rc : check_children(t, id, path, err);
}

static int check_account(const struct account *a, const struct checked *seen,
			 struct err *err)
{
	const struct owners *o = seen->by_domid[a->domid / OWNERS_AT_ONCE];
	uint32_t nodes = o ? o->nodes[a->domid % OWNERS_AT_ONCE] : 0;
	uint64_t memory = o ? o->memory[a->domid % OWNERS_AT_ONCE] : 0;

	if (nodes != a->nodes)
		return err_set(err, EIO,
			       "domain %u: owns %u nodes, its account has %u",
			       a->domid, nodes, a->nodes);
	if (memory != a->node_memory)
		return err_set(
			err, EIO,
			"domain %u: its nodes take %llu bytes, its account has %llu",
			a->domid, (unsigned long long)memory,
			(unsigned long long)a->node_memory);
	return 0;
}

static int check_accounts(const struct store *s, const struct checked *seen,
			  struct err *err)
{
	const struct account *a;
	struct hlink *l = NULL;
	uint64_t counted = 0;
	uint32_t pos = 0;
	int rc;

	while ((l = htab_next(s->accounts->tab, &pos, l))) {
		a = container_of(l, struct account, link);
		rc = check_account(a, seen, err);
		if (rc)
			return rc;
		counted += a->nodes;
	}
	if (counted != seen->nodes)
		return err_set(err, EIO,
			       "%u nodes found, the accounts have %llu",
			       seen->nodes, (unsigned long long)counted);
	return 0;
}

int store_check(const struct store *s, struct err *err)
{
	struct checked *seen = talloc_zero(s, struct checked);
	uint32_t id;
	int rc = 0;

	if (!seen)
		return err_set(err, ENOMEM, "no memory for the check");
	for (id = NODE_ROOT; id && !rc; id = tree_next(s->tree, NODE_ROOT, id))
		rc = check_node(s, id, seen, err);
	if (!rc && seen->nodes != s->tree->count)
		rc = err_set(err, EIO,
			     "%u nodes found, the tree has counted %u",
			     seen->nodes, s->tree->count);
	if (!rc && seen->perms_digest != s->perms->digest)
		rc = err_set(err, EIO, "the digest of permissions is wrong");
	if (!rc)
		rc = check_accounts(s, seen, err);
	talloc_free(seen);
	return rc;
}
