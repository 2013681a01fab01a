/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest: see digest.h.  Called by transport/ and state/. */
#include "store/digest.h"

#include <string.h>

#include "store/store.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"

uint64_t tx_digest(const struct tx *tx)
{
	struct tx_path path;
	const struct tx_node *n;
	uint64_t sum = 0, h;

	path.up = NULL;
	list_for_each (n, &tx->nodes, order) {
		h = hash_bytes(path.s, tx_node_path(&path, n));
		h = hash_mix(h, n->did);
		h = hash_mix(h, n->created_seq);
		h = hash_mix(h, n->value_gen);
		h = hash_mix(h, n->children_gen);
		h = hash_mix(h, n->event_order);
		h = hash_mix(h, n->perms ? n->perms->digest : 0);
		h = hash_mix(h, hash_bytes(n->value, n->value_len));
		h = hash_mix(h, hash_bytes(n->seen, n->seen_len));
		sum = hash_mix(sum, h); /* in the order of first touch */
	}
	h = hash_mix(tx->id, tx->client->id);
	h = hash_mix(h, tx->next_seq);
	return hash_mix(h, sum) + (tx->doomed ? 1 : 0) + (tx->failed ? 2 : 0);
}

static uint64_t account_digest(const struct account *a)
{
	uint64_t h = hash_mix(a->domid, a->own ? 1 : 0);

	if (a->own)
		h = hash_mix(h, hash_bytes(a->own, sizeof(*a->own)));
	return hash_mix(h, hash_bytes(a->refused, sizeof(a->refused)));
}

/* Of accounts that have more than what follows from the rest of the state. */
static uint64_t accounts_digest(const struct accounts *as)
{
	const struct account *a;
	struct hlink *l = NULL;
	uint32_t pos = 0;
	uint64_t h = 0;

	while ((l = htab_next(as->tab, &pos, l))) {
		a = container_of(l, struct account, link);
		if (a->own || account_refused(a))
			h += account_digest(a);
	}
	return h;
}

uint64_t store_digest(const struct store *s)
{
	uint64_t h = hash_mix(tree_digest(s->tree), s->watches->digest);
	unsigned int i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		h = hash_mix(h, s->special[i].perms->digest);
		h = hash_mix(h, s->special[i].generation);
	}
	h = hash_mix(h, hash_bytes(&s->limits, sizeof(s->limits)));
	h = hash_mix(h, hash_bytes(s->most, sizeof(s->most)));
	h = hash_mix(h, accounts_digest(s->accounts));
	return hash_mix(h, s->generation);
}
