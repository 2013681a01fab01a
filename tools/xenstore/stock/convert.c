/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert: see convert.h.  What both directions share, and the conversions
 * that keep records as they are: to the other byte order, and between the two
 * stock formats.
 */
#include "stock/convert-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include "image/table.h"

static const char *const loss_text[LOSS_COUNT] = {
	[LOSS_TX] = "open transactions (their clients are told ENOENT)",
	[LOSS_TX_NODE] = "records of what transactions did",
	[LOSS_READ_ONLY] = "read-only connections (they may write from now on)",
	[LOSS_RO_SOCKET] = "listening sockets for read-only connections",
	[LOSS_LOCAL_PORT] = "rings whose port of the daemon is not in the "
			    "image (port 0 is written)",
	[LOSS_FAR_PORT] = "rings whose domain's port is not in the image "
			  "(port 0 is written)",
	[LOSS_DEPTH] = "depths of watches (they see everything below)",
	[LOSS_GENERATIONS] = "records of generations (they start again)",
	[LOSS_CONN_STATE] = "states of connections (next transaction id, in "
			    "error, time of unread events)",
	[LOSS_DOMAIN] = "identities and shutdown states of domains",
	[LOSS_QUOTA] = "quotas (the defaults hold)",
	[LOSS_FEATURES] = "feature words of domains",
	[LOSS_UNIQUE_ID] = "unique ids of domains",
	[LOSS_STALE] = "permissions of domains that no longer exist",
	[LOSS_UPDATE] = "records about the update itself",
	[LOSS_LOG] = "settings of the log",
	[LOSS_COUNTS] = "counts of refusals",
	[LOSS_CREDIT] = "debts of connections for causing conflicts",
	[LOSS_SPECIAL] = "generations of special nodes",
	[LOSS_UNKNOWN] = "unknown records",
	[LOSS_WIRE_ORDER] = "connections with messages in the byte order of "
			    "the old machine",
	[LOSS_TARGET] = "targets of domains (they lose its rights)",
	[LOSS_RING] = "rings without an event channel (not served until they "
		      "are introduced again)",
	[LOSS_WATCH] = "watches of guests that have too many",
	[LOSS_NODE] = "nodes with too long a value, and all below them",
	[LOSS_EVENT] = "watches that wait to fire again for a lost event",
	[LOSS_MESSAGES] = "connections with half messages or unread events",
	[LOSS_FIELDS] = "lines with more fields than this version knows",
	[LOSS_ENTRY] = "permissions of domids that no domain can have",
	[LOSS_OWNER] =
		"owners that no domain can be (domain 0 owns their nodes)",
	[LOSS_PATH] = "nodes and watches whose path is not valid here",
};

const char *image_loss_text(enum image_loss loss)
{
	return loss_text[loss];
}

int convert_no_memory(struct convert *v)
{
	return err_set(v->err, ENOMEM, "out of memory");
}

int convert_put(struct convert *v, const struct record *rec)
{
	return v->c->put(v->c->arg, rec, v->err);
}

int convert_read(struct convert *v, convert_each each)
{
	struct image_reader r;
	struct record rec;
	int rc;

	rc = image_reader_init_as(&r, v, v->data, v->len, v->c->from, v->err);
	while (!rc && image_read(&r, &rec, &rc, v->err))
		rc = each(v, &rec);
	image_reader_fini(&r);
	return rc;
}

/* ---- connections by id ---- */

static uint32_t hash_of(uint32_t conn_id)
{
	return (uint32_t)hash_mix(conn_id, 1);
}

static struct known_conn *look_up(const struct convert *v, uint32_t conn_id)
{
	struct hlink *l = htab_chain(v->by_id, hash_of(conn_id));
	struct known_conn *c;

	for (; l; l = l->next) {
		c = (struct known_conn *)l; /* its first member */
		if (c->rec.conn_id == conn_id)
			return c;
	}
	return NULL;
}

static int wrong_id(struct convert *v, const struct record *rec, int code,
		    const char *what)
{
	return err_set(v->err, code,
		       "record %" PRIu64 " (%s, type 0x%" PRIx32 "): field "
		       "conn-id at byte %" PRIu64 ": found %" PRIu32 ", %s",
		       rec->index, rec->desc->name, rec->type,
		       rec->offset + IMAGE_HEAD_SIZE, record_conn_id(rec),
		       what);
}

struct known_conn *convert_find(struct convert *v, const struct record *rec,
				uint32_t conn_id)
{
	struct known_conn *c = look_up(v, conn_id);

	if (!c)
		(void)wrong_id(v, rec, EINVAL,
			       "which names no connection before it");
	return c;
}

int convert_conn(struct convert *v, const struct record *rec)
{
	struct known_conn *c;

	if (look_up(v, rec->conn.conn_id))
		return wrong_id(v, rec, EEXIST, "which is in use already");
	c = talloc_zero(v, struct known_conn);
	if (!c)
		return convert_no_memory(v);
	c->rec = rec->conn;
	c->last = &c->watches;
	c->link.hash = hash_of(rec->conn.conn_id);
	htab_insert(v->by_id, &c->link);
	*v->last = c;
	v->last = &c->next;
	return 0;
}

/* ---- records as they are ---- */

static bool has_messages(const struct convert *v, const struct record *rec)
{
	if (rec->type == REC_CONN_INPUT)
		return rec->conn_input.data_len;
	if (rec->type != REC_CONNECTION_DATA)
		return false;
	return rec->conn.data_len || (v->c->from != &image_format_native &&
				      stock_of(rec)->conn.in_len);
}

static int as_it_is(struct convert *v, const struct record *rec)
{
	bool other = v->c->other_order;

	if (!rec->desc && (other || v->c->from != v->c->to)) {
		v->losses->n[LOSS_UNKNOWN]++;
		return 0;
	}
	if (other && has_messages(v, rec))
		v->losses->n[LOSS_WIRE_ORDER]++;
	return convert_put(v, rec);
}

/* Without what Xen 4.20 does not know. */
static int to_xen1(struct convert *v, const struct record *rec)
{
	const union stock_record *st = stock_of(rec);
	struct record old = *rec;

	switch (rec->type) {
	case REC_CONNECTION_DATA:
		if (st->conn.fields & REC_CONN_UNIQUE_ID)
			v->losses->n[LOSS_UNIQUE_ID]++;
		stock_in(&old)->conn.fields = 0;
		break;
	case REC_WATCH_DATA_EXTENDED:
		if (rec->suspect || st->watch.depth != REC_NO_DEPTH)
			v->losses->n[LOSS_DEPTH]++;
		old.type = REC_WATCH_DATA;
		old.desc = record_find(REC_WATCH_DATA);
		break;
	case REC_GLOBAL_QUOTA_DATA:
		v->losses->n[LOSS_QUOTA] += st->global_quota.n_dom +
					    (uint64_t)st->global_quota.n_glob;
		return 0;
	case REC_DOMAIN_DATA:
		v->losses->n[LOSS_QUOTA] += st->domain.n_quota;
		v->losses->n[LOSS_FEATURES]++;
		return 0;
	}
	return as_it_is(v, &old);
}

int image_convert(void *ctx, const void *data, size_t len,
		  const struct image_convert *c,
		  struct image_losses *ret_losses, struct err *err)
{
	struct convert *v = talloc_zero(ctx, struct convert);
	const struct image_format *native = &image_format_native;
	int rc;

	memset(ret_losses, 0, sizeof(*ret_losses));
	if (!v)
		return err_set(err, ENOMEM, "out of memory");
	v->c = c;
	v->data = data;
	v->len = len;
	v->losses = ret_losses;
	v->err = err;
	v->last = &v->conns;
	v->global = (struct stock_global){-1, -1};
	v->by_id = htab_new(v);
	if (!v->by_id)
		rc = convert_no_memory(v);
	else if (c->from == c->to)
		rc = convert_read(v, as_it_is);
	else if (c->to == native)
		rc = convert_to_spec(v);
	else if (c->from == native)
		rc = convert_to_xen(v);
	else if (c->to == &stock_xen1)
		rc = convert_read(v, to_xen1);
	else
		rc = convert_read(v, as_it_is);
	talloc_free(v);
	return rc;
}
