/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply: see apply.h.  Uses the constructors that live requests use, but
 * enforces no quotas.
 */
#include "state/apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "image/table.h"
#include "store/transaction.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "store/tree.h"

void apply_at_record(struct err *err, const struct record *rec)
{
	err_prefix(err, "record %llu (%s) at byte %llu",
		   (unsigned long long)rec->index,
		   rec->desc ? rec->desc->name : "unknown",
		   (unsigned long long)rec->offset);
}

int apply_no_memory(struct restore *r)
{
	return err_set(r->err, ENOMEM, "no memory");
}

/* Finds what an earlier record must have made.  0 or EINVAL with r->err. */
static int need_conn(struct restore *r, uint32_t id, struct conn **ret_conn)
{
	*ret_conn = conn_find(r->d, id);
	if (*ret_conn)
		return 0;
	return err_set(r->err, EINVAL,
		       "conn-id %u: no such connection in the records before",
		       id);
}

int apply_need_tx(struct restore *r, uint32_t conn_id, uint32_t tx_id,
		  struct tx **ret_tx)
{
	struct conn *c;
	int rc = need_conn(r, conn_id, &c);

	if (rc)
		return rc;
	*ret_tx = tx_find(&c->client, tx_id);
	if (*ret_tx)
		return 0;
	return err_set(r->err, EINVAL,
		       "tx-id %u: connection %u has no such transaction", tx_id,
		       conn_id);
}

static int apply_header(struct restore *r)
{
	r->have_header = true;
	r->header = r->rec->header;
	if (r->rec->header.scope)
		return err_set(r->err, EINVAL,
			       "this is the image of one domain, not of a "
			       "whole daemon; xenstore-control migrate-restore "
			       "takes it");
	return 0;
}

static int apply_store(struct restore *r)
{
	r->have_store = true;
	r->store = r->rec->store;
	return 0;
}

static int apply_roles(struct restore *r)
{
	const struct rec_roles *rec = &r->rec->roles;
	struct config *config = &r->d->config;

	if (r->d->conns.n || r->d->store->tree->count > 1)
		return err_set(r->err, EINVAL,
			       "it must come before connections and nodes");
	/* the command line outranks them */
	if (!config->store_given)
		config->store_domid = rec->store_domid;
	if (!config->priv_given)
		config->priv_domid = rec->priv_domid;
	return store_set_priv(r->d->store, config->priv_domid)
		       ? apply_no_memory(r)
		       : 0;
}

int apply_fd(const struct restore *r, int number)
{
	return r->fd && number >= 0 ? r->fd(r->fd_arg, number) : number;
}

static int apply_global(struct restore *r)
{
	r->d->conns.rw_fd = apply_fd(r, r->rec->global.rw_fd);
	r->d->conns.ro_fd = apply_fd(r, r->rec->global.ro_fd);
	return 0;
}

static int apply_handoff(struct restore *r)
{
	if (r->follows)
		return apply_stream_handoff(r);
	r->handoff = r->rec->handoff;
	return 0;
}

static int apply_quota(struct restore *r)
{
	const struct rec_quota *rec = &r->rec->quota;
	struct limits *l = &r->d->store->limits;
	struct account *a;
	enum quota q;

	if (quota_by_name(rec->name, &q)) {
		/* from another version; nothing here depends on it */
		log_line(r->d->log, LOG_EVENT,
			 "restore: quota %s is unknown to this version and was "
			 "ignored",
			 rec->name);
		return 0;
	}
	if (rec->value > UINT32_MAX)
		return err_set(r->err, EINVAL, "quota %s=%llu is too large",
			       rec->name, (unsigned long long)rec->value);
	if (rec->domid != STATE_NO_DOMAIN) {
		if (apply_check_domid(r, "domid", rec->domid))
			return EINVAL;
		a = account_get(r->d->store->accounts, rec->domid);
		if (!a || account_set_limit(a, q, rec->soft, rec->value))
			return apply_no_memory(r);
		return 0;
	}
	if (rec->soft)
		l->soft[q] = (uint32_t)rec->value;
	else
		l->hard[q] = (uint32_t)rec->value;
	return 0;
}

static int apply_quota_count(struct restore *r)
{
	const struct rec_quota_count *rec = &r->rec->quota_count;
	struct store *s = r->d->store;
	struct account *a;
	enum quota q;

	if (quota_by_name(rec->name, &q))
		return 0; /* from another version: the counter is not needed */
	if (rec->domid == STATE_NO_DOMAIN) {
		s->most[q] = (uint32_t)rec->count;
		return 0;
	}
	if (apply_check_domid(r, "domid", rec->domid))
		return EINVAL;
	a = account_get(s->accounts, rec->domid);
	if (!a)
		return apply_no_memory(r);
	a->refused[q] = (uint32_t)rec->count;
	return 0;
}

static int apply_update(struct restore *r)
{
	r->ret->update_conn = r->rec->update.conn_id;
	r->ret->update_len = r->rec->update.reply_len;
	return 0;
}

static int apply_update_run(struct restore *r)
{
	const struct rec_update_run *rec = &r->rec->update_run;

	r->ret->stopped_us = rec->stopped_us;
	r->ret->rehearsal_ms = rec->rehearsal_ms;
	memcpy(r->ret->update_binary, rec->binary, rec->binary_len);
	return 0;
}

static int apply_log(struct restore *r)
{
	const struct rec_log *rec = &r->rec->log;

	r->ret->have_log = true;
	r->ret->log_switches = rec->switches;
	memcpy(r->ret->log_path, rec->path, rec->path_len);
	return 0;
}

static int apply_node(struct restore *r)
{
	return r->rec->node.conn_id ? apply_pending(r) : apply_committed(r);
}

/* Whether r->conn is set. */
enum of_conn {
	OF_NONE,
	OF_CONN,
	OF_NEW_CONN /* and came in the same piece */
};

static const struct {
	uint32_t type;
	int (*apply)(struct restore *r);
	enum of_conn of_conn;
} appliers[] = {
	{REC_NODE_DATA, apply_node, OF_NONE},
	{REC_GLOBAL_DATA, apply_global, OF_NONE},
	{REC_CONNECTION_DATA, apply_conn, OF_NONE},
	{REC_WATCH_DATA, apply_watch, OF_NEW_CONN},
	{REC_TRANSACTION_DATA, apply_tx, OF_CONN},
	{REC_CONN_STATE, apply_conn_state, OF_NEW_CONN},
	{REC_CONN_INPUT, apply_conn_input, OF_NEW_CONN},
	{REC_CONN_OUTPUT, apply_conn_output, OF_NEW_CONN},
	{REC_TX_STATE, apply_tx_state, OF_NONE},
	{REC_TX_NODE, apply_tx_node, OF_NONE},
	{REC_TX_CHILDREN, apply_tx_children, OF_NONE},
	{REC_TX_ENTRY, apply_tx_entry, OF_NONE},
	{REC_SPECIAL_NODE, apply_special, OF_NONE},
	{REC_DOMAIN_STATE, apply_domain, OF_NONE},
	{REC_WATCH_DEPTH, apply_watch_depth, OF_NEW_CONN},
	{REC_DOM_FEATURES, apply_features, OF_NONE},
	{REC_HEADER, apply_header, OF_NONE},
	{REC_STORE_STATE, apply_store, OF_NONE},
	{REC_NODE_GENERATIONS, apply_generations, OF_NONE},
	{REC_HANDOFF, apply_handoff, OF_NONE},
	{REC_UPDATE, apply_update, OF_NONE},
	{REC_QUOTA, apply_quota, OF_NONE},
	{REC_LOG, apply_log, OF_NONE},
	{REC_QUOTA_COUNT, apply_quota_count, OF_NONE},
	{REC_CONN_CREDIT, apply_conn_credit, OF_NEW_CONN},
	{REC_CONN_DEBT, apply_conn_debt, OF_CONN},
	{REC_RING_STATE, apply_ring_state, OF_NEW_CONN},
	{REC_RING_GFN, apply_ring_gfn, OF_NEW_CONN},
	{REC_DOMAIN_ID, apply_domain_id, OF_NONE},
	{REC_ROLES, apply_roles, OF_NONE},
	{REC_UPDATE_RUN, apply_update_run, OF_NONE},
	{REC_TURN, apply_turn, OF_CONN},
	{REC_TURN_PLACE, apply_turn_place, OF_CONN},
	{REC_RING_LOOK, apply_ring_look, OF_NEW_CONN},
	{REC_WATCH_LOST, apply_watch_lost, OF_NEW_CONN},
	{REC_NODE_EFFECT, apply_node_effect, OF_NONE},
	{REC_CONN_EFFECT, apply_conn_effect, OF_CONN},
};

/* A socket connection that ended with the process that wrote the file. */
struct gone {
	struct hlink link;
};

static bool is_gone(const struct restore *r, uint32_t id)
{
	return r->gone && htab_find_number(r->gone, id);
}

static int add_gone(struct restore *r, uint32_t id)
{
	struct gone *g = talloc_zero(r, struct gone);

	if (!r->gone)
		r->gone = htab_new(r);
	if (!g || !r->gone)
		return apply_no_memory(r);
	htab_insert_number(r->gone, &g->link, id);
	return 0;
}

/* True for records of a file that only its writer's process could use. */
static bool went_with_it(struct restore *r, int *ret_rc)
{
	const struct record *rec = r->rec;
	uint32_t conn_id;

	switch (rec->type) {
	case REC_GLOBAL_DATA:
	case REC_HANDOFF:
	case REC_HEADER:
	case REC_UPDATE:
	case REC_UPDATE_RUN:
	case REC_TURN:
	case REC_TURN_PLACE:
		return true;
	case REC_CONNECTION_DATA:
		if (rec->conn.type != REC_CONN_SOCKET)
			return false;
		*ret_rc = add_gone(r, rec->conn.conn_id);
		return true;
	default:
		conn_id = record_conn_id(rec);
		return conn_id && is_gone(r, conn_id);
	}
}

int apply_record(struct restore *r)
{
	int rc = 0;
	size_t i;

	if (!r->rec->desc)
		return 0; /* an unknown optional record */
	if (r->from_file && went_with_it(r, &rc))
		return rc;
	for (i = 0; i < sizeof(appliers) / sizeof(appliers[0]); i++) {
		if (appliers[i].type != r->rec->type)
			continue;
		if (appliers[i].of_conn)
			rc = need_conn(r, record_conn_id(r->rec), &r->conn);
		if (!rc && appliers[i].of_conn == OF_NEW_CONN &&
		    !r->conn->restored)
			rc = err_set(r->err, EINVAL,
				     "its CONNECTION_DATA came in an earlier "
				     "piece");
		return rc ? rc : appliers[i].apply(r);
	}
	return err_set(r->err, EINVAL,
		       "records of this type cannot be restored");
}
