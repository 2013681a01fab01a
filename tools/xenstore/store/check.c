/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: see check.h.  For the check command, a restore and the tests. */
#include "store/check.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/path.h"
#include "store/store.h"
#include "store/tree.h"
#include "store/watch.h"

struct checked {
	uint32_t nodes;
	uint32_t *owned; /* by domid */
	uint64_t *memory;
	uint64_t perms_digest;
};

static int check_children(const struct tree *t, uint32_t id, const char *path,
			  struct err *err)
{
	const struct node *n = tree_node(t, id);
	uint32_t bytes = 0, child, last = 0;

	for (child = n->first; child; child = tree_node(t, child)->next) {
		const struct node *c = tree_node(t, child);

		if (c->parent != id)
			return err_set(err, EIO,
				       "%s: child %s names another "
				       "parent",
				       path, c->name->s);
		if (child != n->first && c->prev != last)
			return err_set(err, EIO,
				       "%s: sibling order is broken "
				       "at %s",
				       path, c->name->s);
		if (tree_child(t, id, c->name->s, c->name->len) != child)
			return err_set(err, EIO,
				       "%s: child %s is not found by "
				       "name",
				       path, c->name->s);
		bytes += c->name->len + 1u;
		last = child;
	}
	if (n->first && tree_node(t, n->first)->prev != last)
		return err_set(err, EIO, "%s: the last child is wrong", path);
	if (bytes != n->child_bytes)
		return err_set(err, EIO, "%s: listing is %u bytes, counted %u",
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

	if (tree_find(t, path, len) != id)
		return err_set(err, EIO, "%s: is not found by its path", path);
	if (!p || !p->n || !p->refs)
		return err_set(err, EIO, "%s: has no permissions", path);
	seen->nodes++;
	seen->owned[perms_owner(p)]++;
	seen->memory[perms_owner(p)] +=
		MEMORY_NODE + path_name_size(path, len) + n->value_len;
	seen->perms_digest += p->digest * tree_path_digest(t, id);
	return check_children(t, id, path, err);
}

static int check_accounts(const struct store *s, const struct checked *seen,
			  struct err *err)
{
	const struct account *a;
	struct hlink *l = NULL;
	uint64_t counted = 0;
	uint32_t pos = 0;

	while ((l = htab_next(s->accounts->tab, &pos, l))) {
		a = container_of(l, struct account, link);
		if (seen->owned[a->domid] != a->nodes)
			return err_set(
				err, EIO, "domain %u owns %u nodes, counted %u",
				a->domid, seen->owned[a->domid], a->nodes);
		if (seen->memory[a->domid] != a->node_memory)
			return err_set(
				err, EIO,
				"domain %u's nodes take %llu bytes, "
				"counted %llu",
				a->domid,
				(unsigned long long)seen->memory[a->domid],
				(unsigned long long)a->node_memory);
		counted += a->nodes;
	}
	if (counted != seen->nodes)
		return err_set(err, EIO,
			       "%u nodes found, %llu counted for domains",
			       seen->nodes, (unsigned long long)counted);
	return 0;
}

int store_check(const struct store *s, struct err *err)
{
	struct checked seen = {0};
	uint32_t id;
	int rc = 0;

	seen.owned = talloc_zero_array(s, uint32_t, 65536);
	seen.memory = talloc_zero_array(seen.owned, uint64_t, 65536);
	if (!seen.owned || !seen.memory)
		return err_set(err, ENOMEM, "no memory to check the store");
	for (id = NODE_ROOT; id && !rc; id = tree_next(s->tree, NODE_ROOT, id))
		rc = check_node(s, id, &seen, err);
	if (!rc && seen.nodes != s->tree->count)
		rc = err_set(err, EIO, "%u nodes found, counted %u", seen.nodes,
			     s->tree->count);
	if (!rc && seen.perms_digest != s->perms->digest)
		rc = err_set(err, EIO, "the sum over permissions is wrong");
	if (!rc)
		rc = check_accounts(s, &seen, err);
	talloc_free(seen.owned);
	return rc;
}
