/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules: see rules.h.  Called by {nodes,restore}.c. */
#include "migrate/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "migrate/relate.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/tx-node.h"

enum place {
	PLACE_HOME,
	PLACE_TOOLSTACK, /* /libxl/D, dom0's backends for it */
	PLACE_VM,
	PLACE_ELSEWHERE
};

struct migrate_rules {
	const struct daemon *d;
	struct cred cred; /* the domain's, without a target */
	bool trust;
	const struct perms *(*perms_at)(const struct migrate_nodes *,
					const char *, size_t);
	const struct migrate_nodes *nodes;
	struct relate *relate; /* learnt nothing: relates by path alone */
	char home[40];
	size_t home_len;
	char *vm;	/* the "/vm/UUID" of which it brings nodes; or NULL */
	char *vm_named; /* the one that its home names; NULL: not in the image */
};

struct migrate_rules *
migrate_rules_new(const void *ctx, const struct daemon *d, uint16_t domid,
		  bool trust,
		  const struct perms *(*perms_at)(const struct migrate_nodes *,
						  const char *, size_t),
		  const struct migrate_nodes *nodes)
{
	struct migrate_rules *r = talloc_zero(ctx, struct migrate_rules);

	if (!r)
		return NULL;
	r->d = d;
	r->cred.domid = domid;
	r->cred.tdomid = PERMS_DOMID_INVALID;
	r->trust = trust;
	r->perms_at = perms_at;
	r->nodes = nodes;
	r->home_len = path_home(domid, r->home);
	r->relate = relate_new(r, domid);
	if (!r->relate || relate_learned(r->relate)) {
		talloc_free(r);
		return NULL;
	}
	return r;
}

/* ---- places ---- */

static bool privileged(const struct migrate_rules *r, uint32_t domid)
{
	return !domid || domid == r->d->config.priv_domid;
}

/* A backend in dom0; another domain's home is that domain's. */
static bool in_dom0(const struct migrate_rules *r, const char *path)
{
	unsigned int domid;

	return sscanf(path, "/local/domain/%u/", &domid) == 1 &&
	       privileged(r, domid);
}

static enum place place_of(const struct migrate_rules *r, const char *path)
{
	size_t len = strlen(path);

	if (path_within(path, len, r->home, r->home_len))
		return PLACE_HOME;
	if (path_within(path, len, "/vm", 3) && len > 4)
		return PLACE_VM;
	/* by path alone, so the owner given is no domain */
	if (!relate_node(r->relate, path, PERMS_DOMID_INVALID) ||
	    (path_within(path, len, "/local", 6) && !in_dom0(r, path)))
		return PLACE_ELSEWHERE;
	return PLACE_TOOLSTACK;
}

static bool may_write(const struct migrate_rules *r, const struct perms *perms)
{
	return perms && perms_for(perms, &r->cred) & PERM_WRITE;
}

/*
 * Whether the domain may write the node or one above it.  If so it can remove
 * what exists there and create what does not.
 */
static bool may_make(const struct migrate_rules *r, const char *path,
		     size_t len)
{
	for (; len; len = path_parent_len(path, len))
		if (may_write(r, r->perms_at(r->nodes, path, len)))
			return true;
	return false;
}

/* Nodes in its home that libxl lets the guest own; it creates more below. */
static bool given(const struct migrate_rules *r, const char *path)
{
	static const char *const folders[] = {"data", "drivers", "feature",
					      "attr", "error",	 NULL};
	const char *rest = path + r->home_len, *slash;
	unsigned int i, names = 0;

	for (slash = rest; slash; slash = strchr(slash + 1, '/'))
		names += *slash == '/';
	if (!names)
		return false;
	rest++;
	for (i = 0; folders[i]; i++)
		if (!strcmp(rest, folders[i]))
			return true;
	if (!strncmp(rest, "control/", 8))
		return names == 2;
	if (!strncmp(rest, "device/", 7))
		return names == 3;
	return !strcmp(rest, "console/backend-id");
}

/* ---- permissions ---- */

static int refuse(struct err *err, const char *path, const char *what)
{
	return err_set(err, EPERM, "path %s %s" MIGRATE_TRUST_HINT, path, what);
}

/* As a toolstack sets them: the domain may read, only the toolstack write. */
static int check_toolstacks(const struct migrate_rules *r, const char *path,
			    const struct perms *p, enum place place,
			    struct err *err)
{
	uint32_t i;

	if (p->p[0].bits)
		return refuse(err, path, "gives every domain access");
	for (i = 1; i < p->n; i++) {
		uint16_t domid = p->p[i].domid;

		if (domid & PERMS_ABSENT || privileged(r, domid))
			continue;
		if (domid != r->cred.domid)
			return err_set(err, EPERM,
				       "path %s gives permissions to domain "
				       "%u" MIGRATE_TRUST_HINT,
				       path, domid);
		if (place != PLACE_HOME && p->p[i].bits & PERM_WRITE)
			return refuse(err, path,
				      "is the toolstack's, but writable by the "
				      "domain");
	}
	return 0;
}

static int check_relating(const struct migrate_rules *r, const char *path,
			  const struct perms *p, enum place place,
			  struct err *err)
{
	size_t len = strlen(path);
	uint16_t owner = perms_owner(p);

	if (privileged(r, owner))
		return check_toolstacks(r, path, p, place, err);
	if (owner != r->cred.domid)
		return err_set(err, EPERM,
			       "path %s is owned by domain "
			       "%u" MIGRATE_TRUST_HINT,
			       path, owner);
	if (place != PLACE_HOME ||
	    (!given(r, path) && !may_make(r, path, path_parent_len(path, len))))
		return refuse(err, path,
			      "is owned by the domain, where it could not "
			      "have created a node");
	return 0;
}

static int check_elsewhere(const struct migrate_rules *r, const char *path,
			   const struct perms *p, bool here, struct err *err)
{
	size_t len = strlen(path);
	const struct perms *now =
		here ? r->perms_at(r->nodes, path, len) : NULL;

	if (here ? may_write(r, now)
		 : perms_owner(p) == r->cred.domid &&
			    may_make(r, path, path_parent_len(path, len)))
		return 0;
	return err_set(err, EPERM,
		       "path %s does not relate to domain %u, which may not "
		       "write there" MIGRATE_TRUST_HINT,
		       path, r->cred.domid);
}

/* ---- /vm/UUID ---- */

/* The image may bring one such folder, and its home must name it. */
static int note_vm(struct migrate_rules *r, const char *path, struct err *err)
{
	size_t len = 4 + strcspn(path + 4, "/");

	if (r->vm && (strlen(r->vm) != len || memcmp(r->vm, path, len)))
		return refuse(err, path, "is of another domain");
	if (!r->vm)
		r->vm = talloc_strndup(r, path, len);
	return r->vm ? 0 : err_set(err, ENOMEM, "no memory");
}

static int note_home(struct migrate_rules *r, const struct rec_node *node,
		     struct err *err)
{
	if (strcmp(node->path + r->home_len, "/vm") || r->vm_named)
		return 0;
	r->vm_named =
		talloc_strndup(r, (const char *)node->value, node->value_len);
	return r->vm_named ? 0 : err_set(err, ENOMEM, "no memory");
}

static bool home_names(const struct migrate_rules *r, const char *vm)
{
	const struct tree *t = r->d->store->tree;
	const struct node *n;
	char path[64];
	uint32_t id;

	snprintf(path, sizeof(path), "%s/vm", r->home);
	id = tree_find(t, path, strlen(path));
	if (!id)
		return false;
	n = tree_node(t, id);
	return n->value_len == strlen(vm) &&
	       !memcmp(node_value(n), vm, n->value_len);
}

/* Also for a folder that exists here: it may be another domain's. */
int migrate_rules_nodes(const struct migrate_rules *r, struct err *err)
{
	const char *vm = r->vm;

	if (r->trust || !vm || home_names(r, vm) ||
	    (r->vm_named && !strcmp(r->vm_named, vm) &&
	     !tree_find(r->d->store->tree, vm, strlen(vm))))
		return 0;
	return refuse(err, vm, "is not named by this domain's home");
}

/* ---- nodes ---- */

int migrate_rules_node(struct migrate_rules *r, const struct rec_node *node,
		       const struct perms *perms, bool here, struct err *err)
{
	enum place place;
	int rc = 0;

	if (r->trust)
		return 0;
	place = place_of(r, node->path);
	if (place == PLACE_ELSEWHERE)
		return check_elsewhere(r, node->path, perms, here, err);
	if (place == PLACE_VM)
		rc = note_vm(r, node->path, err);
	else if (place == PLACE_HOME)
		rc = note_home(r, node, err);
	return rc ? rc : check_relating(r, node->path, perms, place, err);
}

/* The owner may not change; the rest is checked as for a new node. */
int migrate_rules_perms(const struct migrate_rules *r,
			const struct rec_node *node, const struct perms *now,
			const struct perms *then, struct err *err)
{
	enum place place;

	if (r->trust || (perms_owner(now) == r->cred.domid &&
			 perms_owner(then) == r->cred.domid))
		return 0;
	place = place_of(r, node->path);
	if (place != PLACE_ELSEWHERE && perms_owner(now) == perms_owner(then))
		return check_relating(r, node->path, then, place, err);
	return refuse(err, node->path,
		      "exists here with other permissions, not the domain's to "
		      "change");
}

/* ---- transactions ---- */

static bool changes(const struct tx_node *n)
{
	return n->did &
	       (TX_WRITTEN | TX_CREATED | TX_DELETED | TX_FIRES | TX_UNPROVEN);
}

/* The end of a transaction tells what it read, so c must be able to read it. */
static bool may_know(const struct migrate_rules *r, const struct tx_node *n,
		     const char *path, const struct perms *base)
{
	size_t len = n->path_len;

	if ((n->did & TX_WAS_OWN) &&
	    (!base || perms_owner(base) != r->cred.domid))
		return false; /* the base is missing: it could not conflict */
	while (!base && (len = path_parent_len(path, len)))
		base = r->perms_at(r->nodes, path, len);
	return base && perms_for(base, &r->cred);
}

static bool may_change(const struct migrate_rules *r, const struct tx_node *n,
		       const char *path, const struct perms *base)
{
	if (may_write(r, base) && n->perms &&
	    (perms_equal(n->perms, base) ||
	     (perms_owner(base) == r->cred.domid &&
	      perms_owner(n->perms) == r->cred.domid)))
		return true;
	if (!n->perms)
		return may_make(r, path, n->path_len);
	/* the domain removed it and created its own */
	return perms_owner(n->perms) == r->cred.domid &&
	       may_make(r, path, path_parent_len(path, n->path_len));
}

static int check_entry(const struct migrate_rules *r, struct tx *tx,
		       const struct tx_node *n, const char *path,
		       struct err *err)
{
	const struct perms *base = r->perms_at(r->nodes, path, n->path_len);

	if (changes(n) && !may_change(r, n, path, base))
		return err_set(
			err, EPERM,
			"transaction %u: path %s was changed, and domain "
			"%u may not do that here" MIGRATE_TRUST_HINT,
			tx->id, path, r->cred.domid);
	if (!may_know(r, n, path, base))
		tx->doomed = true;
	return 0;
}

int migrate_rules_txs(const struct migrate_rules *r, const struct client *c,
		      struct err *err)
{
	const struct tx_node *n;
	struct tx_path path;
	struct tx *tx;
	int rc;

	if (r->trust)
		return 0;
	list_for_each (tx, &c->txs, of_client) {
		path.up = NULL;
		list_for_each (n, &tx->nodes, order) {
			tx_node_path(&path, n);
			rc = check_entry(r, tx, n, path.s, err);
			if (rc)
				return rc;
		}
	}
	return 0;
}
