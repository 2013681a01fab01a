// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verify-conns: records of connections, watches, transactions, domains and
 * quotas, and those that may occur once; see verify.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include "verify.h"

static bool once(struct verify *v, uint32_t a, uint32_t b, const char *field)
{
	return verify_once(v, &(struct thing){v->rec->type, a, b, .p = NULL},
			   field);
}

static void check_conn(struct verify *v)
{
	const struct rec_conn *rec = &v->rec->conn;
	struct vconn *c;

	v->counted.conns++;
	v->last_conn = rec->conn_id;
	if (!once(v, rec->conn_id, 0, "conn-id"))
		return;
	if (rec->type == REC_CONN_RING)
		verify_once(
			v,
			&(struct thing){THING_RING, rec->domid, 0, .p = NULL},
			"domid");
	if (v->have_header && v->header.scope == REC_SCOPE_MIGRATION &&
	    rec->type != REC_CONN_RING)
		verify_bad(v, "conn-type", "a socket does not migrate");
	c = talloc_zero(v->ctx, struct vconn);
	if (!c) {
		v->rc = ENOMEM;
		return;
	}
	c->conn_id = rec->conn_id;
	c->type = rec->type;
	c->domid = rec->domid;
	c->data_len = rec->data_len;
	c->link.hash = (uint32_t)hash_mix(c->conn_id, 1);
	htab_insert(v->conns, &c->link);
}

/* Names of [-A-Za-z0-9_@] with single slashes between, none at the end. */
static bool path_is_valid(const char *path)
{
	const char *p = path;

	for (; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') ||
			     (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || strchr("-_@", *p);

		if (!plain && *p != '/')
			return false;
		if (*p == '/' && p[1] == '/')
			return false;
	}
	return p == path + 1 || p[-1] != '/';
}

static void check_watch(struct verify *v)
{
	const struct rec_watch *rec = &v->rec->watch;
	struct thing thing = {REC_WATCH_DATA,
			      rec->conn_id,
			      0,
			      .p = rec->wpath,
			      .p_len = rec->wpath_len,
			      .q = rec->token,
			      .q_len = rec->token_len};
	struct vconn *c = verify_conn(v, rec->conn_id);

	v->counted.watches++;
	if (!c)
		return;
	c->nwatches++;
	if (!path_is_valid(rec->wpath))
		verify_bad(v, "wpath", "not a valid path");
	verify_once(v, &thing, "wpath");
}

static void check_depth(struct verify *v)
{
	const struct rec_watch_depth *rec = &v->rec->watch_depth;
	struct vconn *c = verify_conn(v, rec->conn_id);

	if (!c || !once(v, rec->conn_id, rec->index, "index"))
		return;
	if (rec->index >= c->nwatches)
		verify_bad(v, "index",
			   "found %" PRIu32 ", only %" PRIu32
			   " watches of the connection before it",
			   rec->index, c->nwatches);
	if (rec->depth > INT32_MAX)
		verify_bad(v, "depth", "found %" PRIu32 ", allowed 0 to %d",
			   rec->depth, INT32_MAX);
}

static void check_lost(struct verify *v)
{
	const struct rec_watch_lost *rec = &v->rec->watch_lost;
	struct vconn *c = verify_conn(v, rec->conn_id);

	if (c && once(v, rec->conn_id, rec->index, "index") &&
	    rec->index >= c->nwatches)
		verify_bad(v, "index",
			   "found %" PRIu32 ", only %" PRIu32
			   " watches of the connection before it",
			   rec->index, c->nwatches);
}

static void check_output(struct verify *v)
{
	const struct rec_conn_output *rec = &v->rec->conn_output;
	struct vconn *c = verify_conn(v, rec->conn_id);

	if (c && rec->partial > c->data_len)
		verify_bad(v, "partial",
			   "found %" PRIu32 ", more than the %" PRIu32
			   " bytes pending",
			   rec->partial, c->data_len);
	if (c)
		once(v, rec->conn_id, 0, "conn-id");
}

static void check_state(struct verify *v)
{
	const struct rec_conn_state *rec = &v->rec->conn_state;
	struct vconn *c = verify_conn(v, rec->conn_id);

	if (c && c->type != REC_CONN_RING && rec->flags & REC_CONN_NO_RING)
		verify_bad(v, "flags", "a socket has no ring");
	if (c)
		once(v, rec->conn_id, 0, "conn-id");
}

static void check_update(struct verify *v)
{
	const struct rec_update *rec = &v->rec->update;
	struct vconn *c = verify_conn(v, rec->conn_id);

	if (c && rec->reply_len > c->data_len)
		verify_bad(v, "reply-len",
			   "found %" PRIu32 ", more than the %" PRIu32
			   " bytes pending",
			   rec->reply_len, c->data_len);
	once(v, 0, 0, NULL);
}

static void check_domain(struct verify *v)
{
	const struct rec_domain *rec = &v->rec->domain;
	struct vconn *c = rec->conn_id ? verify_conn(v, rec->conn_id) : NULL;

	if (c && (c->type != REC_CONN_RING || c->domid != rec->domid))
		verify_bad(v, "conn-id",
			   "connection %" PRIu32 " is not the ring of domain "
			   "%u",
			   rec->conn_id, rec->domid);
	once(v, rec->domid, 0, "domid");
}

/* A record about a domain. */
static void check_of_domain(struct verify *v)
{
	uint16_t domid = v->rec->type == REC_DOMAIN_ID ? v->rec->domain_id.domid
						       : v->rec->features.domid;
	struct thing domain = {REC_DOMAIN_STATE, domid, 0, .p = NULL};

	if (!seen_has(v->seen, &domain))
		verify_bad(v, "domid", "no DOMAIN_STATE of domain %u before it",
			   domid);
	once(v, domid, 0, "domid");
}

static void check_tx(struct verify *v)
{
	const struct rec_tx *rec = &v->rec->tx;

	v->counted.txs++;
	if (verify_conn(v, rec->conn_id))
		once(v, rec->conn_id, rec->tx_id, "tx-id");
}

static void check_quota(struct verify *v)
{
	const struct rec_quota *rec = &v->rec->quota;

	verify_once(v,
		    &(struct thing){REC_QUOTA, rec->domid, rec->soft,
				    .p = rec->name, .p_len = rec->name_len},
		    "name");
}

/* Records that may occur once for each connection and have no other rule. */
static bool verify_conn_only(struct verify *v)
{
	uint32_t conn_id;

	switch (v->rec->type) {
	case REC_CONN_INPUT:
	case REC_CONN_CREDIT:
	case REC_CONN_DEBT:
	case REC_TURN:
	case REC_TURN_PLACE:
	case REC_RING_GFN:
	case REC_RING_LOOK:
		break;
	default:
		return false;
	}
	conn_id = record_conn_id(v->rec);
	if (verify_conn(v, conn_id))
		once(v, conn_id, 0, "conn-id");
	return true;
}

static void check_quota_count(struct verify *v)
{
	const struct rec_quota_count *rec = &v->rec->quota_count;

	verify_once(v,
		    &(struct thing){REC_QUOTA_COUNT, rec->domid, 0,
				    .p = rec->name, .p_len = rec->name_len},
		    "name");
}

void verify_conns(struct verify *v)
{
	const struct record *rec = v->rec;

	if (verify_conn_only(v))
		return;
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		check_conn(v);
		break;
	case REC_WATCH_DATA:
	case REC_WATCH_DATA_EXTENDED:
		check_watch(v);
		break;
	case REC_WATCH_DEPTH:
		check_depth(v);
		break;
	case REC_WATCH_LOST:
		check_lost(v);
		break;
	case REC_CONN_STATE:
		check_state(v);
		break;
	case REC_CONN_OUTPUT:
		check_output(v);
		break;
	case REC_UPDATE:
		check_update(v);
		break;
	case REC_DOMAIN_STATE:
		check_domain(v);
		break;
	case REC_TRANSACTION_DATA:
		check_tx(v);
		break;
	case REC_TX_STATE:
		if (verify_tx(v, rec->tx_state.conn_id, rec->tx_state.tx_id))
			once(v, rec->tx_state.conn_id, rec->tx_state.tx_id,
			     "tx-id");
		break;
	case REC_QUOTA:
		check_quota(v);
		break;
	case REC_QUOTA_COUNT:
		check_quota_count(v);
		break;
	case REC_DOM_FEATURES:
	case REC_DOMAIN_ID:
		check_of_domain(v);
		break;
	case REC_GLOBAL_DATA:
	case REC_GLOBAL_QUOTA_DATA:
	case REC_HANDOFF:
	case REC_STORE_STATE:
	case REC_ROLES:
	case REC_LOG:
	case REC_UPDATE_RUN:
		once(v, 0, 0, NULL);
		break;
	}
}
