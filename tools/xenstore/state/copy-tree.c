/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy-tree: the walk over the nodes, and what changes behind it; see copy.h.
 *
 * A node has NODE_SENT when the walk has sent it, and NODE_OPEN until the walk
 * has left it with all its children.  A change of a node that is not sent needs
 * no effect: the walk will come.  Nor does a new child of an open node, since
 * new children come last.  When the walk leaves a node, it sends the node's
 * children_gen again if that has changed.
 *
 * The walk keeps no pointer to what it has not sent.  When its node is removed,
 * it goes back to the sibling or parent before it.
 */
#include "state/copy-internal.h"

#include <string.h>
#include <talloc.h>

static struct copy *to_copy(struct store_observer *so)
{
	return container_of(so, struct copy, observer);
}

static struct node *node_at(const struct copy *cp, uint32_t id)
{
	return tree_node(cp->d->store->tree, id);
}

/* ---- effects ---- */

static void put_effect(struct copy *cp, uint16_t kind, const char *path,
		       size_t len, uint64_t generation, uint32_t number,
		       const struct node *n)
{
	struct record rec = {.type = REC_NODE_EFFECT};
	char text[PATH_SIZE];
	const struct perms *p;

	memcpy(text, path, len);
	text[len] = '\0';
	rec.node_effect.kind = kind;
	rec.node_effect.path = text;
	rec.node_effect.path_len = (uint16_t)(len + 1);
	rec.node_effect.generation = generation;
	rec.node_effect.number = number;
	if (kind == REC_NODE_CREATED || kind == REC_NODE_VALUE) {
		rec.node_effect.value = node_value(n);
		rec.node_effect.value_len = n->value_len;
	}
	if (kind == REC_NODE_CREATED || kind == REC_NODE_PERMS) {
		p = node_perms(cp->d->store->tree, n);
		rec.node_effect.perm_count = (uint16_t)p->n;
		cp->o->perms_of = NULL;
		rec.node_effect.perms = dump_perms(cp->o, p);
	}
	copy_effect(cp, &rec);
}

void copy_strip(struct store_observer *so, uint16_t domid)
{
	struct copy *cp = to_copy(so);

	if (cp->node || cp->phase == COPY_CONNS)
		put_effect(cp, REC_NODE_STRIPPED, "/", 1, 0, domid, NULL);
}

void copy_before(struct store_observer *so, const struct change *c)
{
	struct copy *cp = to_copy(so);

	cp->swept = 0;
	cp->sent = c->node && cp->phase != COPY_CLEAR &&
		   (node_at(cp, c->node)->flags & NODE_SENT);
}

void copy_node_goes(struct store_observer *so, const struct node *n)
{
	struct copy *cp = to_copy(so);
	const struct node *up = node_at(cp, n->parent);

	if (cp->phase == COPY_CLEAR)
		return;
	cp->swept += !!(n->flags & NODE_SENT);
	if (!cp->node || node_at(cp, cp->node) != n)
		return;
	cp->len = 0;
	cp->done = node_at(cp, up->first) != n;
	cp->node = cp->done ? n->prev : n->parent;
}

/* A new node: sent if the walk has left its parent. */
static void created(struct copy *cp, const struct change *c)
{
	struct node *n = node_at(cp, c->node);
	const struct node *up = node_at(cp, n->parent);

	if ((up->flags & (NODE_SENT | NODE_OPEN)) != NODE_SENT)
		return;
	n->flags |= NODE_SENT;
	put_effect(cp, REC_NODE_CREATED, c->path, c->path_len, n->value_gen, 0,
		   n);
}

static void swept(struct copy *cp, const struct change *c)
{
	struct tree *t = cp->d->store->tree;
	char path[PATH_SIZE];

	if (cp->swept)
		put_effect(cp, REC_NODE_SWEPT, path,
			   tree_path(t, c->node, path),
			   cp->d->store->generation, cp->swept, NULL);
}

void copy_after(struct store_observer *so, const struct change *c)
{
	struct copy *cp = to_copy(so);
	uint64_t generation = cp->d->store->generation;

	if (cp->phase == COPY_CLEAR)
		return;
	if (c->kind == CHANGE_CREATE)
		created(cp, c);
	if (!cp->sent)
		return;
	switch (c->kind) {
	case CHANGE_VALUE:
		put_effect(cp, REC_NODE_VALUE, c->path, c->path_len, generation,
			   0, node_at(cp, c->node));
		break;
	case CHANGE_PERMS:
		put_effect(cp, REC_NODE_PERMS, c->path, c->path_len, generation,
			   0, node_at(cp, c->node));
		break;
	case CHANGE_DELETE:
		put_effect(cp, REC_NODE_DELETED, c->path, c->path_len,
			   generation, 0, NULL);
		break;
	case CHANGE_SWEEP:
		swept(cp, c);
		break;
	case CHANGE_CREATE:
	case CHANGE_NOTHING:
		break;
	}
}

/* ---- the walk ---- */

static void find_path(struct copy *cp)
{
	size_t i;

	cp->len = tree_path(cp->d->store->tree, cp->node, cp->path);
	cp->depth = 0;
	for (i = 0; i < cp->len && cp->node != NODE_ROOT; i++)
		cp->depth += cp->path[i] == '/';
}

static void send(struct copy *cp, uint32_t id)
{
	struct node *n = node_at(cp, id);

	cp->node = id;
	cp->done = false;
	cp->sent_gen[cp->depth] = n->children_gen;
	n->flags |= NODE_SENT | NODE_OPEN;
	collect_node_gens(cp->o, id, cp->path, cp->len);
	cp->n.nodes++;
}

/* Appends the name of `id`, the next node, to its parent's path. */
static void append(struct copy *cp, uint32_t id)
{
	const struct name *name = node_at(cp, id)->name;

	if (cp->len > 1)
		cp->path[cp->len++] = '/';
	memcpy(cp->path + cp->len, name->s, name->len + 1u);
	cp->len += name->len;
}

/* Takes the name of the present node away: the parent's path is left. */
static void strip_name(struct copy *cp)
{
	cp->len -= node_at(cp, cp->node)->name->len;
	if (cp->len > 1)
		cp->len--;
}

/* The walk leaves a node with all its children. */
static void leave(struct copy *cp)
{
	struct node *n = node_at(cp, cp->node);

	n->flags &= (uint16_t)~NODE_OPEN;
	cp->done = true;
	if (n->children_gen != cp->sent_gen[cp->depth])
		put_effect(cp, REC_NODE_CHILDREN, cp->path, cp->len,
			   n->children_gen, 0, NULL);
}

bool copy_next_node(struct copy *cp)
{
	const struct node *n;
	uint32_t next;

	if (!cp->node) {
		memcpy(cp->path, "/", 2);
		cp->len = 1;
		send(cp, NODE_ROOT);
		return true;
	}
	if (!cp->len)
		find_path(cp);
	n = node_at(cp, cp->node);
	if (!cp->done && n->first) {
		next = n->first;
		append(cp, next);
		cp->depth++;
		send(cp, next);
		return true;
	}
	if (!cp->done)
		leave(cp);
	for (;;) {
		n = node_at(cp, cp->node);
		if (cp->node == NODE_ROOT) {
			cp->node = NODE_NONE;
			return false;
		}
		next = n->next;
		strip_name(cp);
		if (next) {
			append(cp, next);
			send(cp, next);
			return true;
		}
		cp->node = n->parent;
		cp->depth--;
		leave(cp);
	}
}
