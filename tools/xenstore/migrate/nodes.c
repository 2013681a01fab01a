/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nodes: see nodes.h. */
#include "migrate/nodes.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "state/apply.h"
#include "migrate/rules.h"
#include "store/change.h"
#include "store/memory.h"
#include "store/path.h"
#include "store/tree.h"
#include "transport/event.h"

/* A node that the change makes. */
struct made {
	struct hlink link;
	struct perms *perms;
	size_t len;
	char path[];
};

struct migrate_nodes {
	struct restore *r;
	bool merge;
	struct change_list *changes;
	struct htab *made;
	struct migrate_rules *rules;
	uint16_t domid;
	uint32_t n;
	uint32_t others; /* with another owner */
	uint32_t own;	 /* new ones that the domain owns */
	uint64_t own_memory;
	uint32_t asked; /* is_here(): the last domid and the answer */
	bool asked_here;
};

struct migrate_nodes *migrate_nodes_new(void *ctx, struct restore *r,
					bool merge)
{
	struct migrate_nodes *mn = talloc_zero(ctx, struct migrate_nodes);

	if (!mn)
		return NULL;
	mn->r = r;
	mn->merge = merge;
	mn->changes = change_list_new(mn, r->d->store);
	mn->made = htab_new(mn);
	if (!mn->changes || !mn->made) {
		talloc_free(mn);
		return NULL;
	}
	return mn;
}

static const struct perms *perms_at(const struct migrate_nodes *mn,
				    const char *path, size_t len);

struct migrate_rules *migrate_nodes_rules(struct migrate_nodes *mn,
					  uint16_t domid, bool trust)
{
	mn->domid = domid;
	mn->rules = migrate_rules_new(mn, mn->r->d, domid, trust, perms_at, mn);
	return mn->rules;
}

static uint32_t made_hash(const struct migrate_nodes *mn, const char *path,
			  size_t len)
{
	return (uint32_t)hash_keyed(&mn->r->d->store->key, path, len);
}

static struct made *made_find(const struct migrate_nodes *mn, const char *path,
			      size_t len)
{
	struct hlink *l = htab_chain(mn->made, made_hash(mn, path, len));

	for (; l; l = l->next) {
		struct made *m = container_of(l, struct made, link);

		if (m->len == len && !memcmp(m->path, path, len))
			return m;
	}
	return NULL;
}

static const struct perms *perms_at(const struct migrate_nodes *mn,
				    const char *path, size_t len)
{
	const struct tree *t = mn->r->d->store->tree;
	const struct made *m = made_find(mn, path, len);
	uint32_t id = m ? NODE_NONE : tree_find(t, path, len);

	if (m)
		return m->perms;
	return id ? node_perms(t, tree_node(t, id)) : NULL;
}

/* Adds a node to the list; takes over the reference to perms. */
static int make(struct migrate_nodes *mn, const char *path, size_t len,
		struct perms *perms, const uint8_t *value, size_t value_len)
{
	struct tree *t = mn->r->d->store->tree;
	size_t up = path_parent_len(path, len);
	struct made *m = talloc_zero_size(mn, sizeof(*m) + len + 1);
	struct change *c = NULL;

	if (m)
		c = change_create(mn->changes, path, len,
				  tree_find(t, path, up), perms, value,
				  value_len);
	perms_unref(mn->r->d->store->perms, perms);
	if (!c)
		return ENOMEM;
	m->perms = perms; /* kept by the change */
	m->len = len;
	memcpy(m->path, path, len);
	m->link.hash = made_hash(mn, path, len);
	htab_insert(mn->made, &m->link);
	return 0;
}

/* Adds the missing parents of a path, with inherited permissions. */
static int make_parents(struct migrate_nodes *mn, const char *path, size_t len)
{
	const struct tree *t = mn->r->d->store->tree;
	size_t up = path_parent_len(path, len), at = up, next;
	struct perms *perms = NULL;
	struct made *m;
	uint32_t id;
	int rc = 0;

	for (; at; at = path_parent_len(path, at)) {
		m = made_find(mn, path, at);
		id = m ? NODE_NONE : tree_find(t, path, at);
		if (m)
			perms = m->perms;
		else if (id)
			perms = node_perms(t, tree_node(t, id));
		if (perms)
			break;
	}
	while (!rc && at < up) {
		const char *slash;

		next = at == 1 ? 1 : at + 1;
		slash = memchr(path + next, '/', up - next);
		at = slash ? (size_t)(slash - path) : up;
		rc = make(mn, path, at, perms_ref(perms), NULL, 0);
	}
	return rc;
}

/* Whether domid is a domain of this host. */
static bool is_here(void *arg, uint16_t domid)
{
	struct migrate_nodes *mn = arg;
	struct daemon *d = mn->r->d;
	struct domain *known;

	if (perms_domid_fixed(domid, d->config.priv_domid))
		return true;
	if (mn->asked != domid) {
		mn->asked_here = !domain_there(d, domid, &known);
		mn->asked = domid;
	}
	return mn->asked_here;
}

/*
 * The permissions as they would be if they had been set on this host; see
 * perms_without_absent().
 */
static int perms_here(struct migrate_nodes *mn, const struct record *rec,
		      struct perms **ret_perms, struct err *err)
{
	const struct rec_node *node = &rec->node;
	struct perm *p;
	uint32_t n;

	if (!node->perm_count)
		return err_set(err, EINVAL, "path %s has no owner", node->path);
	if (apply_check_perms(mn->r, node->path, node->perms, node->perm_count))
		return EINVAL;
	if (!is_here(mn, node->perms[0].domid))
		return err_set(err, ENOENT,
			       "path %s is owned by domain %u, which is not "
			       "here",
			       node->path, node->perms[0].domid);
	p = talloc_array(mn, struct perm, node->perm_count);
	if (!p)
		return apply_no_memory(mn->r);
	apply_perms_entries(node->perms, node->perm_count, p);
	n = perms_without_absent(
		p, node->perm_count,
		perms_of_guest(p[0].domid, mn->r->d->config.priv_domid),
		is_here, mn);
	*ret_perms = perms_intern(mn->r->d->store->perms, p, n);
	talloc_free(p);
	return *ret_perms ? 0 : apply_no_memory(mn->r);
}

/* The node is here already. */
static int add_known(struct migrate_nodes *mn, const struct record *rec,
		     uint32_t id, struct perms *perms, struct err *err)
{
	const struct rec_node *node = &rec->node;
	const struct tree *t = mn->r->d->store->tree;
	const struct node *n = tree_node(t, id);
	size_t len = node->path_len - 1u;
	bool value = n->value_len == node->value_len &&
		     !memcmp(node_value(n), node->value, n->value_len);
	bool same = perms_equal(node_perms(t, n), perms);
	int rc = 0;

	if ((!value || !same) && !mn->merge)
		rc = err_set(err, EEXIST,
			     "path %s exists here with %s; to change it use "
			     "--merge",
			     node->path,
			     value ? "other permissions" : "another value");
	if (!rc && !value)
		rc = migrate_rules_node(mn->rules, node, perms, true, err);
	if (!rc && !same)
		rc = migrate_rules_perms(mn->rules, node, node_perms(t, n),
					 perms, err);
	if (!rc && !value &&
	    !change_value(mn->changes, node->path, len, id, node->value,
			  node->value_len))
		rc = apply_no_memory(mn->r);
	if (!rc && !same &&
	    !change_perms(mn->changes, node->path, len, id, perms))
		rc = apply_no_memory(mn->r);
	perms_unref(mn->r->d->store->perms, perms);
	return rc;
}

static int add_new(struct migrate_nodes *mn, const struct rec_node *node,
		   struct perms *perms)
{
	size_t len = node->path_len - 1u;

	if (perms_owner(perms) == mn->domid) {
		mn->own++;
		mn->own_memory += memory_node(path_name_size(node->path, len),
					      node->value_len);
	}
	if (make_parents(mn, node->path, len)) {
		perms_unref(mn->r->d->store->perms, perms);
		return apply_no_memory(mn->r);
	}
	return make(mn, node->path, len, perms, node->value, node->value_len)
		       ? apply_no_memory(mn->r)
		       : 0;
}

int migrate_nodes_add(struct migrate_nodes *mn, const struct record *rec,
		      struct err *err)
{
	const struct rec_node *node = &rec->node;
	size_t len = node->path_len - 1u;
	struct perms *perms;
	uint32_t id;
	int rc;

	if (!path_valid(node->path, len))
		return err_set(err, EINVAL, "path %s is not valid", node->path);
	if (made_find(mn, node->path, len))
		return err_set(err, EEXIST, "path %s is there twice",
			       node->path);
	rc = perms_here(mn, rec, &perms, err);
	if (rc)
		return rc;
	mn->n++;
	mn->others += perms_owner(perms) != mn->domid;
	id = tree_find(mn->r->d->store->tree, node->path, len);
	if (id)
		return add_known(mn, rec, id, perms, err);
	rc = migrate_rules_node(mn->rules, node, perms, false, err);
	if (!rc)
		return add_new(mn, node, perms);
	perms_unref(mn->r->d->store->perms, perms);
	return rc;
}

void migrate_nodes_sum(const struct migrate_nodes *mn,
		       struct migrate_nodes_sum *ret)
{
	const struct account *a =
		account_find(mn->r->d->store->accounts, mn->domid);

	ret->others = mn->others;
	ret->own = mn->own + (a ? (uint64_t)a->nodes : 0);
	ret->own_memory = mn->own_memory + (a ? a->node_memory : 0);
}

int migrate_nodes_ready(struct migrate_nodes *mn)
{
	return change_prepare(mn->changes) ? apply_no_memory(mn->r) : 0;
}

void migrate_nodes_apply(struct migrate_nodes *mn)
{
	change_apply(mn->changes);
	event_fire(mn->r->d, mn->changes);
}

uint32_t migrate_nodes_count(const struct migrate_nodes *mn)
{
	return mn->n;
}
