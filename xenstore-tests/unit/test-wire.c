// SPDX-License-Identifier: GPL-2.0-or-later
/* The bytes of the protocol, compared with Xen's public header. */
#include "test-seed.h"

#include <errno.h>
#include <sys/types.h>

#include <xen/io/xs_wire.h>

#include "transport/ring.h"
#include "wire/wire.h"

/* Numbers never change (another daemon once shifted RESET_WATCHES by one). */
static void test_numbers(void **state)
{
	static const struct {
		int ours, xen;
		const char *name;
	} types[] = {
		{WIRE_CONTROL, XS_CONTROL, "CONTROL"},
		{WIRE_DIRECTORY, XS_DIRECTORY, "DIRECTORY"},
		{WIRE_READ, XS_READ, "READ"},
		{WIRE_GET_PERMS, XS_GET_PERMS, "GET_PERMS"},
		{WIRE_WATCH, XS_WATCH, "WATCH"},
		{WIRE_UNWATCH, XS_UNWATCH, "UNWATCH"},
		{WIRE_TRANSACTION_START, XS_TRANSACTION_START,
		 "TRANSACTION_START"},
		{WIRE_TRANSACTION_END, XS_TRANSACTION_END, "TRANSACTION_END"},
		{WIRE_INTRODUCE, XS_INTRODUCE, "INTRODUCE"},
		{WIRE_RELEASE, XS_RELEASE, "RELEASE"},
		{WIRE_GET_DOMAIN_PATH, XS_GET_DOMAIN_PATH, "GET_DOMAIN_PATH"},
		{WIRE_WRITE, XS_WRITE, "WRITE"},
		{WIRE_MKDIR, XS_MKDIR, "MKDIR"},
		{WIRE_RM, XS_RM, "RM"},
		{WIRE_SET_PERMS, XS_SET_PERMS, "SET_PERMS"},
		{WIRE_WATCH_EVENT, XS_WATCH_EVENT, "WATCH_EVENT"},
		{WIRE_ERROR, XS_ERROR, "ERROR"},
		{WIRE_IS_DOMAIN_INTRODUCED, XS_IS_DOMAIN_INTRODUCED,
		 "IS_DOMAIN_INTRODUCED"},
		{WIRE_RESUME, XS_RESUME, "RESUME"},
		{WIRE_SET_TARGET, XS_SET_TARGET, "SET_TARGET"},
		{WIRE_RESET_WATCHES, XS_RESET_WATCHES, "RESET_WATCHES"},
		{WIRE_DIRECTORY_PART, XS_DIRECTORY_PART, "DIRECTORY_PART"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_int_equal(types[i].ours, types[i].xen);
		assert_string_equal(wire_type_name((uint32_t)types[i].ours),
				    types[i].name);
	}
	assert_null(wire_type_name(20));
	assert_null(wire_type_name(WIRE_TYPE_COUNT));
	assert_null(wire_type_name(UINT32_MAX));
	assert_int_equal(WIRE_HEADER_SIZE, sizeof(struct xsd_sockmsg));
	assert_int_equal(WIRE_PAYLOAD_MAX, XENSTORE_PAYLOAD_MAX);
}

static void test_ring_layout(void **state)
{
#define SAME(ours, xen)                                                        \
	assert_int_equal(offsetof(struct ring, ours),                          \
			 offsetof(struct xenstore_domain_interface, xen))
	(void)state;
	SAME(req, req);
	SAME(rsp, rsp);
	SAME(req_cons, req_cons);
	SAME(req_prod, req_prod);
	SAME(rsp_cons, rsp_cons);
	SAME(rsp_prod, rsp_prod);
	SAME(server_features, server_features);
	SAME(connection, connection);
	SAME(error, error);
	assert_int_equal(RING_SIZE, XENSTORE_RING_SIZE);
	assert_int_equal(RING_CONNECTED, XENSTORE_CONNECTED);
	assert_int_equal(RING_RECONNECT, XENSTORE_RECONNECT);
	assert_int_equal(RING_ERROR_INDEX, XENSTORE_ERROR_RINGIDX);
	assert_int_equal(RING_ERROR_PROTO, XENSTORE_ERROR_PROTO);
	assert_int_equal(RING_ERROR_COMM, XENSTORE_ERROR_COMM);
}

/* Each error in Xen's header has its own name, and no other error has one. */
static void test_errors(void **state)
{
	size_t i, n = sizeof(xsd_errors) / sizeof(xsd_errors[0]);
	int code, known = 0;

	(void)state;
	for (i = 0; i < n; i++)
		assert_string_equal(wire_error_name(xsd_errors[i].errnum),
				    xsd_errors[i].errstring);
	for (code = 0; code < 200; code++)
		known += strcmp(wire_error_name(code), "EINVAL") != 0;
	assert_int_equal(known + 1, n);
}

static void test_strings(void **state)
{
	const char *s[3];

	(void)state;
	assert_int_equal(wire_strings((const uint8_t *)"", 0, s, 3), 0);
	assert_int_equal(wire_strings((const uint8_t *)"a", 1, s, 3), -1);
	assert_int_equal(wire_strings((const uint8_t *)"a\0b", 3, s, 3), -1);
	assert_int_equal(wire_strings((const uint8_t *)"a\0bc\0", 5, s, 3), 2);
	assert_string_equal(s[0], "a");
	assert_string_equal(s[1], "bc");
	assert_int_equal(wire_strings((const uint8_t *)"\0\0\0\0", 4, s, 3), 4);
}

static void test_header(void **state)
{
	const struct xsd_sockmsg m = {11, 0xdeadbeef, 7, 4096};
	struct wire_header h;
	uint8_t bytes[16];

	(void)state;
	wire_get_header((const uint8_t *)&m, &h);
	assert_int_equal(h.type, m.type);
	assert_int_equal(h.req_id, m.req_id);
	assert_int_equal(h.tx_id, m.tx_id);
	assert_int_equal(h.len, m.len);
	wire_put_header(bytes, &h);
	assert_memory_equal(bytes, &m, sizeof(m));
}

/* For any start and length the bytes come out, and no other byte changes. */
static void test_ring_bytes(void **state)
{
	static struct ring r;
	static uint8_t in[2000], out[2000];
	struct rnd rn;
	int i;

	(void)state;
	rnd_init(&rn, "ring", 38);
	for (i = 0; i < 20000; i++) {
		size_t len = rnd(&rn, sizeof(in)), put, got, k;

		r.rsp_prod = r.rsp_cons = rnd(&rn, UINT32_MAX);
		for (k = 0; k < len; k++)
			in[k] = (uint8_t)rnd(&rn, 256);
		assert_int_equal(ring_write(&r, in, len, &put), 0);
		assert_int_equal(put, len < 1024 ? len : 1024);
		assert_int_equal(r.rsp_prod - r.rsp_cons, put);
		memcpy(r.req, r.rsp, 1024);
		r.req_cons = r.rsp_cons;
		r.req_prod = r.rsp_prod;
		assert_int_equal(ring_read(&r, out, sizeof(out), &got), 0);
		assert_int_equal(got, put);
		assert_memory_equal(in, out, got);
		r.req_prod = r.req_cons + 1025 + rnd(&rn, UINT32_MAX - 1025);
		assert_int_equal(ring_read(&r, out, sizeof(out), &got), EIO);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ring_layout),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_ring_bytes),
	};

	return RUN_TESTS("wire", tests);
}
