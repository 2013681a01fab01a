/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: see store.h.  Puts the parts of the core together. */
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"

static const char *const special_path[SPECIAL_COUNT] = {
	[SPECIAL_INTRODUCE] = "@introduceDomain",
	[SPECIAL_RELEASE] = "@releaseDomain",
};

struct store *store_new(const void *ctx, const struct hash_key *key,
			uint16_t priv_domid)
{
	struct store *s = talloc_zero(ctx, struct store);
	struct perm root = {priv_domid, 0};
	unsigned int i;

	if (!s)
		return NULL;
	s->key = *key;
	s->priv_domid = priv_domid;
	s->refused = -1;
	limits_init(&s->limits);
	s->perms = perms_table_new(s);
	s->accounts = accounts_new(s);
	s->watches = watches_new(s, key);
	if (!s->perms || !s->accounts || !s->watches ||
	    !account_get(s->accounts, priv_domid))
		goto fail;
	s->tree = tree_new(s, key, s->perms, &root);
	if (!s->tree)
		goto fail;
	account_get(s->accounts, priv_domid)->nodes = 1;
	for (i = 0; i < SPECIAL_COUNT; i++) {
		s->special[i].path = special_path[i];
		s->special[i].perms = perms_intern(s->perms, &root, 1);
		if (!s->special[i].perms)
			goto fail;
	}
	return s;
fail:
	talloc_free(s);
	return NULL;
}

int client_init(struct client *c, struct store *s, uint32_t id,
		const struct cred *cred)
{
	memset(c, 0, sizeof(*c));
	c->id = id;
	c->cred = *cred;
	c->next_tx_id = 1;
	list_init(&c->watches);
	list_init(&c->txs);
	c->account = account_get(s->accounts, cred->domid);
	return c->account ? 0 : ENOMEM;
}

void client_reset(struct client *c, struct store *s)
{
	while (!list_empty(&c->watches))
		watch_free(s, list_first(&c->watches, struct watch, of_client));
	while (!list_empty(&c->txs))
		tx_free(list_first(&c->txs, struct tx, of_client));
}

bool client_over(struct store *s, const struct client *c, enum quota q,
		 uint64_t n)
{
	if (c->cred.privileged || !limit_hit(&s->limits, q, n))
		return false;
	c->account->refused[q]++;
	s->refused = (int)q;
	return true;
}

struct special *special_find(struct store *s, const char *path)
{
	unsigned int i;

	if (path[0] != '@')
		return NULL;
	for (i = 0; i < SPECIAL_COUNT; i++)
		if (!strcmp(path, s->special[i].path))
			return &s->special[i];
	return NULL;
}
