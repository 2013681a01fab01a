/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change: see change.h.  Knows the tree and the accounts.  Called by node.c,
 * change-delete.c, commit.c, purge.c, ops/, domain/, state/, migrate/ and
 * daemon.c.
 */
#include "store/change.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/disturb.h"
#include "store/memory.h"
#include "store/observer.h"
#include "store/path.h"
#include "store/tree.h"

static int change_list_drop(struct change_list *l)
{
	struct store *s = l->store;
	struct change *c;

	list_for_each (c, &l->head, link) {
		name_unref(s->tree, c->name);
		value_free(s->tree, c->block, c->block ? c->value_len : 0);
		perms_unref(s->perms, c->before);
		perms_unref(s->perms, c->after);
		perms_unref(s->perms, c->up);
	}
	return 0;
}

struct change_list *change_list_new(const void *ctx, struct store *s)
{
	struct change_list *l = talloc_zero(ctx, struct change_list);

	if (!l)
		return NULL;
	l->store = s;
	list_init(&l->head);
	talloc_set_destructor(l, change_list_drop);
	return l;
}

#define FIRST_PIECE 1024u
#define LAST_PIECE  65536u

/* Zeroed memory, freed with the list: a commit can have many changes. */
static void *change_room(struct change_list *l, size_t size)
{
	uint8_t *p;

	size = (size + 7) & ~(size_t)7;
	if (l->left < size) {
		l->piece = !l->piece		   ? FIRST_PIECE
			   : l->piece < LAST_PIECE ? l->piece * 2
						   : l->piece;
		l->left = 0;
		l->room = talloc_size(l, size > l->piece ? size : l->piece);
		if (!l->room)
			return NULL;
		l->left = size > l->piece ? size : l->piece;
	}
	p = l->room;
	l->room += size;
	l->left -= size;
	memset(p, 0, size);
	return p;
}

static struct change *change_add(struct change_list *l, enum change_kind kind,
				 const char *path, size_t len, uint32_t node)
{
	struct change *c = change_room(l, sizeof(*c) + len + 1);

	if (!c)
		return NULL;
	c->kind = kind;
	c->fires = true;
	c->node = node;
	c->order = l->n++;
	c->path_len = (uint16_t)len;
	memcpy(c->path, path, len);
	list_add_tail(&l->head, &c->link);
	return c;
}

/* After ENOMEM the change stays in the list, which can only be freed then. */
static int change_put_value(struct change_list *l, struct change *c,
			    const uint8_t *value, size_t len)
{
	c->value_len = (uint16_t)len;
	if (len > VALUE_INLINE) {
		c->block = value_alloc(l->store->tree, len);
		if (!c->block)
			return ENOMEM;
		memcpy(c->block, value, len);
	} else if (len) {
		memcpy(c->inl, value, len);
	}
	return 0;
}

struct change *change_create_named(struct change_list *l, const char *path,
				   size_t len, uint32_t parent,
				   struct name *name, struct perms *perms,
				   const uint8_t *value, size_t value_len)
{
	struct change *c = change_add(l, CHANGE_CREATE, path, len, NODE_NONE);

	if (!c)
		return NULL;
	c->parent = parent;
	c->after = perms_ref(perms);
	c->name = name;
	name->refs++;
	if (change_put_value(l, c, value, value_len))
		return NULL;
	l->creates++;
	return c;
}

struct change *change_create(struct change_list *l, const char *path,
			     size_t len, uint32_t parent, struct perms *perms,
			     const uint8_t *value, size_t value_len)
{
	size_t up = path_parent_len(path, len);
	const char *text = path + (up == 1 ? 1 : up + 1);
	struct name *name =
		name_intern(l->store->tree, text, len - (size_t)(text - path));
	struct change *c;

	if (!name)
		return NULL;
	c = change_create_named(l, path, len, parent, name, perms, value,
				value_len);
	name_unref(l->store->tree, name);
	return c;
}

/* A change of an existing node. */
static struct change *change_node(struct change_list *l, enum change_kind kind,
				  const char *path, size_t len, uint32_t node)
{
	struct change *c = change_add(l, kind, path, len, node);
	struct tree *t = l->store->tree;

	if (c)
		c->before = perms_ref(node_perms(t, tree_node(t, node)));
	return c;
}

struct change *change_value(struct change_list *l, const char *path, size_t len,
			    uint32_t node, const uint8_t *value,
			    size_t value_len)
{
	struct change *c = change_node(l, CHANGE_VALUE, path, len, node);

	if (!c)
		return NULL;
	c->after = perms_ref(c->before);
	return change_put_value(l, c, value, value_len) ? NULL : c;
}

struct change *change_perms(struct change_list *l, const char *path, size_t len,
			    uint32_t node, struct perms *perms)
{
	struct change *c = change_node(l, CHANGE_PERMS, path, len, node);

	if (c)
		c->after = perms_ref(perms);
	return c;
}

struct change *change_delete(struct change_list *l, const char *path,
			     size_t len, uint32_t node)
{
	return change_node(l, CHANGE_DELETE, path, len, node);
}

struct change *change_sweep(struct change_list *l, uint32_t node, uint32_t most)
{
	struct change *c = change_add(l, CHANGE_SWEEP, "", 0, node);

	if (!c)
		return NULL;
	c->fires = false;
	c->most = most;
	return c;
}

struct change *change_event(struct change_list *l, const char *path, size_t len,
			    struct perms *before, struct perms *after)
{
	struct change *c = change_add(l, CHANGE_NOTHING, path, len, NODE_NONE);

	if (!c)
		return NULL;
	c->before = before ? perms_ref(before) : NULL;
	c->after = after ? perms_ref(after) : NULL;
	return c;
}

int change_prepare(struct change_list *l)
{
	const struct perms *last = NULL;
	struct change *c;

	/* every new owner needs an account */
	list_for_each (c, &l->head, link) {
		if (c->after && c->after != last &&
		    !account_get(l->store->accounts, perms_owner(c->after)))
			return ENOMEM;
		last = c->after;
	}
	return tree_reserve(l->store->tree, l->creates);
}

static void account_add(struct store *s, const struct perms *perms,
			const struct change *c, size_t value_len)
{
	account_add_node(account_find(s->accounts, perms_owner(perms)),
			 path_name_size(c->path, c->path_len), value_len);
}

static void account_sub(struct store *s, const struct perms *perms,
			const struct change *c, size_t value_len)
{
	account_remove_node(account_find(s->accounts, perms_owner(perms)),
			    path_name_size(c->path, c->path_len), value_len);
}

/* The account of the last node removed; most have the same owner. */
struct gone {
	struct store *s;
	struct account *account;
	uint32_t owner; /* UINT32_MAX: none yet */
};

static void account_gone(void *arg, const struct tree *t, const struct node *n)
{
	struct gone *g = arg;
	uint16_t owner = perms_owner(node_perms(t, n));

	if (owner != g->owner) {
		g->owner = owner;
		g->account = account_find(g->s->accounts, owner);
	}
	account_remove_node(g->account, n->name->len + 1u, n->value_len);
	observe(g->s, node_goes, n);
}

static void delete_below(struct store *s, const struct change *c, uint32_t most)
{
	struct gone g = {s, NULL, UINT32_MAX};

	s->work += tree_remove_below(s->tree, c->node, most, &s->generation,
				     account_gone, &g);
}

/* old_len: the length of the value before the change. */
static void account_move(struct store *s, const struct change *c,
			 size_t old_len)
{
	const struct perms *p;
	struct account *a;

	switch (c->kind) {
	case CHANGE_CREATE:
		account_add(s, c->after, c, c->value_len);
		break;
	case CHANGE_DELETE:
		account_sub(s, c->before, c, old_len);
		break;
	case CHANGE_PERMS:
		account_sub(s, c->before, c, old_len);
		account_add(s, c->after, c, old_len);
		break;
	case CHANGE_VALUE:
		/* an earlier change in the list may have changed the owner */
		p = node_perms(s->tree, tree_node(s->tree, c->node));
		a = account_find(s->accounts, perms_owner(p));
		if (a)
			a->node_memory += (uint64_t)c->value_len - old_len;
		break;
	case CHANGE_SWEEP:
	case CHANGE_NOTHING:
		break;
	}
}

static void children_changed(struct store *s, uint32_t parent)
{
	struct tree *t = s->tree;

	tree_set_gens(t, parent, tree_node(t, parent)->value_gen,
		      s->generation);
}

static void change_apply_one(struct store *s, struct change *c)
{
	struct tree *t = s->tree;
	size_t old_len = c->node ? tree_node(t, c->node)->value_len : 0;

	if (c->kind == CHANGE_SWEEP || c->below) {
		c->parent = tree_node(t, c->node)->parent;
		delete_below(s, c, c->below ? UINT32_MAX : c->most);
		return;
	}
	s->generation++;
	s->work++;
	switch (c->kind) {
	case CHANGE_CREATE:
		if (!c->parent && c->maker)
			c->parent = c->maker->node;
		else if (!c->parent)
			c->parent = tree_find(
				t, c->path,
				path_parent_len(c->path, c->path_len));
		c->node =
			tree_add(t, c->parent, c->name, perms_ref(c->after),
				 c->inl, c->block, c->value_len, s->generation);
		c->name = NULL;
		c->block = NULL;
		children_changed(s, c->parent);
		break;
	case CHANGE_VALUE:
		tree_set_value(t, c->node, c->inl, c->block, c->value_len,
			       s->generation);
		c->block = NULL;
		break;
	case CHANGE_PERMS:
		tree_set_perms(t, c->node, perms_ref(c->after), s->generation);
		break;
	case CHANGE_DELETE:
		c->parent = tree_node(t, c->node)->parent;
		observe(s, node_goes, tree_node(t, c->node));
		tree_remove(t, c->node);
		children_changed(s, c->parent);
		break;
	case CHANGE_SWEEP:
	case CHANGE_NOTHING:
		return;
	}
	account_move(s, c, old_len);
}

/* disturb_look(), also for deleted nodes without a change of their own. */
static void look_at(struct store *s, const struct change *c, struct account *by)
{
	if (c->kind == CHANGE_SWEEP || c->below)
		change_look_below(s, c->node, by);
	else
		disturb_look(s, c, by);
}

void change_apply(struct change_list *l)
{
	struct change *c;

	list_for_each (c, &l->head, link) {
		if (l->by)
			look_at(l->store, c, l->by);
		observe(l->store, before, c);
		change_apply_one(l->store, c);
		observe(l->store, after, c);
	}
}
