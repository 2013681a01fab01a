// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Turns: hostile clients send requests that cost 2 ms each, others send cheap
 * ones.  A request costs what its payload says and does nothing else, so all
 * can be counted.  Each test runs again with updates in between.
 */
#include "test-host.h"

#include "loop/loop.h"

#define HOSTILE 20u
#define DEAR	25000u /* units: about 2 ms */
#define CHEAP	2u
#define PEERS	64u

#define ORDER_MAX    30000u
#define ORDER_PEERS  12u
#define ORDER_ROUNDS 3000u

struct peer {
	int fd;
	uint32_t cost;
	bool every_other; /* every other request is cheap */
	uint32_t sent, served, answered;
	uint64_t work; /* of its requests */
};

static struct world {
	struct peer peer[PEERS]; /* by req_id */
	uint64_t served;	 /* expensive ones, of all peers */
	uint8_t *order;		 /* if not NULL: who was served, in order */
	size_t norder;
} w;

static void on_request(struct daemon *d, struct conn *c,
		       const struct wire_header *hdr, const uint8_t *payload)
{
	struct peer *p = &w.peer[hdr->req_id];
	uint32_t cost = p->every_other && p->served % 2 ? CHEAP : p->cost;

	(void)payload;
	if (w.order && w.norder < ORDER_MAX)
		w.order[w.norder++] = (uint8_t)hdr->req_id;
	d->store->work += cost;
	p->work += cost;
	p->served++;
	w.served += cost == DEAR;
	conn_reply_ok(c);
}

static void prepare(struct daemon *d)
{
	d->request = on_request;
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	th.prepare = prepare;
	th_begin();
	return 0;
}

static void take_answers(struct peer *p)
{
	struct wire_header hdr;

	while (th_take(p->fd, &hdr, NULL, 0))
		p->answered++;
}

/* One round of the daemon, and an update if that is due. */
static void round_of(bool updates)
{
	unsigned int i;

	daemon_round(th.d);
	if (updates)
		th_update();
	for (i = 0; i < PEERS; i++)
		if (w.peer[i].fd)
			take_answers(&w.peer[i]);
}

static void add_peer(unsigned int i, uint32_t cost, bool read_only)
{
	w.peer[i].fd = sh_connect(th.h, read_only);
	w.peer[i].cost = cost;
	assert_true(w.peer[i].fd >= 0);
}

static void let_in(void)
{
	while (th_busy())
		round_of(false);
}

static void ask(unsigned int i)
{
	th_send(w.peer[i].fd, WIRE_READ, i, 0, NULL, 0);
	w.peer[i].sent++;
}

/* Sends until n are under way. */
static void keep_asking(unsigned int i, uint32_t n)
{
	while (w.peer[i].sent - w.peer[i].answered < n)
		ask(i);
}

/* ---- a newcomer ---- */

struct waits {
	uint64_t most;	       /* expensive requests before the newcomer's */
	uint64_t after_update; /* the same, right after an update */
};

static void hostile_round(uint32_t depth)
{
	unsigned int i;

	for (i = 0; i < HOSTILE; i++)
		keep_asking(i, depth);
	round_of(false);
}

/* A request now and then, with an update before every tenth. */
static struct waits newcomer_waits(uint32_t depth, bool updates)
{
	const unsigned int me = HOSTILE;
	struct waits ret = {0};
	uint64_t before, *most;
	unsigned int i, k;

	for (i = 0; i < HOSTILE; i++)
		add_peer(i, DEAR, false);
	add_peer(me, CHEAP, false);
	let_in();
	/* after its first expensive request each is known */
	while (w.served < HOSTILE)
		hostile_round(depth);
	for (k = 0; k < 200; k++) {
		most = updates && k % 10 == 9 ? &ret.after_update : &ret.most;
		if (most == &ret.after_update)
			th_update();
		ask(me);
		before = w.served;
		while (w.peer[me].sent != w.peer[me].answered)
			hostile_round(depth);
		*most = w.served - before > *most ? w.served - before : *most;
		for (i = 0; i < k % 7; i++)
			hostile_round(depth);
	}
	for (i = 0; i < HOSTILE; i++)
		assert_in_range(w.peer[i].served, 2, UINT32_MAX);
	return ret;
}

/* It waits no longer when the daemon knows none of them yet. */
static void newcomer_at_first(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < HOSTILE; i++)
		add_peer(i, DEAR, false);
	add_peer(HOSTILE, CHEAP, false);
	let_in();
	for (i = 0; i < HOSTILE; i++)
		keep_asking(i, 4);
	round_of(false);
	ask(HOSTILE);
	while (!w.peer[HOSTILE].answered)
		round_of(false);
	/* one before it, and perhaps one after it in the same round */
	assert_in_range(w.served, 1, 2);
}

static void newcomer_after_one(void **state)
{
	(void)state;
	assert_in_range(newcomer_waits(4, false).most, 0, 1);
}

/* Cheap requests in between do not hide them. */
static void newcomer_after_one_every_other(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < HOSTILE; i++)
		w.peer[i].every_other = true;
	assert_in_range(newcomer_waits(1, false).most, 0, 1);
}

static void newcomer_after_one_each_asks_alone(void **state)
{
	(void)state;
	assert_in_range(newcomer_waits(1, false).most, 0, 1);
}

/* Debts go along in an update. */
static void newcomer_after_one_updates(void **state)
{
	struct waits waits = newcomer_waits(4, true);

	(void)state;
	assert_in_range(waits.most, 0, 1);
	assert_in_range(waits.after_update, 0, 1);
}

/* ---- shares ---- */

/*
 * Beside a client that always has cheap requests under way, hostile ones get
 * their share and no more, also with updates.
 */
static void shares(unsigned int hostile, bool updates)
{
	const unsigned int me = hostile;
	unsigned int i, rounds = 0;
	uint64_t share;

	for (i = 0; i < hostile; i++)
		add_peer(i, DEAR, false);
	add_peer(me, CHEAP, false);
	let_in();
	while (w.peer[me].served < 20 * DEAR) {
		keep_asking(me, 1000);
		for (i = 0; i < hostile; i++)
			keep_asking(i, 1);
		round_of(updates && !(++rounds % 1000));
	}
	share = w.peer[me].served * (CHEAP + WORK_MESSAGE);
	for (i = 0; i < hostile; i++) {
		assert_in_range(w.peer[i].work, share / 2, share + 2 * DEAR);
	}
}

static void shares_are_equal(void **state)
{
	(void)state;
	shares(4, false);
}

static void shares_are_equal_updates(void **state)
{
	(void)state;
	shares(4, true);
}

/* A client that was idle for long has saved nothing up. */
static void sleeper_saves_nothing(void **state)
{
	unsigned int k;

	(void)state;
	add_peer(0, CHEAP, false);
	add_peer(1, CHEAP, false);
	let_in();
	for (k = 0; k < 1000; k++) {
		keep_asking(1, 1000);
		round_of(false);
	}
	w.peer[1].work = 0;
	for (k = 0; k < 1000; k++) {
		keep_asking(0, 1000);
		keep_asking(1, 1000);
		round_of(false);
	}
	assert_in_range(w.peer[0].work, w.peer[1].work * 9 / 10,
			w.peer[1].work * 11 / 10);
}

/* All read-only clients together are one flow. */
static void read_only_ones_share(void **state)
{
	uint64_t all = 0;
	unsigned int i, k;

	(void)state;
	for (i = 1; i < PEERS; i++)
		add_peer(i, CHEAP, true);
	add_peer(0, CHEAP, false);
	let_in();
	for (k = 0; k < 2000; k++) {
		for (i = 0; i < PEERS; i++)
			keep_asking(i, 1000);
		round_of(k % 100 == 99);
	}
	for (i = 1; i < PEERS; i++) {
		assert_in_range(w.peer[i].served, 1, UINT32_MAX);
		all += w.peer[i].work;
	}
	assert_in_range(w.peer[0].work, all * 9 / 10, UINT64_MAX);
}

/* ---- the order, with an update after each round ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* Serves the same requests, most cheap and some of several turns. */
static size_t serve(uint8_t *order, bool updates)
{
	static const uint32_t costs[] = {2, 2, 2, 40, 200, 400, 1000, 3000};
	uint32_t seed = 4; /* with it, both flags of TURN_PLACE matter */
	unsigned int i, k;

	w.order = order;
	for (i = 0; i < ORDER_PEERS; i++)
		add_peer(i, CHEAP, i % 4 == 3);
	let_in();
	for (k = 0; k < ORDER_ROUNDS; k++) {
		for (i = next_random(&seed) % 14; i; i--) {
			unsigned int who = next_random(&seed) % ORDER_PEERS;

			w.peer[who].cost = costs[next_random(&seed) % 8];
			ask(who);
		}
		round_of(updates);
	}
	return w.norder;
}

static void order_survives_updates(void **state)
{
	static uint8_t plain[ORDER_MAX], updated[ORDER_MAX];
	size_t n = serve(plain, false), i;

	th_teardown(state);
	setup(state);
	assert_in_range(n, ORDER_ROUNDS, ORDER_MAX);
	assert_int_equal(serve(updated, true), n);
	for (i = 0; i < n; i++)
		if (plain[i] != updated[i])
			fail_msg("request %zu: served %u, without updates %u",
				 i, updated[i], plain[i]);
}

/* ---- the budget of a round ---- */

static void round_ends(void **state)
{
	unsigned int i;
	uint64_t work;

	(void)state;
	for (i = 0; i < PEERS; i++)
		add_peer(i, CHEAP, false);
	let_in();
	for (i = 0; i < PEERS; i++)
		keep_asking(i, 200);
	while (th_busy()) {
		work = th.d->store->work;
		round_of(false);
		assert_in_range(th.d->store->work - work, 0,
				ROUND_WORK + 2 * TURN_WORK);
	}
	for (i = 0; i < PEERS; i++)
		assert_int_equal(w.peer[i].answered, 200);
}

/* ---- ports ---- */

static unsigned int unmasked;
static void (*real_unmask)(struct host *h, uint32_t port);

/* A guest that raises events all the time: the next is there already. */
static void unmask_and_raise(struct host *h, uint32_t port)
{
	real_unmask(h, port);
	if (++unmasked < 100000)
		to_script(h)->port[port].pending = true;
}

/* It delays no replies of others, and its last event is not lost. */
static void flood_of_one_port(void **state)
{
	struct host_ops flooded = *th.h->host.ops;
	unsigned int before;

	(void)state;
	real_unmask = flooded.evtchn_unmask;
	flooded.evtchn_unmask = unmask_and_raise;
	th.h->host.ops = &flooded;
	unmasked = 0;
	assert_int_equal(
		host_call(&th.h->host, evtchn_bind_death, &th.d->death_port),
		0);
	add_peer(0, CHEAP, false);
	let_in();
	unmasked = 0;
	sh_virq(th.h);
	ask(0);
	before = unmasked;
	round_of(false);
	assert_int_equal(w.peer[0].answered, 1);
	assert_in_range(unmasked - before, 1, LOOP_PORTS);
	unmasked = 100000;
	let_in();
	assert_false(th.h->port[th.d->death_port].pending);
	assert_false(th.h->port[th.d->death_port].masked);
}

int main(void)
{
#define TURNS(test) cmocka_unit_test_setup_teardown(test, setup, th_teardown)
	const struct CMUnitTest tests[] = {
		TURNS(newcomer_at_first),
		TURNS(newcomer_after_one),
		TURNS(newcomer_after_one_every_other),
		TURNS(newcomer_after_one_each_asks_alone),
		TURNS(newcomer_after_one_updates),
		TURNS(shares_are_equal),
		TURNS(shares_are_equal_updates),
		TURNS(sleeper_saves_nothing),
		TURNS(read_only_ones_share),
		TURNS(order_survives_updates),
		TURNS(round_ends),
		TURNS(flood_of_one_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
