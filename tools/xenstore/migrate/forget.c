/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forget: removes one domain and its nodes from this host; see migrate.h. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "domain/domain.h"
#include "migrate/index.h"
#include "migrate/migrate.h"
#include "store/change.h"
#include "store/path.h"
#include "store/tree.h"
#include "transport/event.h"

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
 * A toolstack writes a domain's nodes before it introduces the domain.  So the
 * nodes of a domain that exists but is not introduced may belong to a domain
 * being built, not to one that has moved away.
 */
static int refuse_built(struct daemon *d, uint16_t domid, struct err *err)
{
	struct host_domain now;
	int rc = host_call(d->host, domain, domid, &now);

	if (rc == ENOENT || (!rc && now.dying))
		return 0;
	if (rc)
		return err_set(err, EIO, "cannot ask Xen about domain %u: %s",
			       domid, strerror(rc));
	return err_set(err, EBUSY,
		       "domain %u exists but is not introduced: its nodes may "
		       "belong to a domain being built; destroy it first, or "
		       "remove the nodes by their paths",
		       domid);
}

/* Removes the topmost nodes that relate, with all that is below them. */
static size_t topmost(const struct tree *t, struct migrate_index *x)
{
	uint32_t id, depth;
	size_t i, n = 0;

	for (i = 0; i < x->n; i++) {
		id = x->top[i].id;
		depth = x->top[i].depth;
		for (; n && depth > x->top[n - 1].depth; depth--)
			id = tree_node(t, id)->parent;
		if (!n || id != x->top[n - 1].id)
			x->top[n++] = x->top[i];
	}
	return n;
}

static int remove_nodes(struct daemon *d, uint16_t domid, bool introduced,
			bool *ret_any, struct err *err)
{
	struct migrate_index *x = migrate_index_new(d, d, domid, NULL, 0);
	size_t i, n = 0;
	int rc = 0;

	if (x)
		n = topmost(d->store->tree, x);
	else
		rc = err_set(err, ENOMEM, "no memory");
	if (!rc && n && !introduced)
		rc = refuse_built(d, domid, err);
	/* none is below another, so removing one leaves the others' ids valid */
	for (i = 0; i < n && !rc; i++)
		if (remove_top(d, x->top[i].id))
			rc = err_set(err, ENOMEM, "no memory");
	*ret_any = n;
	talloc_free(x);
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
	/* if it was destroyed, it is released already */
	if (!dom)
		return any ? 0 : ENOENT;
	if (keep_nodes) {
		domain_let_go(d, dom);
		return 0;
	}
	/* the release removes the other nodes that it owns */
	rc = domain_release(d, domid);
	return rc ? err_set(err, rc, "cannot release the domain") : 0;
}
