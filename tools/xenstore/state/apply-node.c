/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply-node: permissions and committed nodes; see apply.h. */
#include "state/apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#include "domain/domain.h"
#include "store/memory.h"
#include "store/store.h"
#include "store/tree.h"

int apply_check_perms(struct restore *r, const char *path,
		      const struct rec_perm *rec, uint32_t n)
{
	uint32_t i, domid;

	for (i = 0; i < n; i++) {
		domid = rec[i].domid;
		/* an entry of an absent domain; an owner cannot be absent */
		if (i)
			domid &= ~PERMS_ABSENT;
		if (domid < DOMID_FIRST_RESERVED || domid == PERMS_DOMID_ANY ||
		    domid != rec[i].domid)
			continue;
		return err_set(r->err, EINVAL,
			       "path %s: permissions for %u, a reserved domid",
			       path, rec[i].domid);
	}
	return 0;
}

void apply_perms_entries(const struct rec_perm *rec, uint32_t n, struct perm *p)
{
	unsigned int bits;
	uint32_t i;

	for (i = 0; i < n; i++) {
		/* the reader accepts only r, w, b and n */
		p[i].bits = perm_bits((char)rec[i].perm, &bits)
				    ? 0
				    : (uint16_t)bits;
		p[i].domid = rec[i].domid;
	}
}

struct perms *apply_perms(struct restore *r, const struct rec_perm *rec,
			  uint32_t n)
{
	struct perm stack[16] = {{0}}, *p = stack;
	struct perms *perms;

	if (n > 16)
		p = talloc_array(r, struct perm, n);
	if (!p)
		return NULL;
	apply_perms_entries(rec, n, p);
	perms = perms_intern(r->d->store->perms, p, n);
	if (p != stack)
		talloc_free(p);
	return perms;
}

int apply_special(struct restore *r)
{
	const struct rec_special *rec = &r->rec->special;
	struct special *s = special_find(r->d->store, rec->path);
	struct perms *perms;

	if (!s)
		return err_set(r->err, EINVAL,
			       "path %s is not a special node of this version",
			       rec->path);
	if (!rec->perm_count)
		return err_set(r->err, EINVAL, "path %s: no permissions",
			       rec->path);
	if (apply_check_perms(r, rec->path, rec->perms, rec->perm_count))
		return EINVAL;
	perms = apply_perms(r, rec->perms, rec->perm_count);
	if (!perms)
		return apply_no_memory(r);
	perms_unref(r->d->store->perms, s->perms);
	s->perms = perms;
	s->generation = rec->generation;
	return 0;
}

static int remember(struct restore *r, uint32_t id)
{
	if (!array_room(r, r->recent, r->nrecent, r->recent_size))
		return apply_no_memory(r);
	r->recent[r->nrecent++] = id;
	return 0;
}

/* The parent; mostly it is above the last node read. */
static int find_parent(struct restore *r, const char *path, size_t up_len,
		       uint32_t *ret_parent)
{
	while (r->depth) {
		const struct on_path *at = &r->up[r->depth - 1];

		if (at->len == up_len && !memcmp(r->path, path, up_len)) {
			*ret_parent = at->id;
			return 0;
		}
		r->depth--;
	}
	if (!r->follows)
		tree_load_index(r->d->store->tree);
	*ret_parent = tree_find(r->d->store->tree, path, up_len);
	if (!*ret_parent)
		return err_set(r->err, EINVAL,
			       "path %s: its parent is not in the records "
			       "before",
			       path);
	r->up[r->depth++] = (struct on_path){*ret_parent, up_len};
	return 0;
}

/* name_intern(), but without the keyed hash for a recent name. */
static struct name *recent_name(struct restore *r, const char *s, size_t len)
{
	uint8_t first = (uint8_t)s[0], mid = (uint8_t)s[len / 2],
		last = (uint8_t)s[len - 1];
	struct name **slot =
		&r->names[(first * 7u + mid * 31u + last * 59u + len * 11u) %
			  RECENT_NAMES];

	if (*slot && (*slot)->len == len && !memcmp((*slot)->s, s, len))
		(*slot)->refs++;
	else
		*slot = name_intern(r->d->store->tree, s, len);
	return *slot;
}

/* In a tree that is whole at any time.  NODE_NONE without memory. */
static uint32_t add_node(struct tree *t, uint32_t parent, struct name *name,
			 struct perms *perms, const struct rec_node *rec)
{
	uint8_t *block = value_alloc(t, rec->value_len);

	if ((!block && rec->value_len > VALUE_INLINE) || tree_reserve(t, 1)) {
		value_free(t, block, block ? rec->value_len : 0);
		return NODE_NONE;
	}
	if (block)
		memcpy(block, rec->value, rec->value_len);
	return tree_add(t, parent, name, perms, rec->value, block,
			rec->value_len, 0);
}

static int load_node(struct restore *r, const char *path, size_t len,
		     struct perms *perms, uint32_t *ret_id)
{
	const struct rec_node *rec = &r->rec->node;
	struct tree *t = r->d->store->tree;
	size_t up_len = path_parent_len(path, len);
	size_t at = up_len == 1 ? 1 : up_len + 1;
	struct name *name;
	uint32_t parent;
	int rc;

	/* the part before it is valid if such a parent exists */
	if (!path_name_valid(path + at, len - at) || len > PATH_ABS_MAX)
		return err_set(r->err, EINVAL, "path %s is not valid", path);
	rc = find_parent(r, path, up_len, &parent);
	if (rc)
		return rc;
	name = recent_name(r, path + at, len - at);
	if (!name)
		return apply_no_memory(r);
	if (r->follows && tree_child_named(t, parent, name)) {
		name_unref(t, name);
		return err_set(r->err, EEXIST, "path %s is there twice", path);
	}
	*ret_id = r->follows ? add_node(t, parent, name, perms, rec)
			     : tree_load_node(t, parent, name, perms,
					      rec->value, rec->value_len,
					      ++r->d->store->generation);
	if (!*ret_id) {
		memset(r->names, 0, sizeof(r->names));
		name_unref(t, name);
		return apply_no_memory(r);
	}
	memcpy(r->path, path, len);
	if (r->depth < sizeof(r->up) / sizeof(r->up[0]))
		r->up[r->depth++] = (struct on_path){*ret_id, len};
	return 0;
}

/* A new store has "/" already: only its content is set. */
static int load_root(struct restore *r, struct perms *perms)
{
	const struct rec_node *rec = &r->rec->node;
	struct tree *t = r->d->store->tree;
	struct account *before =
		account_find(r->d->store->accounts, r->d->config.priv_domid);
	uint8_t *block = value_alloc(t, rec->value_len);

	if (rec->value_len > VALUE_INLINE) {
		if (!block)
			return apply_no_memory(r);
		memcpy(block, rec->value, rec->value_len);
	}
	account_remove_node(before, 1, 0);
	tree_set_value(t, NODE_ROOT, rec->value, block, rec->value_len, 0);
	tree_set_perms(t, NODE_ROOT, perms, 0);
	return 0;
}

/* The permissions of a node, with a reference, and its owner's account. */
static int node_perms_of(struct restore *r, const struct rec_node *rec,
			 struct perms **ret_perms, struct account **ret_owner)
{
	struct store *s = r->d->store;
	size_t size = rec->perm_count * sizeof(*rec->perms);

	*ret_perms = r->last_perms;
	*ret_owner = r->last_owner;
	if (rec->perm_count == r->last_n &&
	    !memcmp(rec->perms, r->last_rec, size)) {
		perms_ref(r->last_perms);
		return 0;
	}
	if (apply_check_perms(r, rec->path, rec->perms, rec->perm_count))
		return EINVAL;
	*ret_perms = apply_perms(r, rec->perms, rec->perm_count);
	*ret_owner = *ret_perms
			     ? account_get(s->accounts, perms_owner(*ret_perms))
			     : NULL;
	if (!*ret_owner) {
		perms_unref(s->perms, *ret_perms);
		return apply_no_memory(r);
	}
	r->last_n = 0;
	if (rec->perm_count > LAST_PERMS)
		return 0;
	r->last_n = rec->perm_count;
	memcpy(r->last_rec, rec->perms, size);
	r->last_perms = *ret_perms;
	r->last_owner = *ret_owner;
	return 0;
}

int apply_committed(struct restore *r)
{
	const struct rec_node *rec = &r->rec->node;
	size_t len = rec->path_len - 1u;
	struct store *s = r->d->store;
	struct perms *perms;
	struct account *owner;
	uint32_t id = NODE_ROOT;
	int rc;

	rc = node_perms_of(r, rec, &perms, &owner);
	if (rc)
		return rc;
	rc = len == 1 ? load_root(r, perms)
		      : load_node(r, rec->path, len, perms, &id);
	if (rc) {
		perms_unref(s->perms, perms);
		return rc;
	}
	account_add_node(owner, path_name_size(rec->path, len), rec->value_len);
	return remember(r, id);
}

int apply_generations(struct restore *r)
{
	const struct rec_generations *rec = &r->rec->generations;
	struct tree *t = r->d->store->tree;
	size_t i;

	if (rec->count > r->nrecent)
		return err_set(r->err, EINVAL,
			       "count %u is more than the %zu nodes before it",
			       rec->count, r->nrecent);
	for (i = 0; i < rec->count && r->follows; i++)
		tree_set_gens(t, r->recent[r->nrecent - rec->count + i],
			      rec->gens[i].value, rec->gens[i].children);
	for (i = 0; i < rec->count && !r->follows; i++)
		tree_load_gens(t, r->recent[r->nrecent - rec->count + i],
			       rec->gens[i].value, rec->gens[i].children);
	r->nrecent = 0;
	return 0;
}
