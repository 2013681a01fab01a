/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lu-apply: see lu-apply.h.  State is built with the constructors that live
 * requests use, without quotas.
 */
#include "lu/lu-apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"

static int no_memory(struct restore *r)
{
	return err_set(r->err, ENOMEM, "no memory");
}

static int need_conn(struct restore *r, uint32_t id, struct conn **ret_conn)
{
	*ret_conn = conn_find(r->d, id);
	if (*ret_conn)
		return 0;
	return err_set(r->err, EINVAL,
		       "conn-id %u names no connection before "
		       "it",
		       id);
}

static int need_tx(struct restore *r, uint32_t conn_id, uint32_t tx_id,
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
		       "tx-id %u names no transaction of connection %u", tx_id,
		       conn_id);
}

/* ---- the whole ---- */

static int apply_header(struct restore *r)
{
	r->have_header = true;
	r->header = r->rec->header;
	if (r->rec->header.scope)
		return err_set(r->err, EINVAL,
			       "this is the image of one domain, not of a "
			       "daemon");
	return 0;
}

static int apply_store(struct restore *r)
{
	r->have_store = true;
	r->store = r->rec->store;
	return 0;
}

static int apply_global(struct restore *r)
{
	r->d->rw_fd = r->rec->global.rw_fd;
	r->d->ro_fd = r->rec->global.ro_fd;
	return 0;
}

static int apply_handoff(struct restore *r)
{
	r->handoff = r->rec->handoff;
	return 0;
}

static int apply_quota(struct restore *r)
{
	const struct rec_quota *rec = &r->rec->quota;
	struct limits *l = &r->d->store->limits;
	enum quota q;

	if (quota_by_name(rec->name, &q) || rec->value > UINT32_MAX)
		return err_set(r->err, EINVAL, "quota %s=%llu is not known",
			       rec->name, (unsigned long long)rec->value);
	if (rec->soft)
		l->soft[q] = (uint32_t)rec->value;
	else
		l->hard[q] = (uint32_t)rec->value;
	return 0;
}

static int apply_update(struct restore *r)
{
	r->ret->update_conn = r->rec->update.conn_id;
	r->ret->update_len = r->rec->update.reply_len;
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

/* ---- connections ---- */

static int apply_ring(struct restore *r, struct conn *c)
{
	const struct rec_conn *rec = &r->rec->conn;
	struct domain *dom = domain_new(r->d, rec->domid);

	if (!dom)
		return err_set(r->err, EEXIST,
			       "domain %u has a connection already",
			       rec->domid);
	dom->conn = c;
	c->domain = dom;
	c->remote_port = rec->evtchn;
	return 0;
}

static int apply_conn(struct restore *r)
{
	const struct rec_conn *rec = &r->rec->conn;
	bool ring = rec->type == REC_CONN_RING;
	struct cred cred = {0, PERMS_DOMID_INVALID, true};
	struct restored *rs;
	struct conn *c;

	if (ring) {
		cred.domid = rec->domid;
		cred.tdomid = rec->tdomid;
		cred.privileged = rec->domid == r->d->config.priv_domid;
	}
	if (conn_find(r->d, rec->conn_id))
		return err_set(r->err, EEXIST, "conn-id %u is there already",
			       rec->conn_id);
	c = conn_new(r->d, ring ? CONN_RING : CONN_SOCKET, &cred, rec->conn_id);
	rs = talloc_zero(r, struct restored);
	if (!c || !rs)
		return no_memory(r);
	rs->conn = c;
	rs->data = rec->data;
	rs->data_len = rec->data_len;
	list_add_tail(&r->conns, &rs->link);
	c->restored = rs;
	if (r->d->next_conn_id <= rec->conn_id)
		r->d->next_conn_id = rec->conn_id + 1;
	if (ring)
		return apply_ring(r, c);
	c->fd = rec->fd;
	c->read_only = rec->flags & REC_CONN_READ_ONLY;
	return 0;
}

static int apply_conn_state(struct restore *r)
{
	const struct rec_conn_state *rec = &r->rec->conn_state;
	struct conn *c;
	int rc = need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	c->ignored = rec->flags & REC_CONN_IGNORED;
	c->restored->no_ring = rec->flags & REC_CONN_NO_RING;
	c->restored->partial_event = rec->flags & REC_CONN_PARTIAL_EVENT;
	c->client.next_tx_id = rec->next_tx_id;
	if (rec->unread_ms)
		conn_unread(c, host_call(r->d->host, now_ms) -
				       (rec->unread_ms - 1));
	return 0;
}

static int apply_conn_input(struct restore *r)
{
	const struct rec_conn_input *rec = &r->rec->conn_input;
	struct conn *c;
	int rc = need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	if (c->in || rec->data_len > CONN_SCRATCH)
		return err_set(r->err, EINVAL,
			       "data-len %u: a connection has at most %u bytes "
			       "waiting",
			       rec->data_len, CONN_SCRATCH);
	if (!rec->data_len)
		return 0;
	c->in = talloc_memdup(c, rec->data, rec->data_len);
	if (!c->in)
		return no_memory(r);
	c->in_len = rec->data_len;
	c->more = true;
	return 0;
}

static int apply_conn_output(struct restore *r)
{
	const struct rec_conn_output *rec = &r->rec->conn_output;
	struct conn *c;
	int rc = need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	if (rec->partial > c->restored->data_len)
		return err_set(r->err, EINVAL,
			       "partial %u is more than the %zu bytes pending",
			       rec->partial, c->restored->data_len);
	c->restored->partial = rec->partial;
	return 0;
}

static int apply_domain(struct restore *r)
{
	const struct rec_domain *rec = &r->rec->domain;
	struct domain *dom = domain_find(r->d, rec->domid);

	if (!dom || dom->conn->client.id != rec->conn_id)
		return err_set(r->err, EINVAL,
			       "domid %u has no connection %u before it",
			       rec->domid, rec->conn_id);
	dom->shutdown = rec->flags & REC_DOM_SHUTDOWN;
	dom->handle_hi = rec->handle_hi;
	dom->handle_lo = rec->handle_lo;
	dom->conn->restored->local_port = rec->local_port;
	return 0;
}

static int apply_watch(struct restore *r)
{
	const struct rec_watch *rec = &r->rec->watch;
	char abs[PATH_SIZE];
	struct watch *w;
	struct conn *c;
	size_t len;
	int rc = need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	if (path_absolute(rec->wpath, c->client.cred.domid, abs, &len))
		return err_set(r->err, EINVAL, "wpath %s is not a valid path",
			       rec->wpath);
	rc = watch_add(r->d->store, &c->client, rec->wpath, abs, rec->token,
		       WATCH_NO_DEPTH, &w);
	if (rc)
		return err_set(r->err, rc, "wpath %s, token %s: %s", rec->wpath,
			       rec->token, strerror(rc));
	return 0;
}

static int apply_watch_depth(struct restore *r)
{
	const struct rec_watch_depth *rec = &r->rec->watch_depth;
	uint32_t index = 0;
	struct watch *w;
	struct conn *c;
	int rc = need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	list_for_each(w, &c->client.watches, of_client)
	{
		if (index++ != rec->index)
			continue;
		if (rec->depth > INT32_MAX)
			break;
		watch_set_depth(r->d->store, w, (int32_t)rec->depth);
		return 0;
	}
	return err_set(r->err, EINVAL,
		       "connection %u has no watch %u, or depth %u is wild",
		       rec->conn_id, rec->index, rec->depth);
}

/* ---- permissions and nodes ---- */

static struct perms *perms_of(struct restore *r, const struct rec_perm *rec,
			      uint32_t n)
{
	struct perm stack[16] = {{0}}, *p = stack;
	struct perms *perms;
	unsigned int bits;
	uint32_t i;

	if (n > 16)
		p = talloc_array(r, struct perm, n);
	if (!p)
		return NULL;
	for (i = 0; i < n; i++) {
		/* the reader has let nothing but rwbn through */
		p[i].bits = perm_bits((char)rec[i].perm, &bits)
				    ? 0
				    : (uint16_t)bits;
		p[i].domid = rec[i].domid;
	}
	perms = perms_intern(r->d->store->perms, p, n);
	if (p != stack)
		talloc_free(p);
	return perms;
}

static int apply_special(struct restore *r)
{
	const struct rec_special *rec = &r->rec->special;
	struct special *s = special_find(r->d->store, rec->path);
	struct perms *perms;

	if (!s)
		return err_set(r->err, EINVAL, "path %s is no special node",
			       rec->path);
	if (!rec->perm_count)
		return err_set(r->err, EINVAL, "path %s: no permissions",
			       rec->path);
	perms = perms_of(r, rec->perms, rec->perm_count);
	if (!perms)
		return no_memory(r);
	perms_unref(r->d->store->perms, s->perms);
	s->perms = perms;
	s->generation = rec->generation;
	return 0;
}

static int remember(struct restore *r, uint32_t id)
{
	if (r->nrecent == r->recent_size) {
		size_t size = r->recent_size ? r->recent_size * 2 : 4096;
		uint32_t *recent = talloc_realloc_size(r, r->recent,
						       size * sizeof(*recent));

		if (!recent)
			return no_memory(r);
		r->recent = recent;
		r->recent_size = size;
	}
	r->recent[r->nrecent++] = id;
	return 0;
}

/* The parent, found again from the node read before if it is near. */
static int find_parent(struct restore *r, const char *path, size_t up_len,
		       uint32_t *ret_parent)
{
	while (r->depth) {
		const struct on_path *at = &r->up[r->depth - 1];

		if (at->len == up_len && !memcmp(r->path, path, up_len)) {
			*ret_parent = at->id;
			return 0;
		}
		r->depth--;
	}
	tree_load_index(r->d->store->tree);
	*ret_parent = tree_find(r->d->store->tree, path, up_len);
	if (!*ret_parent)
		return err_set(r->err, EINVAL,
			       "path %s: its parent does not come before it",
			       path);
	r->up[r->depth++] = (struct on_path){*ret_parent, up_len};
	return 0;
}

static int load_node(struct restore *r, const char *path, size_t len,
		     struct perms *perms, uint32_t *ret_id)
{
	const struct rec_node *rec = &r->rec->node;
	struct tree *t = r->d->store->tree;
	size_t up_len = path_parent_len(path, len);
	size_t at = up_len == 1 ? 1 : up_len + 1;
	struct name *name;
	uint32_t parent;
	int rc;

	/* the parent's part is good if there is such a parent */
	if (!path_name_valid(path + at, len - at) || len > PATH_ABS_MAX)
		return err_set(r->err, EINVAL, "path %s is not valid", path);
	rc = find_parent(r, path, up_len, &parent);
	if (rc)
		return rc;
	name = name_intern(t, path + at, len - at);
	if (!name)
		return no_memory(r);
	*ret_id = tree_load_node(t, parent, name, perms, rec->value,
				 rec->value_len, ++r->d->store->generation);
	if (!*ret_id) {
		name_unref(t, name);
		return no_memory(r);
	}
	memcpy(r->path, path, len);
	if (r->depth < sizeof(r->up) / sizeof(r->up[0]))
		r->up[r->depth++] = (struct on_path){*ret_id, len};
	return 0;
}

/* "/" is there from the start and only filled in. */
static int load_root(struct restore *r, struct perms *perms)
{
	const struct rec_node *rec = &r->rec->node;
	struct tree *t = r->d->store->tree;
	uint8_t *block = value_alloc(t, rec->value_len);

	if (rec->value_len > VALUE_INLINE) {
		if (!block)
			return no_memory(r);
		memcpy(block, rec->value, rec->value_len);
	}
	account_find(r->d->store->accounts, r->d->config.priv_domid)->nodes--;
	tree_set_value(t, NODE_ROOT, rec->value, block, rec->value_len, 0);
	tree_set_perms(t, NODE_ROOT, perms, 0);
	return 0;
}

static int apply_committed(struct restore *r)
{
	const struct rec_node *rec = &r->rec->node;
	size_t len = rec->path_len - 1u;
	struct store *s = r->d->store;
	struct perms *perms;
	struct account *owner;
	uint32_t id = NODE_ROOT;
	int rc;

	perms = perms_of(r, rec->perms, rec->perm_count);
	owner = perms ? account_get(s->accounts, perms_owner(perms)) : NULL;
	if (!owner) {
		perms_unref(s->perms, perms);
		return no_memory(r);
	}
	rc = len == 1 ? load_root(r, perms)
		      : load_node(r, rec->path, len, perms, &id);
	if (rc) {
		perms_unref(s->perms, perms);
		return rc;
	}
	owner->nodes++;
	return remember(r, id);
}

static int apply_generations(struct restore *r)
{
	const struct rec_generations *rec = &r->rec->generations;
	struct tree *t = r->d->store->tree;
	size_t i;

	if (rec->count > r->nrecent)
		return err_set(r->err, EINVAL,
			       "count %u is more than the %zu nodes before it",
			       rec->count, r->nrecent);
	for (i = 0; i < rec->count; i++)
		tree_load_gens(t, r->recent[r->nrecent - rec->count + i],
			       rec->gens[i].value, rec->gens[i].children);
	r->nrecent = 0;
	return 0;
}

/* ---- transactions ---- */

static int apply_tx(struct restore *r)
{
	const struct rec_tx *rec = &r->rec->tx;
	struct conn *c;
	struct tx *tx;
	int rc = need_conn(r, rec->conn_id, &c);

	if (rc)
		return rc;
	rc = tx_restore(r->d->store, &c->client, rec->tx_id, &tx);
	if (rc)
		return err_set(r->err, rc, "tx-id %u: %s", rec->tx_id,
			       strerror(rc));
	tx->started_ms = host_call(r->d->host, now_ms);
	return 0;
}

static int apply_tx_state(struct restore *r)
{
	const struct rec_tx_state *rec = &r->rec->tx_state;
	struct tx *tx;
	int rc = need_tx(r, rec->conn_id, rec->tx_id, &tx);

	if (rc)
		return rc;
	tx->doomed = rec->flags & REC_TX_DOOMED;
	tx->failed = rec->flags & REC_TX_FAILED;
	tx->started_ms -= rec->age_ms;
	tx->next_seq = rec->created_seq;
	return 0;
}

/* The entry for a path, made when there is none. */
static int need_entry(struct restore *r, struct tx *tx, const char *path,
		      size_t size, struct tx_node **ret_node)
{
	size_t len = size - 1;

	if (!path_valid(path, len))
		return err_set(r->err, EINVAL, "path %s is not valid", path);
	*ret_node = tx_node_find(tx, path, len);
	if (!*ret_node && tx_node_new(tx, path, len, ret_node))
		return no_memory(r);
	return 0;
}

static int apply_pending(struct restore *r)
{
	const struct rec_node *rec = &r->rec->node;
	struct tx_node *n;
	struct tx *tx;
	int rc = need_tx(r, rec->conn_id, rec->tx_id, &tx);

	if (!rc)
		rc = need_entry(r, tx, rec->path, rec->path_len, &n);
	if (rc)
		return rc;
	if (n->perms || n->value)
		return err_set(r->err, EEXIST, "path %s comes twice",
			       rec->path);
	if (!n->did && rec->access != REC_NODE_READ)
		n->did = TX_UNPROVEN;
	if (rec->perm_count) {
		n->perms = perms_of(r, rec->perms, rec->perm_count);
		if (!n->perms)
			return no_memory(r);
	}
	if (rec->value_len) {
		n->value = talloc_memdup(n, rec->value, rec->value_len);
		if (!n->value)
			return no_memory(r);
		n->value_len = rec->value_len;
	}
	return 0;
}

static int apply_node(struct restore *r)
{
	return r->rec->node.conn_id ? apply_pending(r) : apply_committed(r);
}

static int apply_tx_node(struct restore *r)
{
	const struct rec_tx_node *rec = &r->rec->tx_node;
	struct tx_node *n;
	struct tx *tx;
	int rc = need_tx(r, rec->conn_id, rec->tx_id, &tx);

	if (!rc)
		rc = need_entry(r, tx, rec->path, rec->path_len, &n);
	if (rc)
		return rc;
	n->did = rec->did | TX_BASED;
	n->created_seq = rec->created_seq;
	n->value_gen = rec->generation;
	n->children_gen = rec->children_generation;
	n->event_order = rec->event_order;
	return 0;
}

static int apply_tx_children(struct restore *r)
{
	const struct rec_tx_children *rec = &r->rec->tx_children;
	struct tx_node *n;
	struct tx *tx;
	int rc = need_tx(r, rec->conn_id, rec->tx_id, &tx);

	if (!rc)
		rc = need_entry(r, tx, rec->path, rec->path_len, &n);
	if (rc || !rec->names_len)
		return rc;
	talloc_free(n->seen);
	n->seen = talloc_memdup(n, rec->names, rec->names_len);
	if (!n->seen)
		return no_memory(r);
	n->seen_len = rec->names_len;
	return 0;
}

static const struct {
	uint32_t type;
	int (*apply)(struct restore *r);
} appliers[] = {
	{REC_NODE_DATA, apply_node},
	{REC_GLOBAL_DATA, apply_global},
	{REC_CONNECTION_DATA, apply_conn},
	{REC_WATCH_DATA, apply_watch},
	{REC_TRANSACTION_DATA, apply_tx},
	{REC_CONN_STATE, apply_conn_state},
	{REC_CONN_INPUT, apply_conn_input},
	{REC_CONN_OUTPUT, apply_conn_output},
	{REC_TX_STATE, apply_tx_state},
	{REC_TX_NODE, apply_tx_node},
	{REC_TX_CHILDREN, apply_tx_children},
	{REC_SPECIAL_NODE, apply_special},
	{REC_DOMAIN_STATE, apply_domain},
	{REC_WATCH_DEPTH, apply_watch_depth},
	{REC_HEADER, apply_header},
	{REC_STORE_STATE, apply_store},
	{REC_NODE_GENERATIONS, apply_generations},
	{REC_HANDOFF, apply_handoff},
	{REC_UPDATE, apply_update},
	{REC_QUOTA, apply_quota},
	{REC_LOG, apply_log},
};

int lu_apply(struct restore *r)
{
	size_t i;

	if (!r->rec->desc)
		return 0; /* optional and not known */
	for (i = 0; i < sizeof(appliers) / sizeof(appliers[0]); i++)
		if (appliers[i].type == r->rec->type)
			return appliers[i].apply(r);
	return err_set(r->err, EINVAL, "nobody applies this type");
}
