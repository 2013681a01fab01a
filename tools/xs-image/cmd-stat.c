// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd-stat: counts for each domain the nodes that it owns, the bytes of their
 * paths and values, its watches, open transactions, and bytes waiting in either
 * direction.  All connections through sockets share a row.  Keeps one record
 * and a row for each domain.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include "xs-image.h"

#include "base/hash.h"

#define SOCKETS 0x10000u /* the row after those of domains */
#define ROWS	(SOCKETS + 1)

struct row {
	uint64_t nodes, bytes, conns, watches, txs, waiting;
};

struct conn {
	struct hlink link;
	uint32_t conn_id, row;
};

struct stat_of {
	struct row *rows; /* by domid */
	struct htab *conns;
	uint64_t records;
	bool stock; /* the image's format */
};

static uint32_t hash_of(uint32_t conn_id)
{
	return (uint32_t)hash_mix(conn_id, 1);
}

/* The row of a connection's owner; that of sockets if it is unknown. */
static struct row *row_of(const struct stat_of *s, uint32_t conn_id)
{
	struct hlink *l = htab_chain(s->conns, hash_of(conn_id));

	for (; l; l = l->next) {
		struct conn *c = (struct conn *)l; /* its first member */

		if (c->conn_id == conn_id)
			return &s->rows[c->row];
	}
	return &s->rows[SOCKETS];
}

static int add_conn(struct stat_of *s, const struct record *record)
{
	const struct rec_conn *rec = &record->conn;
	struct conn *c = talloc_zero(s->rows, struct conn);

	if (!c)
		return ENOMEM;
	c->conn_id = rec->conn_id;
	c->row = rec->type == REC_CONN_RING ? rec->domid : SOCKETS;
	c->link.hash = hash_of(rec->conn_id);
	htab_insert(s->conns, &c->link);
	s->rows[c->row].conns++;
	s->rows[c->row].waiting += rec->data_len;
	if (s->stock)
		s->rows[c->row].waiting += stock_of(record)->conn.in_len;
	return 0;
}

static void add_node(struct stat_of *s, const struct rec_node *n)
{
	struct row *r;

	if (n->conn_id || n->path[0] != '/')
		return;
	r = &s->rows[n->perms[0].domid];
	r->nodes++;
	r->bytes += n->path_len - 1u + n->value_len;
}

static int add(struct stat_of *s, const struct record *rec)
{
	s->records++;
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		return add_conn(s, rec);
	case REC_NODE_DATA:
		add_node(s, &rec->node);
		break;
	case REC_WATCH_DATA:
	case REC_WATCH_DATA_EXTENDED:
		row_of(s, rec->watch.conn_id)->watches++;
		break;
	case REC_TRANSACTION_DATA:
		row_of(s, rec->tx.conn_id)->txs++;
		break;
	case REC_CONN_INPUT:
		row_of(s, rec->conn_input.conn_id)->waiting +=
			rec->conn_input.data_len;
		break;
	}
	return 0;
}

static bool is_empty(const struct row *r)
{
	return !r->nodes && !r->conns && !r->watches && !r->txs;
}

static void print_row(const struct tool *t, const char *name,
		      const struct row *r)
{
	printf(t->opt.json ? "{\"domain\":\"%s\",\"nodes\":%" PRIu64
			     ",\"bytes\":%" PRIu64 ",\"connections\":%" PRIu64
			     ",\"watches\":%" PRIu64
			     ",\"transactions\":%" PRIu64
			     ",\"waiting\":%" PRIu64 "}\n"
			   : "%-8s %10" PRIu64 " %12" PRIu64 " %6" PRIu64
			     " %8" PRIu64 " %6" PRIu64 " %8" PRIu64 "\n",
	       name, r->nodes, r->bytes, r->conns, r->watches, r->txs,
	       r->waiting);
}

static void print_all(const struct tool *t, const struct stat_of *s,
		      uint64_t size)
{
	struct row all = {0};
	char name[16];
	uint32_t i;

	if (!t->opt.json)
		printf("%-8s %10s %12s %6s %8s %6s %8s\n", "domain", "nodes",
		       "bytes", "conns", "watches", "tx", "waiting");
	for (i = 0; i < ROWS; i++) {
		const struct row *r = &s->rows[i];

		if (is_empty(r))
			continue;
		snprintf(name, sizeof(name), "%u", i);
		print_row(t, i == SOCKETS ? "sockets" : name, r);
		all.nodes += r->nodes;
		all.bytes += r->bytes;
		all.conns += r->conns;
		all.watches += r->watches;
		all.txs += r->txs;
		all.waiting += r->waiting;
	}
	print_row(t, "all", &all);
	if (!t->opt.json)
		printf("%" PRIu64 " records, %" PRIu64 " bytes\n", s->records,
		       size);
}

static int stat_image(struct tool *t, struct input *in, struct stat_of *s)
{
	struct image_reader r;
	struct record rec;
	struct err err = {0};
	uint64_t size = 0;
	bool more = true;
	int rc;

	rc = input_reader(t, in, &r, &err);
	s->stock = in->guess.format != &image_format_native;
	while (more && !rc) {
		more = image_read(&r, &rec, &rc, &err);
		if (!rc && add(s, &rec))
			rc = err_set(&err, ENOMEM, "out of memory");
		size = r.before + r.buf.pos;
	}
	image_reader_fini(&r);
	if (rc)
		return input_complain(in, rc, &err);
	print_all(t, s, size);
	return EXIT_GOOD;
}

int cmd_stat(struct tool *t)
{
	struct stat_of s = {0};
	struct input in;
	int rc;

	s.rows = talloc_zero_array(t->ctx, struct row, ROWS);
	s.conns = htab_new(t->ctx);
	if (!s.rows || !s.conns)
		return EXIT_TROUBLE;
	rc = input_open(t, t->argv[0], false, &in);
	if (rc)
		return rc;
	rc = stat_image(t, &in, &s);
	input_close(&in);
	return rc;
}
