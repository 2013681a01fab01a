/* SPDX-License-Identifier: GPL-2.0-or-later */
/* migrate-forget: one domain out of this host, with its nodes. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "domain/domain.h"
#include "image/relate.h"
#include "lu/migrate.h"
#include "store/change.h"
#include "store/path.h"
#include "store/tree.h"
#include "transport/event.h"

/* The related nodes that have none above them, in the order of the tree. */
struct tops {
	uint32_t *id;
	size_t n, size;
};

static int tops_add(const void *ctx, struct tops *tops, uint32_t id)
{
	size_t size = tops->size ? tops->size * 2 : 16;
	uint32_t *p = tops->id;

	if (tops->n == tops->size) {
		p = talloc_realloc_size(ctx, p, size * sizeof(*p));
		if (!p)
			return ENOMEM;
		tops->id = p;
		tops->size = size;
	}
	p[tops->n++] = id;
	return 0;
}

/* The next node that is not below id; NODE_NONE at the end. */
static uint32_t past(const struct tree *t, uint32_t id)
{
	while (id && !tree_node(t, id)->next)
		id = tree_node(t, id)->parent;
	return id ? tree_node(t, id)->next : NODE_NONE;
}

/* One walk finds them all, however many there are. */
static int find_tops(const struct daemon *d, const struct relate *r,
		     struct tops *tops)
{
	const struct tree *t = d->store->tree;
	uint32_t id = tree_next(t, NODE_ROOT, NODE_ROOT);
	char path[PATH_SIZE];

	while (id) {
		tree_path(t, id, path);
		if (!relate_node(
			    r, path,
			    perms_owner(node_perms(t, tree_node(t, id))))) {
			id = tree_next(t, NODE_ROOT, id);
			continue;
		}
		if (tops_add(r, tops, id))
			return ENOMEM;
		id = past(t, id);
	}
	return 0;
}

static int remove_top(struct daemon *d, uint32_t id)
{
	struct change_list *l = change_list_new(d, d->store);
	int rc = l ? change_delete_subtree(l, id) : ENOMEM;

	fault_crash("migrate-forgets");
	if (!rc)
		rc = change_prepare(l);
	if (!rc) {
		change_apply(l);
		event_fire(d, l);
	}
	talloc_free(l);
	return rc;
}

/*
 * A toolstack writes a domain's nodes before it introduces it: while Xen has
 * the domain and nobody has introduced it, they are not left over from one that
 * is elsewhere.
 */
static int refuse_built(struct daemon *d, uint16_t domid, struct err *err)
{
	struct host_domain now;
	size_t n;
	int rc = host_call(d->host, domains, domid, &now, 1, &n);

	if (rc)
		return err_set(err, EIO,
			       "Xen does not say who is domain %u: %s", domid,
			       strerror(rc));
	if (!n || now.domid != domid || now.dying)
		return 0;
	return err_set(err, EBUSY,
		       "domain %u is here and not introduced, so its nodes may "
		       "be those of a domain that is being built; destroy it "
		       "first, or remove them by their paths",
		       domid);
}

static int remove_nodes(struct daemon *d, uint16_t domid, bool introduced,
			bool *ret_any, struct err *err)
{
	struct relate *r = migrate_relate(d, d, domid);
	struct tops tops = {0};
	size_t i;
	int rc = 0;

	if (!r || find_tops(d, r, &tops))
		rc = err_set(err, ENOMEM, "no memory");
	if (!rc && tops.n && !introduced)
		rc = refuse_built(d, domid, err);
	/* none is below another: removing one leaves the others' ids valid */
	for (i = 0; i < tops.n && !rc; i++)
		if (remove_top(d, tops.id[i]))
			rc = err_set(err, ENOMEM, "no memory");
	*ret_any = tops.n;
	talloc_free(r);
	return rc;
}

int migrate_forget(struct daemon *d, uint16_t domid, bool keep_nodes,
		   struct err *err)
{
	struct domain *dom = domain_introduced(d, domid);
	bool any = false;
	int rc = keep_nodes ? 0 : remove_nodes(d, domid, dom, &any, err);

	if (rc)
		return rc;
	/* destroyed before: then its release has been */
	if (!dom)
		return any ? 0 : ENOENT;
	if (keep_nodes) {
		domain_let_go(d, dom);
		return 0;
	}
	/* what else it owns goes with its release */
	rc = domain_release(d, domid);
	return rc ? err_set(err, rc, "the domain cannot be released") : 0;
}
