/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disturb: see disturb.h.  Called by transaction.c and change.c. */
#include "store/disturb.h"

#include <string.h>

#include "store/path.h"

void disturb_add(struct store *s, struct tx_node *n)
{
	n->touched.hash = n->link.hash;
	htab_insert(s->touched, &n->touched);
}

void disturb_del(struct store *s, struct tx_node *n)
{
	htab_remove(s->touched, &n->touched);
}

/*
 * Whether a privileged client's entry for so much of the changed path did one
 * of these (0: anything), and the change is not what it has made itself.  A
 * guest's do not count: it could open some for no other purpose than to slow
 * another guest down.
 */
static bool touched(const struct store *s, const struct change *c, size_t len,
		    uint32_t did)
{
	uint32_t hash = (uint32_t)hash_keyed(&s->key, c->path, len);
	struct hlink *l = htab_chain(s->touched, hash);

	for (; l; l = l->next) {
		const struct tx_node *n =
			container_of(l, struct tx_node, touched);

		if (l->hash == hash && n->path_len == len &&
		    (!did || (n->did & did)) &&
		    n->tx->client->cred.privileged &&
		    !memcmp(n->path, c->path, len) &&
		    !tx_made_alike(n, c->after))
			return true;
	}
	return false;
}

void disturb_look(const struct store *s, const struct change *c,
		  struct account *by)
{
	bool listing = c->kind == CHANGE_CREATE || c->kind == CHANGE_DELETE;

	if (!s->touched->count || by->disturbed || c->kind == CHANGE_NOTHING)
		return;
	by->disturbed = touched(s, c, c->path_len, 0) ||
			(listing && c->path_len > 1 &&
			 touched(s, c, path_parent_len(c->path, c->path_len),
				 TX_LISTED));
}
