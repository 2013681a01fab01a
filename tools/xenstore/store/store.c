/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: see store.h.  Creates the parts of the store, and clients. */
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "store/memory.h"
#include "store/path.h"
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
	/* all may learn that a domain is gone, as since Xen 4.22 */
	struct perm root[] = {{priv_domid, 0}, {PERMS_DOMID_ANY, PERM_READ}};
	unsigned int i;

	if (!s)
		return NULL;
	s->key = *key;
	s->priv_domid = priv_domid;
	s->refused = -1;
	s->warned = -1;
	limits_init(&s->limits);
	s->perms = perms_table_new(s, key);
	s->accounts = accounts_new(s);
	s->watches = watches_new(s);
	s->touched = htab_new(s);
	s->tx_memory = talloc_new(s);
	if (!s->touched || !s->tx_memory || !s->perms || !s->accounts ||
	    !s->watches || !account_get(s->accounts, priv_domid))
		goto fail;
	pool_init(&s->tx_pool, s->tx_memory);
	s->tree = tree_new(s, key, s->perms, root);
	if (!s->tree)
		goto fail;
	account_add_node(account_get(s->accounts, priv_domid), 1, 0);
	for (i = 0; i < SPECIAL_COUNT; i++) {
		s->special[i].path = special_path[i];
		s->special[i].perms = perms_intern(
			s->perms, root, i == SPECIAL_RELEASE ? 2 : 1);
		if (!s->special[i].perms)
			goto fail;
	}
	return s;
fail:
	talloc_free(s);
	return NULL;
}

int store_set_priv(struct store *s, uint16_t priv_domid)
{
	struct perm p[] = {{priv_domid, 0}, {PERMS_DOMID_ANY, PERM_READ}};
	struct account *before = account_find(s->accounts, s->priv_domid);
	struct account *after = account_get(s->accounts, priv_domid);
	struct perms *own, *read;

	if (priv_domid == s->priv_domid)
		return 0;
	own = perms_intern(s->perms, p, 1);
	read = perms_intern(s->perms, p, 2);
	if (!after || !own || !read)
		return ENOMEM;
	tree_set_perms(s->tree, NODE_ROOT, own, 0);
	account_remove_node(before, 1, 0);
	account_add_node(after, 1, 0);
	perms_unref(s->perms, s->special[SPECIAL_INTRODUCE].perms);
	s->special[SPECIAL_INTRODUCE].perms = perms_ref(own);
	perms_unref(s->perms, s->special[SPECIAL_RELEASE].perms);
	s->special[SPECIAL_RELEASE].perms = read;
	s->priv_domid = priv_domid;
	return 0;
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
	if (!c->account)
		return ENOMEM;
	account_ref(c->account);
	return 0;
}

void client_read_only(struct client *c, struct store *s)
{
	account_unref(s->accounts, c->account);
	c->account = s->accounts->readers;
	account_ref(c->account);
	c->read_only = true;
}

void client_fini(struct client *c, struct store *s)
{
	account_unref(s->accounts, c->account);
	c->account = NULL;
}

void client_reset(struct client *c, struct store *s)
{
	watch_drop_all(s, c);
	while (!list_empty(&c->txs))
		tx_free(list_first(&c->txs, struct tx, of_client));
}

/* Sets s->warned once each time that a soft limit is exceeded. */
static void soft_limit(struct store *s, struct account *a, enum quota q,
		       uint64_t n)
{
	uint32_t limit = account_limit(&s->limits, a, q, true);

	if (!limit || n <= limit) {
		a->warned &= ~(1u << q);
	} else if (!(a->warned & 1u << q)) {
		a->warned |= 1u << q;
		s->warned = (int)q;
	}
}

/* For all read-only clients together; QUOTA_TX_NODES for each transaction. */
static const uint32_t reader_limits[QUOTA_COUNT] = {
	[QUOTA_TRANSACTIONS] = 16,
	[QUOTA_TX_NODES] = 256,
	[QUOTA_WATCHES] = 1024,
};

uint32_t client_limit(const struct store *s, const struct client *c,
		      enum quota q)
{
	if (c->read_only)
		return reader_limits[q];
	return c->cred.privileged
		       ? 0
		       : account_limit(&s->limits, c->account, q, false);
}

bool client_over(struct store *s, const struct client *c, enum quota q,
		 uint64_t n)
{
	struct account *a = c->account;
	uint32_t limit = client_limit(s, c, q);

	if (limit && n > limit) {
		a->refused[q]++;
		s->refused = (int)q;
		return true;
	}
	if (c->cred.privileged)
		return false;
	store_most(s, c, q, n);
	soft_limit(s, a, q, n);
	return false;
}

bool client_over_memory(struct store *s, const struct client *c, size_t more)
{
	return client_over(s, c, QUOTA_MEMORY,
			   c->account->node_memory + c->account->memory + more);
}

/* Nodes of dom0 or an image may be deeper than a guest can create them. */
static bool may_use(struct store *s, const struct client *c, const char *path,
		    size_t len)
{
	uint32_t id = tree_find(s->tree, path, len);

	return id &&
	       perms_for(node_perms(s->tree, tree_node(s->tree, id)), &c->cred);
}

bool client_over_depth(struct store *s, const struct client *c,
		       const char *path, size_t len, bool there)
{
	unsigned int depth = path_quota_depth(path, len);
	uint32_t limit =
		account_limit(&s->limits, c->account, QUOTA_PATH_DEPTH, false);

	if (there && limit && depth > limit && may_use(s, c, path, len))
		return false;
	return client_over(s, c, QUOTA_PATH_DEPTH, depth);
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
