/* SPDX-License-Identifier: GPL-2.0-or-later */
/* convert-spec: from a stock format to the native one; see convert.h. */
#include "stock/convert-internal.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "image/table.h"

#define WRITER	       "a stock xenstored, converted"
#define NO_DOMID       0xffffu
#define FIRST_RESERVED 0x7ff0u /* domids from here on are reserved */
/* of a quota in QUOTA */
#define NAME_MAX_LEN 255u

/* Marks a domid as known.  False if it was already. */
static bool know(struct convert *v, uint16_t domid)
{
	uint8_t *byte = &v->known[domid / 8];
	uint8_t bit = (uint8_t)(1u << domid % 8);

	if (*byte & bit)
		return false;
	*byte |= bit;
	return true;
}

/* First reading: the counts for the header, and which domains have a ring. */
static int count(struct convert *v, const struct record *rec)
{
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		v->header.conns++;
		if (rec->conn.type == REC_CONN_RING)
			know(v, rec->conn.domid);
		break;
	case REC_WATCH_DATA:
	case REC_WATCH_DATA_EXTENDED:
		v->header.watches++;
		break;
	case REC_TRANSACTION_DATA:
		v->header.txs++;
		break;
	case REC_NODE_DATA:
		v->header.nodes +=
			!rec->node.conn_id && rec->node.path[0] == '/';
		break;
	}
	return 0;
}

static int put_header(struct convert *v)
{
	struct record rec = {.type = REC_HEADER, .header = v->header};

	rec.header.writer = WRITER;
	rec.header.writer_len = sizeof(WRITER);
	return convert_put(v, &rec);
}

static int global(struct convert *v, const struct record *rec)
{
	struct record to = {.type = REC_GLOBAL_DATA};
	int rc;

	to.global.rw_fd = stock_of(rec)->global.rw_fd;
	to.global.ro_fd = -1;
	rc = convert_put(v, &to);
	if (rc)
		return rc;
	to = (struct record){.type = REC_HANDOFF};
	to.handoff.evtchn_fd = stock_of(rec)->global.evtchn_fd;
	to.handoff.epoll_fd = -1;
	return convert_put(v, &to);
}

static int put_messages(struct convert *v, const struct stock_conn *c)
{
	struct record to = {.type = REC_CONN_INPUT};
	int rc = 0;

	to.conn_input.conn_id = c->conn.conn_id;
	to.conn_input.data_len = c->in_len;
	to.conn_input.data = c->in;
	if (c->in_len)
		rc = convert_put(v, &to);
	if (rc || !c->resp_len)
		return rc;
	to = (struct record){.type = REC_CONN_OUTPUT};
	to.conn_output.conn_id = c->conn.conn_id;
	to.conn_output.partial = c->resp_len;
	return convert_put(v, &to);
}

static int conn(struct convert *v, const struct record *rec)
{
	const struct stock_conn *its = &stock_of(rec)->conn;
	const struct rec_conn *c = &its->conn;
	struct record to = {.type = REC_CONNECTION_DATA, .conn = *c};
	int rc = convert_conn(v, rec);

	if (rc)
		return rc;
	if (v->c->other_order && (its->in_len || c->data_len))
		v->losses->n[LOSS_WIRE_ORDER]++;
	to.conn.evtchn = 0;
	if (c->type == REC_CONN_RING && v->c->far_port)
		to.conn.evtchn = v->c->far_port(v->c->arg, c->domid, c->evtchn);
	if (c->type == REC_CONN_RING && !to.conn.evtchn)
		v->losses->n[LOSS_FAR_PORT]++;
	rc = convert_put(v, &to);
	if (!rc)
		rc = put_messages(v, its);
	if (rc || c->type != REC_CONN_RING)
		return rc;
	to = (struct record){.type = REC_DOMAIN_STATE};
	to.domain.domid = c->domid;
	to.domain.flags = REC_DOM_INTRODUCED;
	to.domain.conn_id = c->conn_id;
	to.domain.local_port = c->evtchn;
	rc = convert_put(v, &to);
	if (rc || !(its->fields & REC_CONN_UNIQUE_ID))
		return rc;
	to = (struct record){.type = REC_DOMAIN_ID};
	to.domain_id.domid = c->domid;
	to.domain_id.unique_id = its->unique_id;
	return convert_put(v, &to);
}

static int watch(struct convert *v, const struct record *rec)
{
	struct known_conn *c = convert_find(v, rec, rec->watch.conn_id);
	struct record to = {.type = REC_WATCH_DATA, .watch = rec->watch};
	uint32_t index;
	int rc;

	if (!c)
		return EINVAL;
	index = c->nwatches++;
	rc = convert_put(v, &to);
	if (rc || rec->type == REC_WATCH_DATA)
		return rc;
	if (rec->suspect)
		v->losses->n[LOSS_DEPTH]++;
	if (stock_of(rec)->watch.depth == REC_NO_DEPTH)
		return 0;
	to = (struct record){.type = REC_WATCH_DEPTH};
	to.watch_depth.conn_id = rec->watch.conn_id;
	to.watch_depth.index = index;
	to.watch_depth.depth = stock_of(rec)->watch.depth;
	return convert_put(v, &to);
}

/*
 * A stale permission is ignored by its reader, so it is left out.  A stale
 * owner stays: a node must have one.
 */
static int fresh_perms(struct convert *v, struct rec_node *node,
		       struct rec_perm **ret)
{
	struct rec_perm *p = talloc_array(v, struct rec_perm, node->perm_count);
	uint16_t i, n = 0;

	if (!p)
		return convert_no_memory(v);
	for (i = 0; i < node->perm_count; i++) {
		if (i && node->perms[i].flags & REC_PERM_STALE)
			continue;
		p[n] = node->perms[i];
		p[n++].flags = 0;
	}
	v->losses->n[LOSS_STALE] += node->perm_count - (uint64_t)n;
	node->perms = p;
	node->perm_count = n;
	*ret = p;
	return 0;
}

static int node(struct convert *v, const struct record *rec)
{
	struct record to = {.type = REC_NODE_DATA, .node = rec->node};
	struct rec_perm *perms = NULL;
	struct rec_node n;
	uint16_t i;
	int rc = 0;

	/* a transaction of this daemon touches no special node */
	if (rec->node.path[0] == '@' && rec->node.conn_id) {
		v->losses->n[LOSS_TX_NODE]++;
		return 0;
	}
	for (i = 0; i < rec->node.perm_count && !perms && !rc; i++) {
		if (rec->node.perms[i].flags & REC_PERM_STALE)
			rc = fresh_perms(v, &to.node, &perms);
	}
	if (!rc && rec->node.path[0] == '@') {
		n = to.node;
		to = (struct record){.type = REC_SPECIAL_NODE};
		to.special.path = n.path;
		to.special.path_len = n.path_len;
		to.special.perms = n.perms;
		to.special.perm_count = n.perm_count;
	}
	if (!rc)
		rc = convert_put(v, &to);
	talloc_free(perms);
	return rc;
}

/* n quotas as one record each; one named soft-NAME only warns. */
static int quotas(struct convert *v, uint16_t domid, const uint32_t *values,
		  const char *names, uint16_t n)
{
	struct record to = {.type = REC_QUOTA};
	int rc = 0;

	for (; n && !rc; n--, names += strlen(names) + 1) {
		bool soft = !strncmp(names, "soft-", 5) && names[5];
		const char *name = soft ? names + 5 : names;

		if (strlen(name) > NAME_MAX_LEN) {
			v->losses->n[LOSS_QUOTA]++;
			values++;
			continue;
		}
		to.quota.domid = domid;
		to.quota.soft = soft;
		to.quota.name = name;
		to.quota.name_len = (uint16_t)(strlen(name) + 1);
		to.quota.value = *values++;
		rc = convert_put(v, &to);
	}
	return rc;
}

/*
 * A domain may have no ring: a toolstack can set its quotas and features before
 * it introduces it.
 */
static int domain(struct convert *v, const struct record *rec)
{
	const struct stock_domain *d = &stock_of(rec)->domain;
	struct record to = {.type = REC_DOMAIN_STATE};
	const struct known_conn *c = v->conns;
	bool told = true;
	int rc = 0;

	if (d->domid >= FIRST_RESERVED) {
		v->losses->n[LOSS_FEATURES]++;
		v->losses->n[LOSS_QUOTA] += d->n_quota;
		return 0;
	}
	while (c && (c->rec.type != REC_CONN_RING || c->rec.domid != d->domid))
		c = c->next;
	to.domain.domid = d->domid;
	if (!c)
		told = know(v, d->domid);
	if (!c && told)
		rc = convert_put(v, &to);
	to = (struct record){.type = REC_DOM_FEATURES};
	to.features.domid = d->domid;
	to.features.features = d->features;
	if (!told)
		v->losses->n[LOSS_FEATURES]++;
	else if (!rc)
		rc = convert_put(v, &to);
	return rc ? rc : quotas(v, d->domid, d->values, d->names, d->n_quota);
}

static int each(struct convert *v, const struct record *rec)
{
	const struct stock_global_quota *q = &stock_of(rec)->global_quota;

	switch (rec->type) {
	case REC_GLOBAL_DATA:
		return global(v, rec);
	case REC_CONNECTION_DATA:
		return conn(v, rec);
	case REC_WATCH_DATA:
	case REC_WATCH_DATA_EXTENDED:
		return watch(v, rec);
	case REC_NODE_DATA:
		return node(v, rec);
	case REC_GLOBAL_QUOTA_DATA:
		/* this daemon has no quotas of the whole daemon */
		v->losses->n[LOSS_QUOTA] += q->n_glob;
		return quotas(v, NO_DOMID, q->values, q->names, q->n_dom);
	case REC_DOMAIN_DATA:
		return domain(v, rec);
	}
	/* in the native format its type may mean something else */
	if (!rec->desc) {
		v->losses->n[LOSS_UNKNOWN]++;
		return 0;
	}
	return convert_put(v, rec);
}

int convert_to_spec(struct convert *v)
{
	int rc = convert_read(v, count);

	if (!rc)
		rc = put_header(v);
	return rc ? rc : convert_read(v, each);
}
