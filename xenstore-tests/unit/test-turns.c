// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose turn it is: hostile clients send requests that cost 2 ms each, others
 * cheap ones.  Requests cost what their payload says and do nothing else, so
 * that all can be counted.  Each is told again with updates in the middle.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "lu/lu-image.h"
#include "script-host.h"
#include "store/store.h"
#include "transport/conn.h"
#include "wire/wire.h"

#define HOSTILE 20u
#define DEAR	25000u /* units: about 2 ms */
#define CHEAP	2u
#define PEERS	64u

struct peer {
	int fd;
	uint32_t cost;
	uint32_t sent, served, answered;
	uint64_t work; /* that its requests have cost */
};

static struct world {
	struct script_host *h;
	struct daemon *d;
	struct peer peer[PEERS]; /* by the requests' req_id */
	uint64_t served;	 /* dear ones, by anybody */
} w;

static void on_request(struct daemon *d, struct conn *c,
		       const struct wire_header *hdr, const uint8_t *payload)
{
	struct peer *p = &w.peer[hdr->req_id];

	(void)payload;
	d->store->work += p->cost;
	p->work += p->cost;
	p->served++;
	w.served += p->cost == DEAR;
	conn_reply_ok(c);
}

static void new_daemon(void)
{
	struct config config = {0};
	struct err err = {0};

	w.d = daemon_new(NULL, &w.h->host, NULL, &config, &err);
	assert_non_null(w.d);
	w.d->request = on_request;
}

static void listen_on(void)
{
	w.d->rw_fd = SH_RW_FD;
	w.d->ro_fd = SH_RO_FD;
	assert_int_equal(host_call(&w.h->host, poll_add, SH_RW_FD, HOST_IN,
				   DAEMON_TAG_RW),
			 0);
	assert_int_equal(host_call(&w.h->host, poll_add, SH_RO_FD, HOST_IN,
				   DAEMON_TAG_RO),
			 0);
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.h = sh_new(NULL, 1);
	new_daemon();
	listen_on();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	daemon_free(w.d);
	talloc_free(w.h);
	return 0;
}

static void update(void)
{
	struct lu_dump_options opt = {0};
	struct lu_restored ret;
	struct lu_counts counts;
	struct wbuf image;
	struct err err = {0};

	wbuf_init(&image, w.h);
	assert_int_equal(
		lu_dump(w.d, &opt, lu_into_wbuf, &image, &counts, &err), 0);
	daemon_free(w.d);
	sh_exec(w.h);
	new_daemon();
	if (lu_restore(w.d, image.data, image.len, &ret, &err))
		fail_msg("not restored: %s", err.text);
	lu_resume(w.d);
	wbuf_fini(&image);
}

static void take_answers(struct peer *p)
{
	struct sh_bytes *in = &sh_sock(w.h, p->fd)->to_peer;
	size_t size = WIRE_HEADER_SIZE + sizeof("OK") - 1 + 1;

	while (in->len >= size) {
		sh_bytes_take(in, NULL, size);
		p->answered++;
	}
}

/* One round of the daemon, and perhaps another daemon after it. */
static void round_of(bool updates)
{
	unsigned int i;

	daemon_round(w.d);
	if (updates)
		update();
	for (i = 0; i < PEERS; i++)
		if (w.peer[i].fd)
			take_answers(&w.peer[i]);
}

static void add_peer(unsigned int i, uint32_t cost, bool read_only)
{
	w.peer[i].fd = sh_connect(w.h, read_only);
	w.peer[i].cost = cost;
	assert_true(w.peer[i].fd >= 0);
}

static void let_in(void)
{
	while (sh_busy(w.h) || turns_any(w.d))
		round_of(false);
}

static void ask(unsigned int i)
{
	struct wire_header hdr = {WIRE_READ, i, 0, 0};
	uint8_t bytes[WIRE_HEADER_SIZE];
	struct sh_sock *s = sh_sock(w.h, w.peer[i].fd);

	wire_put_header(bytes, &hdr);
	sh_bytes_put(s, &s->to_daemon, bytes, sizeof(bytes));
	w.peer[i].sent++;
}

/* So that so many are always under way. */
static void keep_asking(unsigned int i, uint32_t n)
{
	while (w.peer[i].sent - w.peer[i].answered < n)
		ask(i);
}

/* ---- a newcomer ---- */

struct waits {
	uint64_t most;	       /* dear requests before one of the newcomer's */
	uint64_t after_update; /* the same, if there was one just before */
};

/* It asks now and then, with an update before every tenth time. */
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
	for (i = 0; i < HOSTILE; i++)
		keep_asking(i, depth);
	round_of(false);
	for (k = 0; k < 200; k++) {
		most = updates && k % 10 == 9 ? &ret.after_update : &ret.most;
		if (most == &ret.after_update)
			update();
		ask(me);
		for (before = w.served; w.peer[me].sent != w.peer[me].answered;
		     round_of(false))
			for (i = 0; i < HOSTILE; i++)
				keep_asking(i, depth);
		*most = w.served - before > *most ? w.served - before : *most;
		for (i = 0; i < k % 7; i++)
			round_of(false);
	}
	for (i = 0; i < HOSTILE; i++)
		assert_in_range(w.peer[i].served, 2, UINT32_MAX);
	return ret;
}

static void newcomer_after_one(void **state)
{
	(void)state;
	assert_in_range(newcomer_waits(4, false).most, 0, 1);
}

static void newcomer_after_one_each_asks_alone(void **state)
{
	(void)state;
	assert_in_range(newcomer_waits(1, false).most, 0, 1);
}

/* An update forgets debts: those who owed are once before who asks then. */
static void newcomer_after_one_updates(void **state)
{
	struct waits waits = newcomer_waits(4, true);

	(void)state;
	assert_in_range(waits.most, 0, 1);
	assert_in_range(waits.after_update, 0, HOSTILE + 1);
}

/* ---- shares ---- */

/*
 * Beside one who always has cheap requests under way: what hostile ones get
 * is no more than their share, and that they get.  With each update debts are
 * forgotten, which is worth one request.
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
		assert_in_range(w.peer[i].work, share / 2,
				share + (2 + rounds / 1000) * DEAR);
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

/* Who has asked for nothing for long has saved nothing. */
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

/* All together are one. */
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
	while (sh_busy(w.h) || turns_any(w.d)) {
		work = w.d->store->work;
		round_of(false);
		assert_in_range(w.d->store->work - work, 0,
				ROUND_WORK + 2 * TURN_WORK);
	}
	for (i = 0; i < PEERS; i++)
		assert_int_equal(w.peer[i].answered, 200);
}

/* ---- ports ---- */

static unsigned int unmasked;
static void (*real_unmask)(struct host *h, uint32_t port);

/* A guest that raises events all the time: there is the next one. */
static void unmask_and_raise(struct host *h, uint32_t port)
{
	real_unmask(h, port);
	if (++unmasked < 100000)
		to_script(h)->port[port].pending = true;
}

/* Answers of others are not held up by it, nor is its last event lost. */
static void flood_of_one_port(void **state)
{
	struct host_ops flooded = *w.h->host.ops;
	unsigned int before;

	(void)state;
	real_unmask = flooded.evtchn_unmask;
	flooded.evtchn_unmask = unmask_and_raise;
	w.h->host.ops = &flooded;
	unmasked = 0;
	assert_int_equal(
		host_call(&w.h->host, evtchn_bind_death, &w.d->death_port), 0);
	add_peer(0, CHEAP, false);
	let_in();
	unmasked = 0;
	sh_virq(w.h);
	ask(0);
	before = unmasked;
	round_of(false);
	assert_int_equal(w.peer[0].answered, 1);
	assert_in_range(unmasked - before, 1, LOOP_PORTS);
	unmasked = 100000;
	let_in();
	assert_false(w.h->port[w.d->death_port].pending);
	assert_false(w.h->port[w.d->death_port].masked);
}

int main(void)
{
#define TURNS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TURNS(newcomer_after_one),
		TURNS(newcomer_after_one_each_asks_alone),
		TURNS(newcomer_after_one_updates),
		TURNS(shares_are_equal),
		TURNS(shares_are_equal_updates),
		TURNS(sleeper_saves_nothing),
		TURNS(read_only_ones_share),
		TURNS(round_ends),
		TURNS(flood_of_one_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
