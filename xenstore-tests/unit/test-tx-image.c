// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transactions of many entries with long paths in an image: they are small in
 * it, are the same on the other side, end in EAGAIN for a reader that knows no
 * extension, and what no writer says of them is refused.
 */
#include "test-seed.h"

#include <errno.h>
#include <talloc.h>

#include "image/image.h"
#include "state/state.h"
#include "still-host.h"
#include "store/node.h"
#include "store/tree.h"
#include "transport/conn.h"

#define ENTRIES 1000

static struct daemon *new_daemon(void)
{
	static struct still_host still;
	struct config config = {0};
	struct err err = {0};
	struct daemon *d;

	if (!still.host.ops)
		still_host_init(&still);
	d = daemon_new(NULL, &still.host, NULL, &config, &err);
	assert_non_null(d);
	return d;
}

static struct conn *new_socket(struct daemon *d)
{
	const struct cred cred = {0, PERMS_DOMID_INVALID, true};
	struct conn *c = conn_new(d, CONN_SOCKET, &cred, 0);

	assert_non_null(c);
	c->fd = 9;
	return c;
}

/* Reads nodes that are not there, below a path of 1,900 bytes. */
static struct tx *touch_many(struct conn *c)
{
	struct node_req req = {.store = c->d->store, .client = &c->client};
	const uint8_t *value;
	char path[2048];
	size_t len, i;

	assert_int_equal(tx_start(req.store, req.client, 0, &req.tx), 0);
	for (i = 0; i < 1900; i++)
		path[i] = i % 100 ? 'p' : '/';
	for (i = 0; i < ENTRIES; i++) {
		len = 1900 + (size_t)sprintf(path + 1900, "/n%zu", i);
		assert_int_equal(node_read(&req, path, len, &value, &len),
				 ENOENT);
	}
	return req.tx;
}

static void dump(struct daemon *d, struct wbuf *out)
{
	const struct state_dump_options opt = {0};
	struct state_counts counts;
	struct err err = {0};

	wbuf_init(out, d);
	if (state_dump(d, &opt, state_into_wbuf, out, &counts, &err))
		fail_msg("%s", err.text);
}

static struct daemon *restored(const void *data, size_t len)
{
	struct daemon *d = new_daemon();
	struct state_restored ret;
	struct err err = {0};

	if (state_restore(d, data, len, &ret, &err))
		fail_msg("%s", err.text);
	return d;
}

static struct tx *first_tx(struct daemon *d)
{
	struct conn *c = list_first(&d->conns.all, struct conn, all);

	assert_non_null(c);
	return list_first(&c->client.txs, struct tx, of_client);
}

static int commit(struct tx *tx)
{
	struct change_list *l = change_list_new(tx->store, tx->store);
	int rc = tx_commit(tx, l);

	if (!rc)
		change_apply(l);
	talloc_free(l);
	return rc;
}

static void test_size(void **state)
{
	struct daemon *d = new_daemon(), *again;
	struct tx *tx = touch_many(new_socket(d));
	struct wbuf image;

	(void)state;
	dump(d, &image);
	/* with its path each entry took 4,000 bytes */
	assert_true(image.len < ENTRIES * 100 + 8192);
	again = restored(image.data, image.len);
	assert_int_equal(state_digest(again), state_digest(d));
	assert_int_equal(first_tx(again)->nnodes, ENTRIES);
	assert_int_equal(first_tx(again)->memory, tx->memory);
	assert_int_equal(commit(first_tx(again)), 0);
	daemon_free(again);
	daemon_free(d);
}

/* All but the extensions, of which the reader then knows nothing. */
static void strip(const struct wbuf *image, struct image_writer *w)
{
	struct image_reader r;
	struct record rec;
	struct err err = {0};
	int rc;

	rc = image_reader_init(&r, NULL, image->data, image->len, &err);
	assert_int_equal(rc, 0);
	while (image_read(&r, &rec, &rc, &err))
		if (rec.type < REC_MANDATORY)
			image_write(w, &rec);
	assert_int_equal(rc, 0);
	image_reader_fini(&r);
	assert_int_equal(image_writer_finish(w), 0);
}

static void test_bare(void **state)
{
	struct daemon *d = new_daemon(), *again;
	struct image_writer bare;
	struct wbuf image;

	(void)state;
	touch_many(new_socket(d));
	dump(d, &image);
	image_writer_init(&bare, d, false);
	strip(&image, &bare);
	again = restored(bare.buf.data, bare.buf.len);
	assert_int_equal(commit(first_tx(again)), EAGAIN);
	daemon_free(again);
	daemon_free(d);
}

/* ---- what is refused ---- */

#define NAME(text) .name = text, .name_len = sizeof(text)
#define WAY	   REC_TX_ENTRY_WAY

static void refused(const struct rec_tx_entry *entries, size_t n,
		    const char *words)
{
	static const struct rec_perm n0[] = {{'n', 0, 0}};
	const struct record before[] = {
		{.type = REC_CONNECTION_DATA,
		 .conn = {.conn_id = 1, .type = REC_CONN_SOCKET, .fd = 9}},
		{.type = REC_NODE_DATA,
		 .node = {.path_len = 2,
			  .perm_count = 1,
			  .perms = n0,
			  .path = "/"}},
		{.type = REC_TRANSACTION_DATA,
		 .tx = {.conn_id = 1, .tx_id = 7}},
	};
	struct record rec = {.type = REC_TX_ENTRY};
	struct daemon *d = new_daemon();
	struct state_restored ret;
	struct image_writer w;
	struct err err = {0};
	size_t i;
	int rc;

	image_writer_init(&w, d, false);
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		image_write(&w, &before[i]);
	for (i = 0; i < n; i++) {
		rec.tx_entry = entries[i];
		rec.tx_entry.conn_id = 1;
		rec.tx_entry.tx_id = 7;
		image_write(&w, &rec);
	}
	assert_int_equal(image_writer_finish(&w), 0);
	rc = state_restore(d, w.buf.data, w.buf.len, &ret, &err);
	if (!words)
		assert_int_equal(rc, 0);
	else if (!rc || !strstr(err.text, words))
		fail_msg("%s: %d, %s", words, rc, err.text);
	daemon_free(d);
}

#define REFUSED(words, ...)                                                    \
	do {                                                                   \
		const struct rec_tx_entry e[] = {__VA_ARGS__};                 \
                                                                               \
		refused(e, sizeof(e) / sizeof(e[0]), words);                   \
	} while (0)

static void test_refused(void **state)
{
	static char longest[PATH_ABS_MAX];
	const uint16_t absent = REC_TX_ABSENT;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	/* these are good */
	REFUSED(NULL, {NAME("a"), .flags = WAY},
		{.parent = 1, NAME("b"), .did = absent},
		{NAME("a"), .did = absent});
	REFUSED(NULL, {NAME("way"), .flags = WAY});
	REFUSED(NULL,
		{.name = longest, .name_len = PATH_ABS_MAX, .did = absent});
	/* and these are not */
	REFUSED("parent 1", {.parent = 1, NAME("a"), .did = absent});
	REFUSED("parent 3", {NAME("a"), .did = absent},
		{.parent = 3, NAME("b"), .did = absent});
	REFUSED("name a/b is not valid", {NAME("a/b"), .did = absent});
	REFUSED("name  is not valid", {NAME("a"), .did = absent},
		{.parent = 1, NAME(""), .did = absent});
	REFUSED("name  is not valid", {NAME(""), .flags = WAY});
	REFUSED("is there twice", {NAME("a"), .did = absent},
		{NAME("a"), .did = absent});
	REFUSED("is there twice", {NAME("a"), .flags = WAY},
		{NAME("a"), .flags = WAY});
	REFUSED("is there twice", {NAME("a"), .did = absent},
		{NAME("a"), .flags = WAY});
	REFUSED("is not valid",
		{.name = longest, .name_len = PATH_ABS_MAX, .flags = WAY},
		{.parent = 1, NAME("x"), .did = absent});
	REFUSED("contradicts itself", {NAME(""), .did = absent});
	REFUSED("contradicts itself",
		{NAME("a"), .did = REC_TX_DELETED | absent});
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_refused),
	};

	return RUN_TESTS("tx-image", tests);
}
