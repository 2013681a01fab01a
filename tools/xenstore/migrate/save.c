/* SPDX-License-Identifier: GPL-2.0-or-later */
/* save: writes one domain as an image; see migrate.h. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/version.h"
#include "domain/domain.h"
#include "migrate/relate.h"
#include "state/collect.h"
#include "migrate/index.h"
#include "migrate/migrate.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "transport/conn.h"

struct saving {
	struct dump *o;
	const struct migrate_select *sel;
	const struct migrate_index *index;
};

uint64_t migrate_content(const struct tree *t, uint32_t id)
{
	const struct node *n = tree_node(t, id);
	const struct perms *p = node_perms(t, n);
	uint64_t h = hash_bytes(node_value(n), n->value_len);
	uint32_t i;

	for (i = 0; i < p->n; i++)
		h = hash_mix(h, (uint64_t)p->p[i].domid << 16 | p->p[i].bits);
	return h;
}

uint64_t migrate_children(const struct tree *t, uint32_t id)
{
	uint64_t sum = 0;
	uint32_t child;

	for (child = tree_node(t, id)->first; child;
	     child = tree_node(t, child)->next) {
		const struct name *name = tree_node(t, child)->name;

		sum += hash_mix(1, hash_bytes(name->s, name->len));
	}
	return sum;
}

/* ---- which nodes ---- */

/* "/local/domain/N/backend/..." */
static bool in_backend(const char *path)
{
	static const char home[] = "/local/domain/";

	if (strncmp(path, home, sizeof(home) - 1))
		return false;
	path += sizeof(home) - 1;
	while (isdigit((unsigned char)*path))
		path++;
	return !strncmp(path, "/backend/", 9);
}

static bool below_any(const char *path, size_t len, const char *const *tops,
		      unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (path_within(path, len, tops[i], strlen(tops[i])))
			return true;
	return false;
}

static bool selected(const struct saving *s, const char *path, size_t len,
		     uint16_t owner)
{
	const struct migrate_select *sel = s->sel;

	if (below_any(path, len, sel->leave, sel->nleave))
		return false;
	if (below_any(path, len, sel->add, sel->nadd))
		return true;
	if (sel->no_backends && in_backend(path))
		return false;
	return relate_node(s->index->relate, path, owner);
}

/* Returns 1 if the node is saved, else 0. */
static uint32_t one_node(struct saving *s, uint32_t id, bool put)
{
	const struct tree *t = s->o->d->store->tree;
	uint16_t owner = perms_owner(node_perms(t, tree_node(t, id)));
	char path[PATH_SIZE];
	size_t len = tree_path(t, id, path);

	s->o->d->store->work++;
	if (!selected(s, path, len, owner))
		return 0;
	if (put)
		collect_node(s->o, id, path, len);
	return 1;
}

/* put false: only counts the nodes. */
static uint32_t each_node(struct saving *s, bool put)
{
	const struct tree *t = s->o->d->store->tree;
	uint32_t id, n = 0;
	size_t i;

	for (i = 0; i < s->index->n && !s->o->rc; i++) {
		const struct migrate_top *top = &s->index->top[i];

		for (id = top->id; id && !s->o->rc;
		     id = top->alone ? NODE_NONE : tree_next(t, top->id, id))
			n += one_node(s, id, put);
	}
	return n;
}

/* ---- the image ---- */

static void put_header(struct saving *s, const struct conn *c)
{
	static const char writer[] = XENSTORED_NAME;
	struct record rec = {.type = REC_HEADER};

	rec.header = (struct rec_header){
		.writer_len = sizeof(writer),
		.scope = REC_SCOPE_MIGRATION,
		.nodes = each_node(s, false),
		.conns = 1,
		.watches = c->client.nwatches,
		.txs = c->client.ntxs,
		.writer = writer,
	};
	dump_put(s->o, &rec);
}

/* TX_BASE: what the target must have for the transaction to go on. */
static void put_bases(struct dump *o, const struct tx *tx)
{
	const struct tree *t = o->d->store->tree;
	struct tx_path path;
	struct tx_node *n;

	path.up = NULL;
	list_for_each (n, &tx->nodes, order) {
		struct record rec = {.type = REC_TX_BASE};
		size_t len = tx_node_path(&path, n);
		uint32_t id = tx_node_committed(n);

		rec.tx_base.conn_id = tx->client->id;
		rec.tx_base.tx_id = tx->id;
		rec.tx_base.path = path.s;
		rec.tx_base.path_len = (uint16_t)(len + 1);
		if (!tx_entry_holds(n))
			rec.tx_base.flags |= REC_TX_BASE_BROKEN;
		if (id) {
			rec.tx_base.flags |= REC_TX_BASE_THERE;
			rec.tx_base.content = migrate_content(t, id);
			rec.tx_base.children = migrate_children(t, id);
		}
		dump_put(o, &rec);
	}
}

static int collect(struct saving *s, const struct domain *dom)
{
	const struct conn *c = dom->conn;
	struct dump *o = s->o;
	const struct tx *tx;

	put_header(s, c);
	collect_conn(o, c);
	collect_account(o, c->client.account);
	each_node(s, true);
	list_for_each (tx, &c->client.txs, of_client) {
		collect_tx(o, tx, false);
		put_bases(o, tx);
	}
	if (!o->rc && image_writer_finish(&o->w))
		o->rc = err_set(o->err, ENOMEM, "no memory for the image");
	if (!o->rc)
		o->rc = state_into_wbuf(o->arg, o->w.buf.data, o->w.buf.len,
					o->err);
	return o->rc;
}

int migrate_save(const struct daemon *d, const struct domain *dom,
		 const struct migrate_select *sel, struct wbuf *out,
		 struct err *err)
{
	static const struct state_dump_options opt;
	struct dump *o = talloc_zero(d, struct dump);
	struct saving s = {o, sel, NULL};
	struct state_counts counts;
	int rc = ENOMEM;

	if (o)
		s.index = migrate_index_new(o, d, dom->domid, sel->add,
					    sel->nadd);
	if (!o || !s.index) {
		err_set(err, ENOMEM, "no memory for the image");
		goto out;
	}
	o->d = d;
	o->opt = &opt;
	o->sink = state_into_wbuf;
	o->arg = out;
	o->counts = &counts;
	o->err = err;
	image_writer_init(&o->w, o, false);
	rc = collect(&s, dom);
out:
	talloc_free(o);
	return rc;
}
