/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tx-restore: derives what an image does not say about a transaction's entries,
 * after a live update or a migration.  See tx_restored() in transaction.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "store/transaction.h"
#include "store/tree.h"

static bool same_content(const struct tree *t, uint32_t id,
			 const struct tx_node *n)
{
	const struct node *base = tree_node(t, id);

	return perms_equal(node_perms(t, base), n->perms) &&
	       base->value_len == n->value_len &&
	       (!n->value_len ||
		!memcmp(node_value(base), n->value, n->value_len));
}

/* For an entry of which only the content is known: proves its base if it can. */
static void prove_base(struct tx *tx, struct tx_node *n, uint32_t id)
{
	const struct tree *t = tx->store->tree;

	bool unproven = n->did & TX_UNPROVEN;

	if (!n->perms)
		n->did = unproven ? TX_DELETED : TX_ABSENT;
	else
		n->did = unproven ? TX_WRITTEN : TX_VALUE;
	if (id && perms_owner(node_perms(t, tree_node(t, id))) ==
			  tx->client->cred.domid)
		n->did |= n->did & TX_ABSENT ? 0 : TX_WAS_OWN;
	if (!n->perms && !unproven)
		return; /* seen as absent: the commit checks that */
	if (unproven || !id || !same_content(t, id, n)) {
		tx->doomed = true;
		return;
	}
	n->value_gen = tree_node(t, id)->value_gen;
	n->children_gen = tree_node(t, id)->children_gen;
}

/* True when no live transaction can have such an entry. */
static bool impossible(const struct tx_node *n)
{
	bool absent = n->did & TX_ABSENT, created = n->did & TX_CREATED;
	bool gone = n->did & TX_DELETED, written = n->did & TX_WRITTEN;

	if (!n->up && (absent || created || gone))
		return true;
	if (absent && (n->did & TX_WAS_OWN))
		return true;
	if ((n->did & TX_IMPLIED) &&
	    (!absent || !created || written || gone || n->value_len ||
	     (n->did & (TX_VALUE | TX_LISTED))))
		return true;
	if (gone)
		return absent || created || written || n->perms;
	if (absent && !created)
		return written || n->perms;
	return !n->perms;
}

static int restored_entry(struct tx *tx, struct tx_node *n)
{
	struct store *s = tx->store;
	uint32_t id = tx_node_committed(n);
	struct perm nobody = {s->priv_domid, 0};
	uint16_t me = tx->client->cred.domid;

	if (!(n->did & TX_BASED))
		prove_base(tx, n, id);
	n->did &= ~TX_BASED;
	if (impossible(n))
		return EINVAL;
	if (!(n->did & TX_ABSENT)) {
		/* if this is another node by now, the commit fails anyway */
		n->base_perms = id ? perms_ref(node_perms(
					     s->tree, tree_node(s->tree, id)))
				   : perms_intern(s->perms, &nobody, 1);
		if (!n->base_perms)
			return ENOMEM;
	}
	tx->own_nodes += n->perms && perms_owner(n->perms) == me;
	tx->own_nodes -= (n->did & TX_WAS_OWN) != 0;
	if (tx_deletes(n))
		n->up->gone_bytes += n->name->len + 1u;
	/* also if it fires no more: numbers are not used again */
	if (n->event_order >= tx->next_event)
		tx->next_event = n->event_order + 1;
	return 0;
}

static int by_seq(const void *a, const void *b)
{
	const struct tx_node *x = *(const struct tx_node *const *)a;
	const struct tx_node *y = *(const struct tx_node *const *)b;

	return x->created_seq < y->created_seq ? -1 : 1;
}

/* Puts created entries in their parents' lists, in order of creation. */
static int restored_created(struct tx *tx)
{
	struct tx_node **created =
		talloc_array(tx, struct tx_node *, tx->nnodes + 1);
	size_t count = 0, i;
	struct tx_node *n;
	int rc = 0;

	if (!created)
		return ENOMEM;
	list_for_each (n, &tx->nodes, order)
		if (n->did & TX_CREATED)
			created[count++] = n;
	if (count > 1)
		qsort(created, count, sizeof(struct tx_node *), by_seq);
	for (i = 0; i < count && !rc; i++)
		rc = tx_link_created(created[i]);
	talloc_free(created);
	return rc == ENOSPC ? 0 : rc;
}

/* Committed nodes found before the image's generation was set are invalid. */
static void forget_committed(struct tx *tx)
{
	struct tx_node *n, *up;

	list_for_each (n, &tx->nodes, order)
		for (up = n; up && up->known_at; up = up->up)
			up->known_at = 0;
	tx->merged_at = 0;
}

int tx_restored(struct tx *tx)
{
	struct tx_node *n;
	int rc = 0;

	list_for_each (n, &tx->nodes, order) {
		rc = restored_entry(tx, n);
		if (rc)
			break;
	}
	if (!rc)
		rc = restored_created(tx);
	forget_committed(tx);
	return rc;
}
