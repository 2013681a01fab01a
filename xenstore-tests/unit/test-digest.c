/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-digest: the digest of a daemon depends on every field that a client can
 * see.
 *
 * An update trusts equal digests, so a field that is not in the digest could be
 * lost without notice.  Each row changes one field of a running daemon, expects
 * another digest, changes the field back and expects the first digest again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "domain/domain.h"
#include "state/state.h"
#include "store/node.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "transport/event.h"

static uint64_t fake_now(struct host *h)
{
	(void)h;
	return 1000;
}

static int fake_random(struct host *h, void *buf, size_t len)
{
	(void)h;
	memset(buf, 7, len);
	return 0;
}

static const struct host_ops fake_ops = {
	.now_ms = fake_now, .now_us = fake_now, .random = fake_random};

struct world {
	struct host host;
	struct daemon *d;
	struct conn *ring, *sock;
	struct watch *watch, *guests;
	struct tx *tx;
	struct tx_node *entry;
};

static void write_node(struct world *w, struct tx *tx, const char *path,
		       const char *value)
{
	struct node_req req = {
		.store = w->d->store, .client = &w->sock->client, .tx = tx};

	req.changes = change_list_new(w->d, w->d->store);
	assert_non_null(req.changes);
	assert_int_equal(node_write(&req, path, strlen(path),
				    (const uint8_t *)value, strlen(value)),
			 0);
	talloc_free(req.changes);
}

static void make_domain(struct world *w)
{
	struct cred cred = {5, PERMS_DOMID_INVALID, false};
	struct domain *dom = domain_new(w->d, 5);

	assert_non_null(dom);
	w->ring = conn_new(w->d, CONN_RING, &cred, 0);
	assert_non_null(w->ring);
	dom->conn = w->ring;
	w->ring->domain = dom;
}

static int setup(void **state)
{
	static const uint8_t half[] = {1, 2, 3};
	struct cred cred = {0, PERMS_DOMID_INVALID, true};
	struct world *w = talloc_zero(NULL, struct world);
	struct config config = {0};
	struct err err = {0};

	w->host.ops = &fake_ops;
	w->d = daemon_new(w, &w->host, NULL, &config, &err);
	assert_non_null(w->d);
	make_domain(w);
	w->sock = conn_new(w->d, CONN_SOCKET, &cred, 0);
	assert_non_null(w->sock);
	write_node(w, NULL, "/a/b", "short");
	write_node(w, NULL, "/a/c", "a value that does not fit inside a node");
	assert_int_equal(watch_add(w->d->store, &w->sock->client, "/a", "/a",
				   "token", 3, &w->watch),
			 0);
	assert_int_equal(tx_start(w->d->store, &w->sock->client, 0, &w->tx), 0);
	write_node(w, w->tx, "/a/b", "inside");
	w->entry = tx_node_find(w->tx, "/a/b", 4);
	assert_non_null(w->entry);
	assert_int_equal(tx_list(w->tx, w->entry), 0);
	w->sock->in = talloc_memdup(w->sock, half, sizeof(half));
	w->sock->in_len = sizeof(half);
	assert_int_equal(watch_add(w->d->store, &w->ring->client, "/t", "/t",
				   "t", WATCH_NO_DEPTH, &w->guests),
			 0);
	conn_event(w->ring, w->guests, "a");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	daemon_free(w->d);
	talloc_free(w);
	return 0;
}

/* Flips one bit of each of the size bytes at field, one after another. */
static void seen_bytes(struct world *w, const char *name, void *field,
		       size_t size, uint8_t bit)
{
	uint64_t before = state_digest(w->d);
	uint8_t *p = field;
	size_t i;

	for (i = 0; i < size; i++) {
		p[i] ^= bit;
		if (state_digest(w->d) == before)
			fail_msg("byte %zu of %s is not seen", i, name);
		p[i] ^= bit;
		assert_true(state_digest(w->d) == before);
	}
}

#define SEEN(w, lvalue)	     seen_bytes(w, #lvalue, &(lvalue), sizeof(lvalue), 1)
#define SEEN_BOOL(w, lvalue) seen_bytes(w, #lvalue, &(lvalue), 1, 1)

static void test_connection(void **state)
{
	struct world *w = *state;
	struct conn *c = w->sock;
	struct out *o = list_first(&w->ring->out, struct out, next);
	uint64_t before = state_digest(w->d);

	w->ring->life = CONN_IGNORED;
	assert_false(state_digest(w->d) == before);
	w->ring->life = CONN_OPEN;
	SEEN(w, c->client.cred.domid);
	SEEN(w, w->ring->client.cred.tdomid);
	SEEN(w, c->client.next_tx_id);
	SEEN_BOOL(w, c->client.read_only);
	SEEN(w, w->ring->remote_port);
	seen_bytes(w, "input", c->in, c->in_len, 0x10);
	seen_bytes(w, "output", o->data, o->len, 0x10);
	SEEN_BOOL(w, o->event);
	seen_bytes(w, "what of it has gone", &w->ring->out_pos, 1, 1);
	SEEN(w, w->ring->lost);
	SEEN_BOOL(w, w->ring->dropping);
	w->ring->dropping = true;
	SEEN_BOOL(w, w->guests->lost);
	w->ring->dropping = false;
	SEEN_BOOL(w, w->ring->domain->shutdown);
	SEEN(w, w->ring->domain->handle_hi);
	SEEN(w, w->ring->domain->handle_lo);
	SEEN(w, w->ring->domain->features);
}

/* A known domain that is not introduced, limits, and refusals. */
static void test_quotas(void **state)
{
	struct world *w = *state;
	struct store *s = w->d->store;
	uint64_t before = state_digest(w->d);
	struct account *a = account_get(s->accounts, 9);
	struct domain *dom;

	assert_non_null(a);
	assert_true(state_digest(w->d) == before);
	a->refused[QUOTA_NODES] = 1;
	assert_false(state_digest(w->d) == before);
	SEEN(w, a->refused);
	assert_int_equal(account_set_limit(a, QUOTA_WATCHES, false, 3), 0);
	SEEN(w, *a->own);
	SEEN(w, s->most);
	before = state_digest(w->d);
	dom = domain_new(w->d, 9);
	assert_non_null(dom);
	assert_false(state_digest(w->d) == before);
	SEEN(w, dom->handle_hi);
	SEEN(w, dom->features);
}

static void test_transaction(void **state)
{
	struct world *w = *state;

	SEEN(w, w->tx->id);
	SEEN(w, w->tx->next_seq);
	SEEN_BOOL(w, w->tx->doomed);
	SEEN_BOOL(w, w->tx->failed);
	SEEN(w, w->entry->did);
	SEEN(w, w->entry->created_seq);
	SEEN(w, w->entry->value_gen);
	SEEN(w, w->entry->children_gen);
	SEEN(w, w->entry->event_order);
	seen_bytes(w, "value", w->entry->value, w->entry->value_len, 2);
	seen_bytes(w, "name", w->entry->name->s, w->entry->name->len, 2);
}

static void test_store(void **state)
{
	struct world *w = *state;
	struct store *s = w->d->store;
	unsigned int i;

	SEEN(w, s->generation);
	SEEN(w, w->d->conns.next_id);
	SEEN(w, s->limits);
	for (i = 0; i < SPECIAL_COUNT; i++)
		SEEN(w, s->special[i].generation);
}

/* Fields that the change functions keep up to date are changed by them. */
static void test_nodes(void **state)
{
	struct world *w = *state;
	struct tree *t = w->d->store->tree;
	uint32_t b = tree_find(t, "/a/b", 4);
	struct perm p[2] = {{0, 0}, {5, PERM_READ}};
	struct perms *perms = perms_intern(w->d->store->perms, p, 2);
	uint64_t before = state_digest(w->d), gen, cgen;

	gen = tree_node(t, b)->value_gen;
	cgen = tree_node(t, b)->children_gen;
	tree_set_value(t, b, (const uint8_t *)"shorT", NULL, 5, gen);
	assert_false(state_digest(w->d) == before);
	tree_set_value(t, b, (const uint8_t *)"short", NULL, 5, gen);
	assert_true(state_digest(w->d) == before);
	tree_set_gens(t, b, gen + 1, cgen);
	assert_false(state_digest(w->d) == before);
	tree_set_gens(t, b, gen, cgen + 1);
	assert_false(state_digest(w->d) == before);
	tree_set_gens(t, b, gen, cgen);
	assert_true(state_digest(w->d) == before);
	tree_set_perms(t, b, perms, gen);
	assert_false(state_digest(w->d) == before);
}

/* The order of children is part of the digest. */
static void test_child_order(void **state)
{
	struct world *w = *state;
	struct tree *t = w->d->store->tree;
	uint32_t b = tree_find(t, "/a/b", 4), up = tree_node(t, b)->parent;
	struct perms *perms = perms_ref(node_perms(t, tree_node(t, b)));
	uint64_t gen = tree_node(t, b)->value_gen;
	uint64_t before = state_digest(w->d);
	uint32_t again;

	tree_remove(t, b);
	assert_int_equal(tree_reserve(t, 1), 0);
	again = tree_add(t, up, name_intern(t, "b", 1), perms,
			 (const uint8_t *)"short", NULL, 5, gen);
	tree_set_gens(t, again, gen, gen);
	assert_false(state_digest(w->d) == before);
}

static void test_watches(void **state)
{
	struct world *w = *state;
	struct watch *other;
	uint64_t before = state_digest(w->d);

	watch_set_depth(w->d->store, w->watch, 4);
	assert_false(state_digest(w->d) == before);
	watch_set_depth(w->d->store, w->watch, 3);
	assert_true(state_digest(w->d) == before);
	assert_int_equal(watch_add(w->d->store, &w->sock->client, "/a", "/a",
				   "tokem", 3, &other),
			 0);
	assert_false(state_digest(w->d) == before);
	watch_free(w->d->store, other);
	assert_true(state_digest(w->d) == before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_connection, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_transaction, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quotas, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_child_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_watches, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
