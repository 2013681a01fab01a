// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cost of watches and events, in units of work (store->work), so that
 * nothing here depends on a clock, and the memory charged for them.
 */
#include "test-store.h"

#include "daemon.h"
#include "domain/domain.h"
#include "transport/conn.h"
#include "transport/event.h"
#include "transport/lost.h"

#define GUESTS	10
#define WATCHES 128
#define SPINE	30
#define LEAVES	32
#define ENTRIES 1024
/* less than 2 ms: a queued event is one unit, about 300 ns */
#define ENOUGH 8000u

static uint64_t now = 1000;

static uint64_t fake_now(struct host *h)
{
	(void)h;
	return now;
}

static int fake_domain(struct host *h, uint16_t domid, struct host_domain *ret)
{
	(void)h;
	*ret = (struct host_domain){.domid = domid};
	return 0;
}

static int fake_random(struct host *h, void *buf, size_t len)
{
	(void)h;
	memset(buf, 7, len);
	return 0;
}

static const struct host_ops fake_ops = {
	.now_ms = fake_now,
	.now_us = fake_now,
	.random = fake_random,
	.domain = fake_domain,
};

struct host_world {
	struct host host;
	struct daemon *d;
	struct store *s;
	struct conn *guest[GUESTS];
	struct client root;
	char path[SPINE * (LEAVES + 1)][256];
	size_t paths;
};

static void set_perms(struct host_world *w, const char *path, uint16_t owner,
		      bool readable)
{
	struct perm p = {owner, readable ? PERM_READ : 0};
	struct node_req req = {.store = w->s, .client = &w->root};

	req.changes = change_list_new(w->s, w->s);
	assert_int_equal(node_set_perms(&req, path, strlen(path), &p, 1), 0);
	talloc_free(req.changes);
}

static void add_node(struct host_world *w, const char *path, bool readable)
{
	struct node_req req = {.store = w->s, .client = &w->root};

	req.changes = change_list_new(w->s, w->s);
	assert_int_equal(
		node_write(&req, path, strlen(path), (const uint8_t *)"x", 1),
		0);
	talloc_free(req.changes);
	set_perms(w, path, GUESTS + 1, readable);
	strcpy(w->path[w->paths++], path);
}

/* A path as deep as a guest may have, with leaves at each node. */
static void add_nodes(struct host_world *w, bool readable)
{
	char spine[256] = "/top", leaf[300];
	int i, j;

	set_perms(w, "/", 0, readable);
	for (i = 0; i < SPINE; i++) {
		if (i)
			sprintf(spine + strlen(spine), "/s%d", i);
		add_node(w, spine, readable);
		for (j = 0; j < LEAVES; j++) {
			sprintf(leaf, "%s/l%d", spine, j);
			add_node(w, leaf, readable);
		}
	}
}

static struct conn *add_guest(struct host_world *w, uint16_t domid)
{
	struct cred cred = {domid, PERMS_DOMID_INVALID, false};
	struct domain *dom = domain_new(w->d, domid);
	struct conn *c = conn_new(w->d, CONN_RING, &cred, 0);

	assert_non_null(dom);
	assert_non_null(c);
	dom->conn = c;
	c->domain = dom;
	return c;
}

static struct host_world *host_world_new(void)
{
	struct host_world *w = talloc_zero(NULL, struct host_world);
	struct cred cred = {0, PERMS_DOMID_INVALID, true};
	struct config config = {0};
	struct err err = {0};
	uint16_t i;

	w->host.ops = &fake_ops;
	w->d = daemon_new(w, &w->host, NULL, &config, &err);
	assert_non_null(w->d);
	w->s = w->d->store;
	assert_int_equal(client_init(&w->root, w->s, 1000000, &cred), 0);
	for (i = 0; i < GUESTS; i++)
		w->guest[i] = add_guest(w, (uint16_t)(i + 1));
	return w;
}

static void host_world_free(struct host_world *w)
{
	client_reset(&w->root, w->s);
	client_fini(&w->root, w->s);
	daemon_free(w->d);
	talloc_free(w);
}

static void add_watch(struct host_world *w, struct client *c, const char *path,
		      unsigned int n)
{
	struct watch *watch;
	char token[16];

	sprintf(token, "token%u", n);
	assert_int_equal(
		watch_add(w->s, c, path, path, token, WATCH_NO_DEPTH, &watch),
		0);
}

enum where {
	ON_ROOT,
	ON_SPINE,
	ON_REMOVED
};

static void add_watches(struct host_world *w, enum where where)
{
	unsigned int i, n;

	for (i = 0; i < GUESTS; i++)
		for (n = 0; n < WATCHES; n++) {
			size_t at = where == ON_SPINE ? n % SPINE * (LEAVES + 1)
						      : w->paths - 1 - n;

			add_watch(w, &w->guest[i]->client,
				  where == ON_ROOT ? "/" : w->path[at], n);
		}
}

static struct change_list *change_values(struct host_world *w, size_t step)
{
	struct change_list *l = change_list_new(w->s, w->s);
	size_t i;

	for (i = 0; i < ENTRIES; i++) {
		const char *path = w->path[i * step % w->paths];
		uint32_t id = tree_find(w->s->tree, path, strlen(path));

		assert_non_null(change_value(l, path, strlen(path), id,
					     (const uint8_t *)"y", 1));
	}
	return l;
}

static void fire(struct host_world *w, struct change_list *l, const char *what)
{
	uint64_t work, before;
	uint32_t events = 0, i;

	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	before = w->s->work;
	event_fire(w->d, l);
	work = w->s->work - before;
	for (i = 0; i < GUESTS; i++) {
		assert_true(w->guest[i]->messages <= WATCH_HITS);
		events += w->guest[i]->messages;
		conn_reset(w->guest[i]);
	}
	printf("# watch-cost: %s: %llu units, %u events\n", what,
	       (unsigned long long)work, events);
	if (work > ENOUGH)
		fail_msg("%s: %llu units", what, (unsigned long long)work);
	talloc_free(l);
}

/* The most expensive request of a guest, with ten others watching. */
static void test_requests(void **state)
{
	static const char *const place[] = {"the root", "the spine", "nodes"};
	struct host_world *w;
	struct change_list *l;
	char what[80];
	int readable, where, op;

	(void)state;
	for (readable = 0; readable < 2; readable++)
		for (where = ON_ROOT; where <= ON_REMOVED; where++)
			for (op = 0; op < 3; op++) {
				w = host_world_new();
				add_nodes(w, readable);
				add_watches(w, (enum where)where);
				l = op ? change_values(w, op == 1 ? 1 : 389)
				       : change_list_new(w->s, w->s);
				if (!op)
					assert_int_equal(
						change_delete_subtree(
							l,
							tree_find(w->s->tree,
								  "/top", 4)),
						0);
				l->by = w->guest[0]->client.account;
				sprintf(what, "%s, %s, watches on %s",
					op ? "1024 changes" : "RM",
					readable ? "readable" : "secret",
					place[where]);
				fire(w, l, what);
				host_world_free(w);
			}
}

/* A client with one watch gets all events, others up to their limit. */
static void test_bound(void **state)
{
	struct host_world *w = host_world_new();
	struct change_list *l;
	struct watch_hits hits;
	size_t i, n[2] = {0, 0}, lost[2] = {0, 0};

	(void)state;
	add_nodes(w, true);
	add_watch(w, &w->guest[0]->client, "/top", 0);
	for (i = 0; i < 3; i++)
		add_watch(w, &w->guest[1]->client, "/top", (unsigned int)i);
	add_watch(w, &w->root, "/top", 0);
	add_watch(w, &w->root, "/top", 1);
	l = change_values(w, 1);
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	assert_int_equal(watch_match(w->s, l, l, &hits), 0);
	for (i = 0; i < hits.n; i++) {
		const struct client *c = hits.hit[i].watch->client;
		int who = c == &w->guest[1]->client;

		if (c == &w->root) {
			assert_non_null(hits.hit[i].path);
			continue;
		}
		n[who] += hits.hit[i].path != NULL;
		lost[who] += !hits.hit[i].path;
	}
	assert_int_equal(n[0], ENTRIES);
	assert_int_equal(lost[0], 0);
	assert_int_equal(n[1], WATCH_HITS);
	assert_int_equal(lost[1], 3);
	assert_int_equal(hits.n, 3 * ENTRIES + WATCH_HITS + 3);
	talloc_free(l);
	host_world_free(w);
}

/* The events of one guest's request are limited, but each client gets some. */
static void test_bound_of_all(void **state)
{
	struct host_world *w = host_world_new();
	struct watch_hits hits;
	struct change_list *l;
	size_t i, n[GUESTS] = {0}, all = 0;

	(void)state;
	add_nodes(w, true);
	/* the last client has few watches and comes after all others */
	for (i = 0; i < (GUESTS - 1) * WATCHES; i++)
		add_watch(w, &w->guest[i / WATCHES]->client, "/top",
			  (unsigned int)(i % WATCHES));
	add_watch(w, &w->guest[GUESTS - 1]->client, w->path[0], 0);
	l = change_values(w, 1);
	l->by = w->guest[0]->client.account;
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	assert_int_equal(watch_match(w->s, l, l, &hits), 0);
	for (i = 0; i < hits.n; i++) {
		size_t who = 0;

		while (hits.hit[i].watch->client != &w->guest[who]->client)
			who++;
		n[who] += hits.hit[i].path != NULL;
		all += hits.hit[i].path != NULL;
	}
	assert_in_range(all, WATCH_HITS_ALL,
			WATCH_HITS_ALL + (GUESTS - 1) * WATCH_HITS_FEW);
	assert_in_range(n[GUESTS - 1], 1, WATCH_HITS_FEW);
	talloc_free(l);
	host_world_free(w);
}

/* The end of a client with very many watches costs others one step at most. */
static void test_close(void **state)
{
	struct host_world *w = host_world_new();
	uint64_t digest, before;
	struct jobs *jobs = &w->d->jobs;
	uint32_t i, steps = 0;

	(void)state;
	add_watch(w, &w->guest[0]->client, "/a", 7);
	digest = w->s->watches->digest;
	for (i = 0; i < 100000; i++)
		add_watch(w, &w->root, i % 2 ? "/a" : "/a/b", i);
	before = w->s->work;
	client_reset(&w->root, w->s);
	assert_true(w->s->work - before < 1000);
	assert_int_equal(w->s->watches->count, 1);
	assert_int_equal(w->root.account->watches, 0);
	assert_int_equal(w->root.account->memory, 0);
	assert_true(w->s->watches->digest == digest);
	/* a new client with the same id, while they are freed */
	for (i = 0; i < 100; i++)
		add_watch(w, &w->root, "/a", i);
	while (jobs_any(jobs)) {
		before = w->s->work;
		jobs_step(jobs);
		assert_true(w->s->work - before <= 2 * JOB_WORK);
		steps++;
	}
	assert_true(steps > 50);
	assert_int_equal(w->s->watches->tab->count, 100);
	assert_int_equal(w->s->watches->steps->count, 1);
	assert_int_equal(w->root.nwatches, 100);
	client_reset(&w->root, w->s);
	assert_true(w->s->watches->digest == digest);
	assert_int_equal(w->s->watches->tab->count, 0);
	assert_int_equal(w->s->watches->steps->count, 1);
	host_world_free(w);
}

/* Each guest has as many events waiting as its memory quota allows. */
static void fill_queues(struct host_world *w)
{
	struct conn *c;
	struct watch *watch;
	char path[64];
	unsigned int i, n;

	for (i = 0; i < GUESTS; i++) {
		c = w->guest[i];
		add_watch(w, &c->client, "/", 0);
		watch = list_first(&c->client.watches, struct watch, of_client);
		for (n = 0; !conn_over_memory(c); n++) {
			sprintf(path, "/event%u", n);
			conn_event(c, watch, path);
		}
		assert_true(c->messages > 5000);
	}
}

/* One more event for each guest does not drop the thousands that wait. */
static void test_over_memory(void **state)
{
	struct host_world *w = host_world_new();
	struct change_list *l;
	uint32_t i, before[GUESTS];
	uint64_t work;

	(void)state;
	add_nodes(w, true);
	fill_queues(w);
	for (i = 0; i < GUESTS; i++)
		before[i] = w->guest[i]->messages;
	l = change_list_new(w->s, w->s);
	assert_non_null(change_value(l, "/top", 4,
				     tree_find(w->s->tree, "/top", 4),
				     (const uint8_t *)"z", 1));
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	work = w->s->work;
	event_fire(w->d, l);
	event_fire(w->d, l);
	assert_true(w->s->work - work < 100);
	for (i = 0; i < GUESTS; i++) {
		assert_true(w->guest[i]->dropping);
		assert_true(w->guest[i]->messages >= before[i]);
		assert_int_equal(w->guest[i]->lost, 1);
	}
	talloc_free(l);
	host_world_free(w);
}

/* The events of all guests expire at the same time: one guest in a round. */
static void test_expire(void **state)
{
	struct host_world *w = host_world_new();
	unsigned int i, rounds, left;

	(void)state;
	fill_queues(w);
	for (i = 0; i < 3; i++) {
		now += EVENT_TIMEOUT_MS / 4;
		conn_expire(w->d, -1);
	}
	now += EVENT_TIMEOUT_MS / 4;
	for (rounds = 0; rounds < GUESTS; rounds++) {
		left = 0;
		for (i = 0; i < GUESTS; i++)
			left += w->guest[i]->messages > 0;
		assert_int_equal(left, GUESTS - rounds);
		assert_int_equal(conn_expire(w->d, -1), 0);
	}
	assert_int_equal(conn_expire(w->d, -1), -1);
	host_world_free(w);
}

/* ---- memory ---- */

/* All memory that talloc has for it, with its headers and malloc's. */
static uint64_t taken(const void *ctx)
{
	return talloc_total_size(ctx) + 112 * talloc_total_blocks(ctx);
}

static void test_message_charge(void **state)
{
	static const size_t lens[] = {1, 40, 400, 2000};
	struct host_world *w = host_world_new();
	struct conn *c = w->guest[0];
	char path[2100];
	uint64_t before, charged;
	struct watch *watch;
	size_t i, n;

	(void)state;
	assert_int_equal(watch_add(w->s, &c->client, "/", "/", "t",
				   WATCH_NO_DEPTH, &watch),
			 0);
	for (i = 0; i < 4; i++) {
		before = taken(w->d);
		charged = c->client.account->memory;
		for (n = 0; n < 3000; n++) {
			sprintf(path, "/%0*zu", (int)lens[i], n);
			conn_event(c, watch, path);
		}
		before = taken(w->d) - before;
		charged = c->client.account->memory - charged;
		printf("# watch-cost: events of %zu bytes take %llu, charged "
		       "%llu\n",
		       lens[i], (unsigned long long)before / 3000,
		       (unsigned long long)charged / 3000);
		assert_true(before <= charged);
		conn_drop_queues(c);
		assert_int_equal(c->messages, 0);
	}
	watch_free(w->s, watch);
	assert_int_equal(c->client.account->memory, 0);
	host_world_free(w);
}

static void test_watch_charge(void **state)
{
	static const int lens[] = {1, 30, 1000};
	struct host_world *w = host_world_new();
	struct client *c = &w->guest[0]->client;
	uint64_t before, charged;
	char path[3100];
	int i, n, depth;

	(void)state;
	for (i = 0; i < 3; i++)
		for (depth = 1; depth <= 30; depth += 29) {
			before = taken(w->s->watches);
			for (n = 0; n < 1000; n++) {
				char *p = path +
					  sprintf(path, "/%0*d", lens[i], n);
				int k;

				for (k = 1; k < depth; k++)
					p += sprintf(p, "/%d", k);
				add_watch(w, c, path, 1);
			}
			before = taken(w->s->watches) - before;
			charged = c->account->memory;
			printf("# watch-cost: watches on %d names, %d bytes "
			       "take %llu, charged %llu\n",
			       depth, lens[i],
			       (unsigned long long)before / 1000,
			       (unsigned long long)charged / 1000);
			assert_true(before <= charged);
			client_reset(c, w->s);
			jobs_finish(&w->d->jobs);
		}
	host_world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_bound_of_all),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_over_memory),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_message_charge),
		cmocka_unit_test(test_watch_charge),
	};

	return RUN_TESTS("watch-cost", tests);
}
