/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lu-steps: an image whose dump or restore fails at any step: at each piece
 * that cannot be written, at each allocation on either side, at each record
 * that is refused. The writing daemon is unchanged (digest, memory); the reader
 * gives a reason and leaks nothing. Or it succeeds without that allocation.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "counted.h"
#include "stock/convert.h"
#include "image/image.h"
#include "state/state.h"
#include "stock/take-over.h"
#include "rich.h"
#include "store/change.h"
#include "store/node.h"
#include "transport/conn.h"

static unsigned long passed;

/* ---- writing ---- */

struct writer {
	struct daemon *d;
	uint64_t digest;
	size_t memory;
	struct wbuf image;
	unsigned int piece, bad_piece;
	bool failed; /* the allocation that was to fail */
};

static int count_bytes(void *arg, const void *data, size_t len, struct err *err)
{
	struct writer *w = arg;

	(void)data;
	(void)len;
	if (w->piece++ == w->bad_piece)
		return err_set(err, ENOSPC, "no space");
	return 0;
}

static int dump(struct writer *w, int64_t bad_allocation, struct err *err)
{
	struct state_dump_options opt = {.update_conn = 1,
					 .update_len = 19,
					 .update_binary = "/sbin/xenstored"};
	struct state_counts counts;
	int rc;

	memset(err, 0, sizeof(*err));
	w->piece = 0;
	counted_fail(bad_allocation);
	rc = state_dump(w->d, &opt, count_bytes, w, &counts, err);
	w->failed = counted_failed();
	if (rc && !*err->text)
		rich_broken("the dump fails", "without a reason");
	if (state_digest(w->d) != w->digest)
		rich_broken("a dump that fails", "changes the state");
	if (talloc_total_size(w->d) != w->memory)
		rich_broken("a dump that fails", "leaks memory");
	return rc;
}

/* The image has several pieces, since the daemon is not that small. */
static void pieces(struct writer *w)
{
	struct err err;

	for (w->bad_piece = 0; dump(w, -1, &err); w->bad_piece++)
		passed++;
	printf("lu-steps: %u pieces of an image, each not written once\n",
	       w->bad_piece);
	if (w->bad_piece < 3)
		rich_broken("pieces", "too few");
	w->bad_piece = ~0u;
}

static void dump_allocations(struct writer *w)
{
	struct err err;
	int64_t n;
	int rc;

	for (n = 0; rc = dump(w, n, &err), w->failed; n++) {
		if (rc && rc != ENOMEM)
			rich_broken("an allocation fails, but not the dump",
				    err.text);
		passed++;
	}
	printf("lu-steps: %lld allocations of a dump, each failing once\n",
	       (long long)n);
	if (COUNTED && !n)
		rich_broken("allocations of a dump", "none");
}

/* ---- reading ---- */

typedef int (*restore_fn)(struct daemon *d, const void *data, size_t len,
			  struct state_restored *ret, struct err *err);

static struct state_restored restored;

/* Restores a new daemon, with one allocation failing; then frees it. */
static int restore(restore_fn fn, const struct wbuf *image,
		   int64_t bad_allocation, bool *ret_failed, struct err *err)
{
	struct config config = {0};
	struct daemon *d;
	int64_t before = counted_blocks;
	int rc;

	memset(err, 0, sizeof(*err));
	counted_fail(bad_allocation);
	d = daemon_new(NULL, rich_host(), NULL, &config, err);
	rc = d ? fn(d, image->data, image->len, &restored, err) : ENOMEM;
	*ret_failed = counted_failed();
	if (rc && !*err->text)
		rich_broken("the image is refused", "without a reason");
	if (d)
		daemon_free(d);
	if (counted_blocks != before)
		rich_broken("a restore that fails leaks memory", err->text);
	return rc;
}

static void restore_allocations(restore_fn fn, const char *what,
				const struct wbuf *image)
{
	struct err err;
	bool failed;
	int64_t n;
	int rc;

	rc = restore(fn, image, -1, &failed, &err);
	if (rc)
		rich_broken(what, err.text);
	for (n = 0; rc = restore(fn, image, n, &failed, &err), failed; n++) {
		if (rc && rc != ENOMEM)
			rich_broken("an allocation of a restore fails",
				    err.text);
		passed++;
	}
	printf("lu-steps: %lld allocations of a restore (%s), each failing once\n",
	       (long long)n, what);
	if (COUNTED && !n)
		rich_broken("allocations of a restore", "none");
}

/* ---- each record refused ---- */

/* The image with its nth record changed to an unknown mandatory one. */
static bool spoil(void *ctx, const struct wbuf *image, uint64_t nth,
		  struct wbuf *ret)
{
	struct image_reader r;
	struct record rec;
	struct err err;
	int rc;
	uint32_t type = 0x4000fff0 | REC_MANDATORY;

	if (image_reader_init(&r, ctx, image->data, image->len, &err))
		rich_broken("the undamaged image", err.text);
	while (image_read(&r, &rec, &rc, &err) && rec.index < nth)
		;
	if (rec.index != nth || rec.type == REC_END) {
		image_reader_fini(&r);
		return false;
	}
	wbuf_init(ret, ctx);
	wbuf_bytes(ret, image->data, image->len);
	memcpy(ret->data + rec.offset, &type, sizeof(type));
	image_reader_fini(&r);
	return !ret->failed;
}

static void records(const struct wbuf *image)
{
	void *ctx = talloc_new(NULL);
	struct wbuf bad;
	struct err err;
	char name[40];
	bool failed;
	uint64_t n;

	for (n = 0; spoil(ctx, image, n, &bad); n++) {
		snprintf(name, sizeof(name), "record %llu",
			 (unsigned long long)n);
		if (!restore(state_restore, &bad, -1, &failed, &err))
			rich_broken(name, "is unknown, but restored");
		if (!strstr(err.text, name))
			rich_broken("the error names another record", err.text);
		passed++;
	}
	printf("lu-steps: %llu records, each refused once\n",
	       (unsigned long long)n);
	if (n < 50)
		rich_broken("records", "too few");
	talloc_free(ctx);
}

/* ---- from a stock daemon ---- */

static int put(void *arg, const struct record *rec, struct err *err)
{
	(void)err;
	if (rec->desc || !rec->body)
		image_write(arg, rec);
	return 0;
}

static void as_stock(void *ctx, const struct wbuf *image, struct wbuf *ret)
{
	struct image_writer w;
	struct image_convert how = {.from = &image_format_native,
				    .to = &stock_xen1,
				    .put = put,
				    .arg = &w};
	struct image_losses losses;
	struct err err;

	image_writer_init_as(&w, ctx, false, how.to);
	if (image_convert(ctx, image->data, image->len, &how, &losses, &err) ||
	    image_writer_finish(&w))
		rich_broken("a stock image", err.text);
	*ret = w.buf;
}

/* Makes the image large enough for several pieces. */
static void grow(struct daemon *d)
{
	static uint8_t value[2000];
	struct conn *c = list_first(&d->conns.all, struct conn, all);
	struct node_req req = {.store = d->store, .client = &c->client};
	char path[32];
	int i, rc, len;

	for (i = 0; i < 100; i++) {
		len = snprintf(path, sizeof(path), "/large/%d", i);
		req.changes = change_list_new(d, d->store);
		rc = node_write(&req, path, (size_t)len, value, sizeof(value));
		talloc_free(req.changes);
		if (rc)
			rich_broken("a large node", strerror(rc));
	}
}

int main(void)
{
	void *ctx = talloc_new(NULL);
	struct writer w = {.bad_piece = ~0u};
	struct state_dump_options opt = {0};
	struct state_counts counts;
	struct wbuf stock;
	struct err err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("lu-steps:\n");
	w.d = rich_daemon();
	grow(w.d);
	wbuf_init(&w.image, ctx);
	if (state_dump(w.d, &opt, state_into_wbuf, &w.image, &counts, &err))
		rich_broken("dump", err.text);
	w.digest = state_digest(w.d);
	w.memory = talloc_total_size(w.d);
	pieces(&w);
	dump_allocations(&w);
	daemon_free(w.d);
	restore_allocations(state_restore, "ours", &w.image);
	restore_allocations(state_restore_file, "file", &w.image);
	records(&w.image);
	as_stock(ctx, &w.image, &stock);
	restore_allocations(stock_take_over, "stock", &stock);
	talloc_free(ctx);
	printf("%lu passed, 0 failed\n", passed);
	return 0;
}
