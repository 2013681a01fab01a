// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd-verify: checks every rule of the format.  Stops where the reader refuses
 * the image; prints all other findings, with record, field and byte.  Keeps a
 * hash of each thing that may occur once; see seen.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include "base/escape.h"
#include "verify.h"

#define TEXT_MAX 4096
#define TOLD_MAX 100 /* more findings are only counted */

/* ---- findings ---- */

/* The offset of the field in the image. */
static uint64_t field_at(const struct record *rec, const char *name)
{
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;
	const struct record_desc *d = rec->desc;
	uint64_t at = rec->offset + IMAGE_HEAD_SIZE;
	const struct field *f;
	uint64_t pos = d->fixed;

	if (!strcmp(name, "len"))
		return rec->offset + 4;
	for (f = d->fields; f < d->fields + d->nfields; f++) {
		if (!field_cond_holds(st, &f->when))
			continue;
		if (f >= d->fields + d->nfixed) {
			if (!strcmp(f->name, name))
				return at + pos;
			pos += field_len(st, f, pos);
		} else if (!strcmp(f->name, name)) {
			return at + f->offset;
		}
	}
	return rec->offset;
}

static void tell(struct verify *v, const char *what, const char *field,
		 const char *fmt, va_list ap)
{
	const struct record *rec = v->rec;
	char text[TEXT_MAX], line[4 * TEXT_MAX];

	if (v->errors + v->warnings > TOLD_MAX)
		return;
	printf("%s: %srecord %" PRIu64 " (%s, type 0x%" PRIx32
	       "): %s%s%sat byte %" PRIu64 ": ",
	       v->name, what, rec->index,
	       rec->desc ? rec->desc->name : "unknown", rec->type,
	       field ? "field " : "", field ? field : "", field ? " " : "",
	       field && rec->desc ? field_at(rec, field) : rec->offset);
	vsnprintf(text, sizeof(text), fmt, ap);
	escape(line, sizeof(line), text, strlen(text), ESCAPE_LINE);
	printf("%s\n", line);
}

void verify_bad(struct verify *v, const char *field, const char *fmt, ...)
{
	va_list ap;

	v->errors++;
	va_start(ap, fmt);
	tell(v, "", field, fmt, ap);
	va_end(ap);
}

void verify_warn(struct verify *v, const char *field, const char *fmt, ...)
{
	va_list ap;

	v->warnings++;
	va_start(ap, fmt);
	tell(v, "warning: ", field, fmt, ap);
	va_end(ap);
}

/* ---- earlier records ---- */

bool verify_once(struct verify *v, const struct thing *thing, const char *field)
{
	int rc = seen_add(v->seen, thing);

	if (rc == EEXIST)
		verify_bad(v, field, "duplicate");
	else if (rc)
		v->rc = rc;
	return !rc;
}

struct vconn *verify_conn(struct verify *v, uint32_t conn_id)
{
	struct hlink *l = htab_chain(v->conns, (uint32_t)hash_mix(conn_id, 1));

	for (; l; l = l->next) {
		struct vconn *c = (struct vconn *)l; /* its first member */

		if (c->conn_id == conn_id)
			return c;
	}
	verify_bad(v, "conn-id",
		   "found %" PRIu32 ", no such connection before it", conn_id);
	return NULL;
}

bool verify_tx(struct verify *v, uint32_t conn_id, uint32_t tx_id)
{
	struct thing tx = {REC_TRANSACTION_DATA, conn_id, tx_id, .p = NULL};

	if (!verify_conn(v, conn_id))
		return false;
	if (seen_has(v->seen, &tx))
		return true;
	verify_bad(v, "tx-id",
		   "found %" PRIu32 ", no such transaction of connection "
		   "%" PRIu32 " before it",
		   tx_id, conn_id);
	return false;
}

/* ---- the whole ---- */

static void check_header(struct verify *v)
{
	const struct rec_header *h = &v->rec->header;

	if (v->rec->index)
		verify_bad(v, NULL, "not the first record");
	v->have_header = true;
	v->header = *h;
	v->header.writer = NULL;
	if (h->dialect)
		verify_bad(v, "dialect", "not the dialect of this image");
}

static void check_scope(struct verify *v)
{
	const struct record_desc *d = v->rec->desc;

	if (v->have_header && d && !(d->scopes & 1u << v->header.scope))
		verify_bad(v, NULL, "not allowed in the image of one domain");
}

static void check_count(struct verify *v, const char *what, uint32_t said,
			uint32_t found)
{
	if (said != found)
		verify_bad(v, NULL,
			   "HEADER says %" PRIu32 " %s, found %" PRIu32, said,
			   what, found);
}

static void check_counts(struct verify *v)
{
	if (!v->have_header)
		return;
	check_count(v, "nodes", v->header.nodes, v->counted.nodes);
	check_count(v, "connections", v->header.conns, v->counted.conns);
	check_count(v, "watches", v->header.watches, v->counted.watches);
	check_count(v, "transactions", v->header.txs, v->counted.txs);
}

/* Encodes the record again: the result must be the same, padding included. */
static void check_bytes(struct verify *v, struct image_writer *again)
{
	const struct record *rec = v->rec;
	size_t i, len;

	if (!rec->desc || rec->suspect)
		return;
	again->buf.len = 0;
	image_write(again, rec);
	if (again->buf.failed) {
		v->rc = ENOMEM;
		return;
	}
	len = again->buf.len - IMAGE_HEAD_SIZE;
	for (i = 0; i < len && i < rec->len; i++) {
		if (again->buf.data[IMAGE_HEAD_SIZE + i] == rec->body[i])
			continue;
		verify_warn(v, NULL,
			    "byte %zu of the body is 0x%02x, expected 0x%02x",
			    i, rec->body[i],
			    again->buf.data[IMAGE_HEAD_SIZE + i]);
		return;
	}
}

static void check_record(struct verify *v)
{
	if (v->rec->type == REC_HEADER)
		check_header(v);
	check_scope(v);
	verify_conns(v);
	verify_nodes(v);
	if (v->stock)
		verify_stock(v);
}

static int read_all(struct tool *t, struct input *in, struct verify *v,
		    struct err *err)
{
	struct image_writer again;
	struct image_reader r;
	struct record rec;
	int rc = input_reader(t, in, &r, err);

	image_writer_init_as(&again, t->ctx, !rc && r.buf.big_endian,
			     in->guess.format);
	v->rec = &rec;
	while (!rc) {
		bool more = image_read(&r, &rec, &rc, err);

		if (rc)
			break;
		check_bytes(v, &again);
		if (!more)
			break;
		check_record(v);
		if (v->rc)
			rc = err_set(err, v->rc, "out of memory");
	}
	if (!rc) {
		check_counts(v);
		if (v->stock)
			verify_stock_end(v);
	}
	image_reader_fini(&r);
	wbuf_fini(&again.buf);
	return rc;
}

static int verify(struct tool *t, struct input *in)
{
	struct verify v = {.name = in->name, .ctx = t->ctx};
	struct err err = {0};
	int rc;

	v.stock = in->guess.format != &image_format_native;
	v.conns = htab_new(t->ctx);
	v.seen = seen_new(t->ctx);
	if (!v.conns || !v.seen)
		return EXIT_TROUBLE;
	rc = read_all(t, in, &v, &err);
	if (rc)
		return input_complain(in, rc, &err);
	if (v.errors + v.warnings > TOLD_MAX)
		printf("%s: %" PRIu64 " errors and %" PRIu64
		       " warnings in all, of which %d are shown\n",
		       in->name, v.errors, v.warnings, TOLD_MAX);
	if (v.errors || (t->opt.strict && v.warnings))
		return EXIT_BAD;
	printf("%s: good: dialect %s, %" PRIu32 " nodes, %" PRIu32
	       " connections, %" PRIu32 " watches, %" PRIu32 " transactions\n",
	       in->name, input_dialect(in), v.counted.nodes, v.counted.conns,
	       v.counted.watches, v.counted.txs);
	return EXIT_GOOD;
}

int cmd_verify(struct tool *t)
{
	struct input in;
	int rc = input_open(t, t->argv[0], false, &in);

	if (rc)
		return rc;
	rc = verify(t, &in);
	input_close(&in);
	return rc;
}
