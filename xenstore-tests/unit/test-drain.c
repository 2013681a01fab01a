// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Before oxenstored, which takes over neither transactions nor half messages: a
 * TRANSACTION_START stays where the client sent it, and while the daemon drains,
 * only the rest of messages that have begun is read.
 */
#include "test-host.h"

#include <errno.h>

#include "domain/domain.h"
#include "domain/introduce.h"

#define DOMID 5u

struct world {
	int a, b;
	struct sh_domain *guest;
};

static struct world w;

static int setup(void **state)
{
	(void)state;
	th_begin();
	w.a = sh_connect(th.h, false);
	w.b = sh_connect(th.h, false);
	w.guest = sh_domain_new(th.h, DOMID);
	assert_non_null(w.guest);
	assert_int_equal(domain_introduce(th.d, DOMID, 0, SH_STORE_PORT), 0);
	th_settle();
	return 0;
}

static void send_start(int fd)
{
	th_send(fd, WIRE_TRANSACTION_START, 1, 0, "", 1);
}

static void send_read(int fd)
{
	th_send(fd, WIRE_READ, 2, 0, "/", 2);
}

static size_t unread(int fd)
{
	return sh_sock(th.h, fd)->to_daemon.len;
}

static bool answered(int fd, uint32_t type)
{
	struct wire_header hdr;

	return th_take(fd, &hdr, NULL, 0) && hdr.type == type;
}

/* Puts a message on the guest's ring and sends the event. */
static void guest_sends(uint32_t type, const void *payload, size_t len)
{
	struct ring *r = (struct ring *)(void *)w.guest->page;
	struct wire_header hdr = {type, 3, 0, (uint32_t)len};

	wire_put_header(r->req + r->req_prod, &hdr);
	memcpy(r->req + r->req_prod + WIRE_HEADER_SIZE, payload, len);
	r->req_prod += (uint32_t)(WIRE_HEADER_SIZE + len);
	sh_kick(th.h, w.guest, SH_STORE_PORT);
}

static const struct ring *ring(void)
{
	return (const struct ring *)(const void *)w.guest->page;
}

static void test_start_stays(void **state)
{
	struct conn *left;

	(void)state;
	conns_new_tx(th.d, CONNS_TX_UNREAD);
	send_start(w.a);
	send_read(w.b);
	guest_sends(WIRE_TRANSACTION_START, "", 1);
	th_settle();
	assert_int_equal(unread(w.a), WIRE_HEADER_SIZE + 1);
	assert_true(answered(w.b, WIRE_READ));
	assert_int_equal(ring()->req_cons, 0);
	assert_int_equal(conns_drained(th.d, &left), 0);
	assert_null(left);
	/* no update: they are served */
	conns_new_tx(th.d, CONNS_TX);
	th_settle();
	assert_int_equal(unread(w.a), 0);
	assert_true(answered(w.a, WIRE_TRANSACTION_START));
	assert_int_equal(ring()->req_cons, WIRE_HEADER_SIZE + 1);
	assert_int_equal(conns_drained(th.d, &left), 0);
	assert_non_null(left); /* a transaction */
}

/* A client with a transaction may begin another one, to end both. */
static void test_second_start(void **state)
{
	(void)state;
	send_start(w.a);
	th_settle();
	assert_true(answered(w.a, WIRE_TRANSACTION_START));
	conns_new_tx(th.d, CONNS_TX_UNREAD);
	send_start(w.a);
	th_settle();
	assert_true(answered(w.a, WIRE_TRANSACTION_START));
}

static void test_rest_of_message(void **state)
{
	struct sh_sock *s = sh_sock(th.h, w.a);
	struct conn *left;
	uint8_t bytes[64];
	size_t len;

	(void)state;
	send_read(w.a);
	len = sh_bytes_take(&s->to_daemon, bytes, sizeof(bytes));
	sh_bytes_put(s, &s->to_daemon, bytes, len - 1);
	th_settle();
	conns_drain(th.d, true);
	send_read(w.b);
	guest_sends(WIRE_READ, "/", 2);
	th_settle();
	assert_int_equal(conns_drained(th.d, &left), 0);
	assert_non_null(left);
	assert_int_equal(left->fd, w.a);
	assert_true(unread(w.b) > 0);
	assert_int_equal(ring()->req_cons, 0);
	/* the rest, and the next message behind it, which is not read */
	sh_bytes_put(s, &s->to_daemon, bytes + len - 1, 1);
	send_read(w.a);
	th_settle();
	assert_true(answered(w.a, WIRE_READ));
	assert_false(answered(w.a, WIRE_READ));
	assert_int_equal(unread(w.a), len);
	assert_int_equal(conns_drained(th.d, &left), 0);
	assert_null(left);
	conns_drain(th.d, false);
	th_settle();
	assert_true(answered(w.a, WIRE_READ));
	assert_true(answered(w.b, WIRE_READ));
	assert_int_equal(ring()->req_cons, ring()->req_prod);
}

/* It sends what waits, and tells who does not take it. */
static void test_unread_replies(void **state)
{
	struct sh_sock *s = sh_sock(th.h, w.a);
	struct conn *left;

	(void)state;
	s->room = 7;
	send_read(w.a);
	th_settle();
	conns_drain(th.d, true);
	th_settle();
	assert_int_equal(conns_drained(th.d, &left), 0);
	assert_non_null(left);
	assert_int_equal(left->fd, w.a);
	s->room = 4096;
	th_settle();
	assert_int_equal(conns_drained(th.d, &left), 0);
	assert_null(left);
	assert_true(answered(w.a, WIRE_READ));
}

/* The daemon does not spin on what it does not read. */
static void test_no_spin(void **state)
{
	(void)state;
	conns_new_tx(th.d, CONNS_TX_UNREAD);
	conns_drain(th.d, true);
	send_start(w.a);
	send_read(w.b);
	guest_sends(WIRE_READ, "/", 2);
	th_settle();
	assert_false(th_busy());
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, th_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_start_stays),	    TEST(test_second_start),
		TEST(test_rest_of_message), TEST(test_unread_replies),
		TEST(test_no_spin),
	};

	return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
