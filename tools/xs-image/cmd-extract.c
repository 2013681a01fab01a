// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd-extract: writes one domain's state as an image for a migration: its
 * ring's connection with watches and transactions, and the nodes that relate to
 * it (migrate/relate.h).
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "xs-image.h"

#include "base/parse.h"
#include "migrate/relate.h"

#define WRITER "xs-image extract"

struct extract {
	uint16_t domid;
	struct relate *relate;
	uint32_t conn_id; /* 0: none found */
	struct rec_header header;
	struct output *out; /* NULL: only count */
};

/* The first pass: finds the domain's nodes and connection. */
static int learn(void *arg, const struct record *rec, struct err *err)
{
	struct extract *x = arg;
	int rc = 0;

	if (rec->type == REC_NODE_DATA && !rec->node.conn_id)
		rc = relate_learn(x->relate, rec->node.path, rec->node.value,
				  rec->node.value_len);
	else if (rec->type == REC_CONNECTION_DATA &&
		 rec->conn.type == REC_CONN_RING && rec->conn.domid == x->domid)
		x->conn_id = rec->conn.conn_id;
	return rc ? err_set(err, rc, "out of memory") : 0;
}

static bool wanted_node(const struct extract *x, const struct rec_node *n)
{
	if (n->conn_id)
		return n->conn_id == x->conn_id;
	return relate_node(x->relate, n->path, n->perms[0].domid);
}

static bool wanted(const struct extract *x, const struct record *rec)
{
	const struct record_desc *row;

	switch (rec->type) {
	case REC_NODE_DATA:
		return wanted_node(x, &rec->node);
	case REC_DOMAIN_STATE:
		return rec->domain.domid == x->domid;
	case REC_DOM_FEATURES:
		return rec->features.domid == x->domid;
	case REC_QUOTA:
		return rec->quota.domid == x->domid;
	default:
		row = record_row(rec);
		return x->conn_id && row &&
		       row->scopes & 1u << REC_SCOPE_MIGRATION &&
		       record_conn_id(rec) == x->conn_id;
	}
}

static int take(void *arg, const struct record *rec, struct err *err)
{
	struct extract *x = arg;
	struct record to = *rec;

	if (!wanted(x, rec))
		return 0;
	/* a port number is of no use on another host */
	if (rec->type == REC_DOMAIN_STATE)
		to.domain.local_port = 0;
	x->header.conns += rec->type == REC_CONNECTION_DATA;
	x->header.watches += rec->type == REC_WATCH_DATA;
	x->header.txs += rec->type == REC_TRANSACTION_DATA;
	x->header.nodes += rec->type == REC_NODE_DATA && !rec->node.conn_id;
	return x->out ? output_put(x->out, &to, err) : 0;
}

static int read_all(struct tool *t, struct input *in, struct extract *x,
		    image_put put, struct err *err)
{
	struct image_losses losses;
	struct image_convert c = {
		.from = in->guess.format,
		.to = &image_format_native,
		.put = put,
		.arg = x,
	};

	return image_convert(t->ctx, in->data, in->len, &c, &losses, err);
}

static int write_out(struct tool *t, struct input *in, struct extract *x,
		     struct err *err)
{
	struct record rec = {.type = REC_HEADER, .header = x->header};
	bool was_big = in->data[15] & IMAGE_FLAG_BIG;
	bool big = t->opt.big || (was_big && !t->opt.little);
	struct output out;
	int rc = output_open(t, &out, big, &image_format_native);

	if (rc)
		return rc;
	rec.header.scope = REC_SCOPE_MIGRATION;
	rec.header.writer = WRITER;
	rec.header.writer_len = sizeof(WRITER);
	x->out = &out;
	rc = output_put(&out, &rec, err);
	if (!rc)
		rc = read_all(t, in, x, take, err);
	if (!rc)
		return output_finish(&out);
	output_drop(&out);
	return input_complain(in, rc, err);
}

static int extract(struct tool *t, struct input *in, struct extract *x)
{
	struct err err = {0};
	int rc = read_all(t, in, x, learn, &err);

	if (!rc && relate_learned(x->relate))
		rc = err_set(&err, ENOMEM, "out of memory");
	/* HEADER, which comes first, has the counts */
	if (!rc)
		rc = read_all(t, in, x, take, &err);
	if (rc)
		return input_complain(in, rc, &err);
	if (!x->header.conns && !x->header.nodes) {
		fprintf(stderr, "xs-image: %s: nothing relates to domain %u\n",
			in->name, x->domid);
		return EXIT_BAD;
	}
	if (!x->header.conns)
		fprintf(stderr,
			"xs-image: %s: domain %u has no ring here; "
			"only its nodes are written\n",
			in->name, x->domid);
	return write_out(t, in, x, &err);
}

int cmd_extract(struct tool *t)
{
	struct extract x = {0};
	struct input in;
	uint32_t domid;
	int rc;

	if (parse_u32(t->argv[0], UINT16_MAX, &domid)) {
		fprintf(stderr, "xs-image: %s is not a domid\n", t->argv[0]);
		return EXIT_TROUBLE;
	}
	x.domid = (uint16_t)domid;
	x.relate = relate_new(t->ctx, x.domid);
	if (!x.relate)
		return EXIT_TROUBLE;
	rc = input_open(t, t->argv[1], true, &in);
	if (rc)
		return rc;
	rc = extract(t, &in, &x);
	input_close(&in);
	return rc;
}
