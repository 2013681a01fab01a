/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply-effect: what has changed since a node or a connection was sent, in the
 * stream that follow.c reads; see copy.h.
 *
 * A change of nodes goes through a change list, as a request's does, so quotas
 * and digest follow.
 */
#include "state/apply.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "store/change.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn-ring.h"
#include "transport/look.h"

static int out_of_place(struct restore *r)
{
	return err_set(r->err, EINVAL,
		       "it may come only in the stream to a successor that is "
		       "loaded beside its predecessor");
}

/* ---- nodes ---- */

/* Makes the change to node `id` that the record describes. */
static struct change *fill(struct restore *r, struct change_list *l,
			   uint32_t id)
{
	const struct rec_node_effect *rec = &r->rec->node_effect;
	size_t len = rec->path_len - 1u;
	struct change *c = NULL;
	struct perms *perms;

	switch (rec->kind) {
	case REC_NODE_VALUE:
		return change_value(l, rec->path, len, id, rec->value,
				    rec->value_len);
	case REC_NODE_PERMS:
		perms = apply_perms(r, rec->perms, rec->perm_count);
		if (perms)
			c = change_perms(l, rec->path, len, id, perms);
		perms_unref(r->d->store->perms, perms);
		return c;
	case REC_NODE_DELETED:
		c = change_delete(l, rec->path, len, id);
		if (c)
			c->below = true;
		return c;
	default:
		return change_sweep(l, id, rec->number);
	}
}

static int change_one(struct restore *r, uint32_t id)
{
	const struct rec_node_effect *rec = &r->rec->node_effect;
	struct store *s = r->d->store;
	struct change_list *l = change_list_new(r, s);
	bool ok = l && fill(r, l, id) && !change_prepare(l);

	if (ok) {
		s->generation = rec->generation - 1;
		if (rec->kind == REC_NODE_SWEPT)
			s->generation -= rec->number - 1u;
		change_apply(l);
	}
	talloc_free(l);
	return ok ? 0 : apply_no_memory(r);
}

static void set_children_gen(struct restore *r, uint32_t id)
{
	struct tree *t = r->d->store->tree;

	tree_set_gens(t, id, tree_node(t, id)->value_gen,
		      r->rec->node_effect.generation);
}

static int deleted(struct restore *r, uint32_t id)
{
	uint32_t parent = tree_node(r->d->store->tree, id)->parent;
	int rc;

	if (id == NODE_ROOT)
		return err_set(r->err, EINVAL, "/ cannot be deleted");
	rc = change_one(r, id);
	if (!rc)
		set_children_gen(r, parent);
	return rc;
}

static int swept(struct restore *r, uint32_t id)
{
	const struct rec_node_effect *rec = &r->rec->node_effect;
	struct tree *t = r->d->store->tree;
	uint32_t before = t->count, i, n = id;

	/* the node itself must stay */
	for (i = 0; i <= rec->number && n; i++)
		n = tree_next(t, id, n);
	if (i <= rec->number || !rec->number)
		return err_set(r->err, EINVAL,
			       "path %s: %u nodes cannot be removed below it",
			       rec->path, rec->number);
	return change_one(r, id)		  ? ENOMEM
	       : before - t->count == rec->number ? 0
						  : EINVAL;
}

/* As a NODE_DATA, but its generation is known, and its parent's. */
static int created(struct restore *r)
{
	const struct rec_node_effect *rec = &r->rec->node_effect;
	const struct record *effect = r->rec;
	const struct record node = {
		.type = REC_NODE_DATA,
		.node = {.path = rec->path,
			 .path_len = rec->path_len,
			 .value = rec->value,
			 .value_len = rec->value_len,
			 .perms = rec->perms,
			 .perm_count = rec->perm_count},
	};
	struct tree *t = r->d->store->tree;
	uint32_t id;
	int rc;

	if (!rec->perm_count || rec->path_len == 2)
		return err_set(r->err, EINVAL,
			       "path %s: a new node needs a name and an owner",
			       rec->path);
	r->rec = &node;
	rc = apply_committed(r);
	r->rec = effect;
	if (rc)
		return rc;
	id = r->recent[--r->nrecent];
	tree_set_gens(t, id, rec->generation, rec->generation);
	set_children_gen(r, tree_node(t, id)->parent);
	return 0;
}

static int stripped(struct restore *r)
{
	struct store *s = r->d->store;

	if (apply_check_domid(r, "number",
			      (uint16_t)r->rec->node_effect.number) ||
	    r->rec->node_effect.number > UINT16_MAX)
		return err_set(r->err, EINVAL, "number %u is no domain",
			       r->rec->node_effect.number);
	perms_strip(s->perms, (uint16_t)r->rec->node_effect.number,
		    s->priv_domid);
	return 0;
}

int apply_node_effect(struct restore *r)
{

	const struct rec_node_effect *rec = &r->rec->node_effect;
	uint32_t id;

	if (!r->follows)
		return out_of_place(r);
	if (rec->kind == REC_NODE_CREATED)
		return created(r);
	/* lists, names and nodes that were remembered may go */
	restore_forget(r);
	if (rec->kind == REC_NODE_STRIPPED)
		return stripped(r);
	id = tree_find(r->d->store->tree, rec->path, rec->path_len - 1u);
	if (!id)
		return err_set(r->err, ENOENT, "path %s: no such node",
			       rec->path);
	switch (rec->kind) {
	case REC_NODE_CHILDREN:
		set_children_gen(r, id);
		return 0;
	case REC_NODE_DELETED:
		return deleted(r, id);
	case REC_NODE_SWEPT:
		return swept(r, id);
	case REC_NODE_PERMS:
		if (!rec->perm_count)
			return err_set(r->err, EINVAL,
				       "path %s: no permissions", rec->path);
		if (apply_check_perms(r, rec->path, rec->perms,
				      rec->perm_count))
			return EINVAL;
		break;
	default:
		break;
	}
	return change_one(r, id);
}

/* ---- connections ---- */

static int watch_effect(struct restore *r)
{
	const struct rec_conn_effect *rec = &r->rec->conn_effect;
	struct store *s = r->d->store;
	struct client *c = &r->conn->client;
	char abs[PATH_SIZE];
	struct watch *w;
	size_t len;
	int rc;

	if (rec->depth != REC_ANY_DEPTH && rec->depth > INT32_MAX)
		return err_set(r->err, EINVAL, "depth %u is too large",
			       rec->depth);
	rc = path_absolute(rec->wpath, c->cred.domid, abs, &len);
	if (!rc && rec->kind == REC_CONN_UNWATCH)
		rc = watch_remove(s, c, abs, rec->token);
	else if (!rc)
		rc = watch_add(s, c, rec->wpath, abs, rec->token,
			       rec->depth == REC_ANY_DEPTH ? WATCH_NO_DEPTH
							   : (int)rec->depth,
			       &w);
	return rc ? err_set(r->err, rc, "wpath %s, token %s: %s", rec->wpath,
			    rec->token, strerror(rc))
		  : 0;
}

/* The predecessor has unbound its port and forgotten its domain. */
static void conn_goes(struct restore *r)
{
	struct conn *c = r->conn;
	struct domain *dom = c->domain;
	struct restored *rs = c->restored;

	if (rs) { /* it came in this piece, too */
		list_del(&rs->link);
		talloc_free(rs);
		c->restored = NULL;
	}
	if (dom) {
		conn_unmap_ring(c);
		c->domain = NULL;
		dom->conn = NULL;
		domain_forget(r->d, dom);
	}
	conn_close(c);
	conn_reap(r->d);
	r->conn = NULL;
}

int apply_conn_effect(struct restore *r)
{

	struct conn *c = r->conn;

	if (!r->follows)
		return out_of_place(r);
	switch (r->rec->conn_effect.kind) {
	case REC_CONN_UNWATCH_ALL:
		watch_drop_all(r->d->store, &c->client);
		return 0;
	case REC_CONN_GONE:
		conn_goes(r);
		return 0;
	case REC_CONN_MAPPED:
		if (c->page == PAGE_MAPPED) {
			conn_unmap_ring(c);
			conn_map_later(c);
		}
		return 0;
	default:
		return watch_effect(r);
	}
}

int apply_conn_again(struct restore *r, struct conn *c)
{
	const struct rec_conn *rec = &r->rec->conn;
	bool ring = rec->type == REC_CONN_RING;
	struct restored *rs = c->restored;
	struct watch *w;

	if (ring != (c->kind == CONN_RING) ||
	    (ring && c->client.cred.domid != rec->domid))
		return err_set(r->err, EEXIST, "conn-id %u is already used",
			       rec->conn_id);
	if (!rs) {
		rs = talloc_zero(r, struct restored);
		if (!rs)
			return apply_no_memory(r);
		list_add_tail(&r->conns, &rs->link);
	} else {
		*rs = (struct restored){.link = rs->link};
	}
	if (c->lost)
		list_for_each (w, &c->client.watches, of_client)
			w->lost = false;
	conn_blank(c);
	rs->conn = c;
	rs->again = true;
	rs->data = rec->data;
	rs->data_len = rec->data_len;
	c->restored = rs;
	if (!ring)
		return 0;
	c->client.cred.tdomid = rec->tdomid;
	c->remote_port = rec->evtchn;
	if (c->domain) {
		domain_offer(c->domain, FEATURES_ALL);
		c->domain->unique_id = 0;
		c->domain->have_gfn = false;
	}
	return 0;
}
