/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturb: see disturb.h.  Called by tx-node.c, change.c and change-delete.c.
 */
#include "store/disturb.h"

#include <string.h>

#include "store/path.h"

/*
 * Guests' transactions do not count: a guest could open some only to slow
 * another guest down.  Nor do those of read-only clients, which need not be
 * root.
 */
static bool counts(const struct tx_node *n)
{
	const struct client *c = n->tx->client;

	return c->cred.privileged && !c->read_only;
}

void disturb_add(struct store *s, struct tx_node *n)
{
	if (counts(n))
		htab_insert(s->touched, &n->touched);
}

void disturb_del(struct store *s, struct tx_node *n)
{
	if (counts(n))
		htab_remove(s->touched, &n->touched);
}

bool disturb_hash_of(const struct store *s, const char *path, size_t len,
		     uint32_t *ret_up, uint32_t *ret_hash)
{
	uint32_t up = DISTURB_ROOT, hash = DISTURB_ROOT;
	const struct name *name;
	size_t at = 1, end;

	for (; at < len; at = end) {
		end = path_next(path, len, at);
		at += path[at] == '/';
		name = name_find(s->tree, path + at, end - at);
		if (!name)
			return false;
		up = hash;
		hash = disturb_hash(up, name);
	}
	*ret_up = up;
	*ret_hash = hash;
	return true;
}

static bool has_path(const struct tx_node *n, const char *path, size_t len)
{
	if (n->path_len != len)
		return false;
	for (; n->up; n = n->up) {
		len -= n->name->len;
		if (memcmp(path + len, n->name->s, n->name->len) ||
		    path[--len] != '/')
			return false;
	}
	return true;
}

/*
 * An entry for this path has one of these TX_ bits (0: any), and the change is
 * not the creation of a parent that it created, too.
 */
static bool touched(const struct store *s, const char *path, size_t len,
		    const struct perms *after, uint32_t hash, uint32_t did)
{
	struct hlink *l = htab_chain(s->touched, hash);

	for (; l; l = l->next) {
		const struct tx_node *n =
			container_of(l, struct tx_node, touched);

		if (l->hash == hash && (!did || (n->did & did)) &&
		    has_path(n, path, len) && !tx_made_alike(n, after))
			return true;
	}
	return false;
}

void disturb_look(const struct store *s, const struct change *c,
		  struct account *by)
{
	bool listing = c->kind == CHANGE_CREATE || c->kind == CHANGE_DELETE;
	uint32_t up, hash;

	if (!s->touched->count || by->disturbed || c->kind == CHANGE_NOTHING ||
	    !disturb_hash_of(s, c->path, c->path_len, &up, &hash))
		return;
	by->disturbed =
		touched(s, c->path, c->path_len, c->after, hash, 0) ||
		(listing && c->path_len > 1 &&
		 touched(s, c->path, path_parent_len(c->path, c->path_len),
			 c->after, up, TX_LISTED));
}

void disturb_look_gone(const struct store *s, const char *path, size_t len,
		       uint32_t up, uint32_t hash, struct account *by)
{
	by->disturbed |=
		touched(s, path, len, NULL, hash, 0) ||
		(len > 1 && touched(s, path, path_parent_len(path, len), NULL,
				    up, TX_LISTED));
}
