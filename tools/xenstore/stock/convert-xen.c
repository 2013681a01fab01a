/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert-xen: from the native format to a stock one, in the order that its
 * readers need; see convert.h.  Reads the image three times: for connections,
 * for nodes, for special nodes.
 */
#include "stock/convert-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#include "image/table.h"

#define SPECIALS 2u

static const char *const specials[SPECIALS] = {"@releaseDomain",
					       "@introduceDomain"};

/* ---- first reading: connections, and what is lost ---- */

static int learn_watch(struct convert *v, const struct record *rec)
{
	struct known_conn *c = convert_find(v, rec, rec->watch.conn_id);
	struct known_watch *w;

	if (!c)
		return EINVAL;
	w = talloc_zero(v, struct known_watch);
	if (!w)
		return convert_no_memory(v);
	w->rec = rec->watch;
	*c->last = w;
	c->last = &w->next;
	c->nwatches++;
	return 0;
}

/* The stock formats have 16 bits for it. */
static int fits(struct convert *v, const struct record *rec, uint32_t n)
{
	if (n <= UINT16_MAX)
		return 0;
	return err_set(v->err, EINVAL,
		       "record %" PRIu64 " (%s, type 0x%" PRIx32
		       ") at byte %" PRIu64 ": %" PRIu32 " bytes, format %s "
		       "allows %u",
		       rec->index, rec->desc->name, rec->type, rec->offset, n,
		       v->c->to->name, UINT16_MAX);
}

static int learn_input(struct convert *v, const struct record *rec)
{
	struct known_conn *c = convert_find(v, rec, rec->conn_input.conn_id);

	if (!c)
		return EINVAL;
	c->in = rec->conn_input.data;
	c->in_len = rec->conn_input.data_len;
	return fits(v, rec, c->in_len);
}

static int learn_output(struct convert *v, const struct record *rec)
{
	struct known_conn *c = convert_find(v, rec, rec->conn_output.conn_id);

	if (!c)
		return EINVAL;
	c->partial = rec->conn_output.partial;
	return fits(v, rec, c->partial);
}

static int learn_domain(struct convert *v, const struct record *rec)
{
	struct known_conn *c;

	if (rec->domain.handle_hi || rec->domain.handle_lo ||
	    rec->domain.flags != REC_DOM_INTRODUCED)
		v->losses->n[LOSS_DOMAIN]++;
	if (!rec->domain.conn_id)
		return 0;
	c = convert_find(v, rec, rec->domain.conn_id);
	if (!c)
		return EINVAL;
	c->local_port = rec->domain.local_port;
	return 0;
}

/* The ring of a domain whose DOMAIN_STATE has come, or NULL. */
static struct known_conn *ring_of(const struct convert *v, uint16_t domid)
{
	struct known_conn *c = v->conns;

	while (c && (c->rec.type != REC_CONN_RING || c->rec.domid != domid))
		c = c->next;
	return c;
}

static int learn_features(struct convert *v, const struct record *rec)
{
	struct known_conn *c = ring_of(v, rec->features.domid);

	if (v->c->to == &stock_xen1 || !c) {
		v->losses->n[LOSS_FEATURES]++;
		return 0;
	}
	c->features = rec->features.features;
	c->have_features = true;
	return 0;
}

static int learn_id(struct convert *v, const struct record *rec)
{
	struct known_conn *c = ring_of(v, rec->domain_id.domid);

	if (v->c->to == &stock_xen1 || !c)
		v->losses->n[LOSS_UNIQUE_ID]++;
	else
		c->unique_id = rec->domain_id.unique_id;
	return 0;
}

static int learn_rest(struct convert *v, const struct record *rec)
{
	static const struct {
		uint32_t type;
		enum image_loss loss;
	} lost[] = {
		{REC_TRANSACTION_DATA, LOSS_TX},
		{REC_TX_STATE, LOSS_TX_NODE},
		{REC_TX_NODE, LOSS_TX_NODE},
		{REC_TX_CHILDREN, LOSS_TX_NODE},
		{REC_TX_BASE, LOSS_TX_NODE},
		{REC_TX_ENTRY, LOSS_TX_NODE},
		{REC_NODE_DATA, LOSS_TX_NODE}, /* pending */
		{REC_WATCH_DEPTH, LOSS_DEPTH},
		{REC_CONN_STATE, LOSS_CONN_STATE},
		{REC_STORE_STATE, LOSS_GENERATIONS},
		{REC_NODE_GENERATIONS, LOSS_GENERATIONS},
		{REC_UPDATE, LOSS_UPDATE},
		{REC_UPDATE_RUN, LOSS_UPDATE},
		{REC_LOG, LOSS_LOG},
		{REC_QUOTA_COUNT, LOSS_COUNTS},
		{REC_CONN_CREDIT, LOSS_CREDIT},
		/* not a loss: */
		{REC_CONN_DEBT, LOSS_COUNT},  /* a stock daemon has no turns */
		{REC_RING_GFN, LOSS_COUNT},   /* C maps by the grant */
		{REC_ROLES, LOSS_COUNT},      /* it asks Xen or has options */
		{REC_RING_STATE, LOSS_COUNT}, /* it reads the ring itself */
		{REC_TURN_PLACE, LOSS_COUNT}, /* a stock daemon has no turns */
		{REC_TURN, LOSS_COUNT},	      /* it polls every connection */
		{REC_RING_LOOK, LOSS_COUNT},  /* the same */
		{REC_WATCH_LOST, LOSS_COUNT}, /* it fires all watches */
		{REC_HEADER, LOSS_COUNT},     /* no state of the store */
	};
	size_t i;

	for (i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		if (lost[i].type != rec->type)
			continue;
		if (lost[i].loss != LOSS_COUNT)
			v->losses->n[lost[i].loss]++;
		return 0;
	}
	v->losses->n[LOSS_UNKNOWN]++;
	return 0;
}

/* Stock daemons poll every connection: idle ones lose nothing. */
static bool is_default_conn(const struct rec_conn_state *s)
{
	const uint32_t turns = REC_CONN_UNUSED | REC_CONN_MORE | REC_CONN_QUIET;

	return !(s->flags & ~turns) && !s->unread_ms && s->next_tx_id <= 1;
}

static int learn(struct convert *v, const struct record *rec)
{
	switch (rec->type) {
	case REC_GLOBAL_DATA:
		v->global.rw_fd = rec->global.rw_fd;
		if (rec->global.ro_fd >= 0)
			v->losses->n[LOSS_RO_SOCKET]++;
		return 0;
	case REC_HANDOFF:
		v->global.evtchn_fd = rec->handoff.evtchn_fd;
		return 0;
	case REC_CONNECTION_DATA:
		return convert_conn(v, rec);
	case REC_WATCH_DATA:
		return learn_watch(v, rec);
	case REC_CONN_INPUT:
		return learn_input(v, rec);
	case REC_CONN_OUTPUT:
		return learn_output(v, rec);
	case REC_DOMAIN_STATE:
		return learn_domain(v, rec);
	case REC_CONN_STATE:
		if (is_default_conn(&rec->conn_state))
			return 0;
		break;
	case REC_NODE_DATA:
		if (!rec->node.conn_id)
			return 0;
		break;
	case REC_SPECIAL_NODE:
		if (rec->special.generation)
			v->losses->n[LOSS_SPECIAL]++;
		return 0;
	case REC_QUOTA:
		return convert_learn_quota(v, &rec->quota);
	case REC_DOM_FEATURES:
		return learn_features(v, rec);
	case REC_DOMAIN_ID:
		return learn_id(v, rec);
	}
	return learn_rest(v, rec);
}

/* ---- connections and their watches ---- */

static int put_conn(struct convert *v, const struct known_conn *c)
{
	struct record to = {.type = REC_CONNECTION_DATA};
	struct stock_conn *its = &stock_in(&to)->conn;
	const struct known_watch *w;
	int rc;

	if (v->c->other_order && (c->in_len || c->rec.data_len))
		v->losses->n[LOSS_WIRE_ORDER]++;
	if (c->rec.flags & REC_CONN_READ_ONLY)
		v->losses->n[LOSS_READ_ONLY]++;
	if (c->rec.type == REC_CONN_RING && !c->local_port)
		v->losses->n[LOSS_LOCAL_PORT]++;
	its->conn = c->rec;
	its->conn.evtchn = c->local_port;
	its->in = c->in;
	its->in_len = (uint16_t)c->in_len;
	its->resp_len = (uint16_t)c->partial;
	its->fields = c->unique_id ? REC_CONN_UNIQUE_ID : 0;
	its->unique_id = c->unique_id;
	rc = convert_put(v, &to);
	for (w = c->watches; w && !rc; w = w->next) {
		to = (struct record){.type = REC_WATCH_DATA, .watch = w->rec};
		rc = convert_put(v, &to);
	}
	return rc;
}

/* ---- nodes ---- */

/* Entries of absent domains: the stock formats have a flag for them. */
static int stale_perms(struct convert *v, struct rec_node *node,
		       struct rec_perm **ret)
{
	struct rec_perm *p = talloc_array(v, struct rec_perm, node->perm_count);
	uint16_t i;

	if (!p)
		return ENOMEM;
	for (i = 0; i < node->perm_count; i++) {
		p[i] = node->perms[i];
		if (!(p[i].domid & REC_PERM_ABSENT))
			continue;
		p[i].domid &= (uint16_t)~REC_PERM_ABSENT;
		p[i].flags |= REC_PERM_STALE;
	}
	node->perms = *ret = p;
	return 0;
}

static int each_node(struct convert *v, const struct record *rec)
{
	struct rec_perm *perms = NULL;
	struct record to = *rec;
	int rc = 0;
	uint16_t i;

	if (rec->type != REC_NODE_DATA || rec->node.conn_id)
		return 0;
	for (i = 0; i < rec->node.perm_count && !perms && !rc; i++)
		if (rec->node.perms[i].domid & REC_PERM_ABSENT)
			rc = stale_perms(v, &to.node, &perms);
	if (!rc)
		rc = convert_put(v, &to);
	talloc_free(perms);
	return rc;
}

static int put_special(struct convert *v, const char *path,
		       const struct rec_perm *perms, uint16_t count)
{
	struct record to = {.type = REC_NODE_DATA};

	to.node.path = path;
	to.node.path_len = (uint16_t)(strlen(path) + 1);
	to.node.perms = perms;
	to.node.perm_count = count;
	return convert_put(v, &to);
}

static int each_special(struct convert *v, const struct record *rec)
{
	unsigned int i;

	if (rec->type != REC_SPECIAL_NODE)
		return 0;
	for (i = 0; i < SPECIALS; i++)
		v->specials |=
			(uint16_t)(!strcmp(rec->special.path, specials[i])
				   << i);
	return put_special(v, rec->special.path, rec->special.perms,
			   rec->special.perm_count);
}

/* A stock daemon needs both. */
static int put_specials(struct convert *v)
{
	static const struct rec_perm n0 = {'n', 0, 0};
	unsigned int i;
	int rc;

	v->specials = 0;
	rc = convert_read(v, each_special);
	for (i = 0; i < SPECIALS && !rc; i++) {
		if (!(v->specials & 1u << i))
			rc = put_special(v, specials[i], &n0, 1);
	}
	return rc;
}

int convert_to_xen(struct convert *v)
{
	struct record to = {.type = REC_GLOBAL_DATA};
	bool xen2 = v->c->to == &stock_xen2;
	const struct known_conn *c;
	int rc = convert_read(v, learn);

	stock_in(&to)->global = v->global;
	if (!rc)
		rc = convert_put(v, &to);
	if (!rc && xen2)
		rc = convert_put_quotas(v);
	for (c = v->conns; c && !rc; c = c->next)
		rc = put_conn(v, c);
	if (!rc)
		rc = convert_read(v, each_node);
	if (!rc)
		rc = put_specials(v);
	return rc || !xen2 ? rc : convert_put_domains(v);
}
