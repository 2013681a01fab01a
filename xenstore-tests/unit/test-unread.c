// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What clients of dom0 leave unread: how much they may, what happens to those
 * that leave more, and how much of it an update can carry.
 */
#include "test-host.h"

#include "transport/event.h"
#include "transport/unread.h"

#define MOST   (1u << 20)
#define EVENTS 20000u

static int setup(void **state)
{
	(void)state;
	th.config.unread_max = MOST;
	th_begin();
	return 0;
}

static int client(bool read_only, const char *program)
{
	int fd = sh_connect(th.h, read_only);

	snprintf(sh_sock(th.h, fd)->program, sizeof(th.h->sock[0]->program),
		 "%s", program);
	th_settle();
	return fd;
}

static void expect(int fd, uint32_t type)
{
	struct wire_header hdr;

	assert_true(th_take(fd, &hdr, NULL, 0));
	assert_int_equal(hdr.type, type);
}

/* A client that watches everything and then reads nothing. */
static void watch_all(int fd)
{
	th_send(fd, WIRE_WATCH, 1, 0, "/\0token", 8);
	th_settle();
	expect(fd, WIRE_WATCH);
	expect(fd, WIRE_WATCH_EVENT);
	sh_sock(th.h, fd)->room = 0;
}

/* Writes n nodes and reads the replies, with some updates in between. */
static void write_nodes(int fd, unsigned int n, unsigned int updates)
{
	char payload[64];
	unsigned int i;
	int len;

	for (i = 0; i < n; i++) {
		len = snprintf(payload, sizeof(payload), "/node%u%c", i, 0);
		th_send(fd, WIRE_WRITE, 2, 0, payload, (size_t)len);
		th_settle();
		expect(fd, WIRE_WRITE);
		if (updates && i % (n / (updates + 1)) == 7)
			th_update();
	}
}

static uint64_t most_pending(void)
{
	const struct conn *c;
	uint64_t most = 0;

	list_for_each (c, &th.d->conns.all, all)
		most = conn_pending(c) > most ? conn_pending(c) : most;
	return most;
}

static void one_is_closed(bool read_only, unsigned int updates)
{
	int deaf = client(read_only, "xl devd"), writer = client(false, "xl");
	int other = client(false, "qemu");
	uint32_t nconns = th.d->conns.n;

	watch_all(deaf);
	watch_all(other);
	sh_sock(th.h, other)->room = SH_NO_LIMIT;
	write_nodes(writer, EVENTS, updates);
	assert_false(sh_sock(th.h, deaf)->daemon_open);
	assert_true(sh_sock(th.h, other)->daemon_open);
	assert_int_equal(th.d->conns.n, nconns - 1);
	assert_int_equal(most_pending(), 0);
	assert_non_null(strstr(th.logged, "xl\\x20devd[1010]"));
	assert_non_null(strstr(th.logged, "--client-unread"));
}

static void deaf_client(void **state)
{
	(void)state;
	one_is_closed(false, 0);
}

static void deaf_client_updates(void **state)
{
	(void)state;
	one_is_closed(false, 5);
}

static void deaf_read_only_client(void **state)
{
	(void)state;
	one_is_closed(true, 0);
}

/* Less than the bound: it gets all events when it reads again. */
static void slow_client(void **state)
{
	int slow = client(false, "xl"), writer = client(false, "xl");
	unsigned int n = 0;
	struct wire_header hdr;

	(void)state;
	watch_all(slow);
	write_nodes(writer, 2000, 3);
	assert_in_range(most_pending(), memory_messages(2000, 0), MOST);
	sh_sock(th.h, slow)->room = SH_NO_LIMIT;
	th_settle();
	while (th_take(slow, &hdr, NULL, 0))
		n++;
	assert_int_equal(n, 2000);
}

/* Many messages sent at once are as good as one after the other. */
static struct conn *fill(int fd, unsigned int n, size_t len)
{
	struct conn *c, *found = NULL;
	uint8_t *message = talloc_zero_size(th.h, len);
	struct wire_header hdr = {WIRE_WATCH_EVENT, 0, 0,
				  (uint32_t)(len - WIRE_HEADER_SIZE)};
	struct out *o;

	wire_put_header(message, &hdr);
	memset(message + WIRE_HEADER_SIZE, 'x', len - WIRE_HEADER_SIZE - 1);
	list_for_each (c, &th.d->conns.all, all)
		if (c->fd == fd)
			found = c;
	assert_non_null(found);
	while (n--)
		assert_int_equal(conn_queue(found, message, len, true, &o), 0);
	talloc_free(message);
	return found;
}

/* A long queue is not freed at once: others would wait for that. */
static void freed_in_pieces(void **state)
{
	int deaf = client(false, "xl");
	unsigned int rounds = 0;

	(void)state;
	sh_sock(th.h, deaf)->room = 0;
	conn_close(fill(deaf, 10 * JOB_WORK, 64));
	for (; jobs_any(&th.d->jobs); rounds++)
		daemon_round(th.d);
	assert_in_range(rounds, 9, 11);
	assert_true(list_empty(&th.d->conns.old_outs));
	assert_int_equal(account_get(th.d->store->accounts, 0)->memory, 0);
}

/* A client that reads as fast as it is written to does not get all at once. */
static void written_in_pieces(void **state)
{
	int reader = client(false, "xl");
	uint64_t before;

	(void)state;
	sh_sock(th.h, reader)->room = 0;
	conn_ready(fill(reader, 1000, 4096), CONN_READY_OUT);
	sh_sock(th.h, reader)->room = SH_NO_LIMIT;
	while (th_busy()) {
		before = th.h->did.bytes;
		daemon_round(th.d);
		assert_in_range(th.h->did.bytes - before, 0, 20 * CONN_WRITE);
	}
	assert_int_equal(th.h->did.bytes, 1000 * 4096);
}

/* There are 128 read-only clients at most; the next waits for one to leave. */
static void readers_are_bounded(void **state)
{
	int first = client(true, "top"), second = client(true, "top"), i;

	(void)state;
	for (i = 0; i < 150; i++)
		(void)sh_connect(th.h, true);
	th_settle();
	assert_int_equal(th.d->conns.n, 128);
	(void)client(false, "xl");
	assert_int_equal(th.d->conns.n, 129);
	sh_sock(th.h, first)->peer_open = false;
	th_settle();
	assert_int_equal(th.d->conns.n, 129);
	th_update();
	th_settle();
	assert_int_equal(th.d->conns.n, 129);
	assert_int_equal(th.d->conns.nreaders, 128);
	sh_sock(th.h, second)->peer_open = false;
	th_settle();
	assert_int_equal(th.d->conns.n, 129);
	assert_int_equal(th.h->did.accepts, 131);
}

/* ---- more than talloc allows ---- */

#define HUGE_N 70000u /* of 4096 bytes: 280 MB */

struct pieces {
	uint64_t bytes;
	size_t most;
};

static int take_piece(void *arg, const void *data, size_t len, struct err *err)
{
	struct pieces *p = arg;

	(void)data;
	(void)err;
	p->bytes += len;
	p->most = len > p->most ? len : p->most;
	return 0;
}

static void huge_queue_over_an_update(void **state)
{
	int deaf = client(false, "xl");
	struct state_dump_options opt = {0};
	struct pieces pieces = {0};
	struct state_counts counts;
	uint64_t digest;
	struct err err;

	(void)state;
	sh_sock(th.h, deaf)->room = 0;
	fill(deaf, HUGE_N, 4096);
	assert_int_equal(
		state_dump(th.d, &opt, take_piece, &pieces, &counts, &err), 0);
	assert_in_range(pieces.bytes, HUGE_N * 4096ull, UINT64_MAX);
	assert_in_range(pieces.most, 0, (1 << 16) + 8192);
	digest = state_digest(th.d);
	assert_in_range(th_update(), HUGE_N * 4096ull, SIZE_MAX);
	assert_true(state_digest(th.d) == digest);
	sh_sock(th.h, deaf)->peer_open = false;
	th_settle();
	assert_int_equal(th.d->conns.n, 0);
}

int main(void)
{
#define UNREAD(test) cmocka_unit_test_setup_teardown(test, setup, th_teardown)
	const struct CMUnitTest tests[] = {
		UNREAD(deaf_client),
		UNREAD(deaf_client_updates),
		UNREAD(deaf_read_only_client),
		UNREAD(slow_client),
		UNREAD(freed_in_pieces),
		UNREAD(written_in_pieces),
		UNREAD(readers_are_bounded),
		UNREAD(huge_queue_over_an_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
