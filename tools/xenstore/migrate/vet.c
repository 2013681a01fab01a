/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vet: see vet.h.  Called by restore.c. */
#include "migrate/vet.h"

#include <errno.h>
#include <string.h>

#include "domain/domain.h"
#include "image/image.h"
#include "image/table.h"
#include "state/apply.h"
#include "migrate/nodes.h"
#include "migrate/rules.h"
#include "store/memory.h"
#include "store/node-size.h"
#include "store/path.h"
#include "store/transaction.h"
#include "store/watch.h"
#include "transport/conn.h"

static int refuse(struct err *err, const char *what)
{
	return err_set(err, EINVAL, "%s", what);
}

/* ---- limits ---- */

uint32_t migrate_vet_limit(const struct migrate_vet *v, enum quota q)
{
	uint64_t own = v->limits.hard[q];

	return own != LIMIT_HOST ? (uint32_t)own : v->d->store->limits.hard[q];
}

/* Checked while reading; a trusted image may still raise the limit. */
static int within(const struct migrate_vet *v, enum quota q, uint64_t n,
		  const char *what, struct err *err)
{
	uint32_t limit = migrate_vet_limit(v, q);

	if (v->how->trust || !limit || n <= limit)
		return 0;
	return err_set(err, ENOSPC,
		       "domain %u has %llu %s, quota %s is %u here; raise it, "
		       "or use --trust if the image comes from a host of yours",
		       v->domid, (unsigned long long)n, what,
		       quota_table[q].name, limit);
}

static int take_memory(struct migrate_vet *v, uint64_t n, struct err *err)
{
	v->memory += n;
	return within(v, QUOTA_MEMORY, v->memory, "bytes", err);
}

/* Checks a path against the domain's path quotas. */
static int check_path(const struct migrate_vet *v, const char *path, size_t len,
		      struct err *err)
{
	int rc = within(v, QUOTA_PATH_MAX, path_quota_len(path, len),
			"bytes in a path", err);

	return rc ? rc
		  : within(v, QUOTA_PATH_DEPTH, path_quota_depth(path, len),
			   "names in a path", err);
}

static int check_limit(struct migrate_vet *v, const struct rec_quota *rec,
		       struct err *err)
{
	const struct store *s = v->d->store;
	uint32_t now;
	enum quota q;

	if (rec->domid != v->domid)
		return refuse(err, "domid is not that of the connection");
	if (quota_by_name(rec->name, &q))
		return 0; /* from another version; nothing here depends on it */
	if (rec->value > UINT32_MAX)
		return err_set(err, EINVAL, "quota %s=%llu is too large",
			       rec->name, (unsigned long long)rec->value);
	now = account_limit(&s->limits, account_find(s->accounts, v->domid), q,
			    false);
	if (!v->how->trust && !rec->soft && now &&
	    (!rec->value || rec->value > now))
		return err_set(
			err, EPERM,
			"quota %s=%llu is more than the %u that domain "
			"%u has here; raise it first, or use --trust if the "
			"image comes from a host of yours",
			rec->name, (unsigned long long)rec->value, now,
			v->domid);
	v->any_limit = true;
	if (rec->soft)
		v->limits.soft[q] = rec->value;
	else
		v->limits.hard[q] = rec->value;
	return 0;
}

/* ---- records ---- */

static int check_header(const struct record *rec, struct err *err)
{
	if (rec->header.scope == REC_SCOPE_MIGRATION)
		return 0;
	return refuse(err, "this is the image of a whole daemon, not of one "
			   "domain");
}

static void begin_limits(struct migrate_vet *v)
{
	const struct account *a = account_find(v->d->store->accounts, v->domid);
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++)
		v->limits.hard[q] = v->limits.soft[q] = LIMIT_HOST;
	if (a && a->own)
		v->limits = *a->own;
}

static int check_conn(struct migrate_vet *v, const struct record *rec,
		      struct err *err)
{
	uint16_t domid = rec->conn.domid;
	struct daemon *d = v->d;
	struct domain *known;
	int rc;

	if (v->have_conn || rec->conn.type != REC_CONN_RING)
		return refuse(err, "one domain has one ring and no socket");
	if (domid >= DOMID_FIRST_RESERVED)
		return err_set(err, EINVAL, "domid %u is a reserved domid",
			       domid);
	if (!domid || domid == d->config.priv_domid ||
	    domain_introduced(d, domid))
		return err_set(err, EEXIST, "domain %u is already in use here",
			       domid);
	rc = domain_there(d, domid, &known);
	if (rc)
		return rc == ENOENT
			       ? err_set(err, rc, "there is no domain %u here",
					 domid)
			       : err_set(err, EIO,
					 "cannot ask Xen about domain %u: %s",
					 domid, strerror(rc));
	v->have_conn = true;
	v->domid = domid;
	v->conn_id = rec->conn.conn_id;
	begin_limits(v);
	v->rules = migrate_nodes_rules(v->nodes, domid, v->how->trust);
	if (!v->rules)
		return err_set(err, ENOMEM, "no memory");
	return take_memory(v, rec->conn.data_len, err);
}

static int check_watch(struct migrate_vet *v, const struct rec_watch *rec,
		       struct err *err)
{
	char abs[PATH_SIZE];
	size_t len;
	int rc = within(v, QUOTA_WATCHES, ++v->watches, "watches", err);

	if (rc)
		return rc;
	if (path_absolute(rec->wpath, v->domid, abs, &len))
		return err_set(err, EINVAL, "wpath %s is not a valid path",
			       rec->wpath);
	if (!path_special(abs))
		rc = check_path(v, abs, len, err);
	return rc ? rc
		  : take_memory(v, memory_watch(rec->wpath, rec->token), err);
}

/* An entry has up to four records; restore.c counts the entries it builds. */
static int check_in_tx(struct migrate_vet *v, struct err *err)
{
	uint64_t most = (uint64_t)migrate_vet_limit(v, QUOTA_TX_NODES) *
			migrate_vet_limit(v, QUOTA_TRANSACTIONS) * 4;

	v->in_txs++;
	if (v->how->trust || !most || v->in_txs <= most)
		return 0;
	return err_set(err, ENOSPC,
		       "domain %u has more in its transactions than the quotas "
		       "transactions and transaction-nodes allow "
		       "here" MIGRATE_TRUST_HINT,
		       v->domid);
}

static int check_committed(struct migrate_vet *v, const struct record *rec,
			   struct err *err)
{
	const struct rec_node *node = &rec->node;
	struct migrate_nodes_sum sum;
	int rc = migrate_nodes_add(v->nodes, rec, err);

	if (rc)
		return rc;
	migrate_nodes_sum(v->nodes, &sum);
	if (node->perms[0].domid != v->domid)
		return v->how->trust || sum.others <= VET_NODES
			       ? 0
			       : err_set(err, ENOSPC,
					 "more than %u nodes that domain %u "
					 "does not own" MIGRATE_TRUST_HINT,
					 VET_NODES, v->domid);
	rc = within(v, QUOTA_NODES, sum.own, "nodes", err);
	if (!rc)
		rc = within(v, QUOTA_MEMORY, sum.own_memory, "bytes in nodes",
			    err);
	if (!rc)
		rc = within(v, QUOTA_NODE_PERMS, node->perm_count,
			    "permissions on a node", err);
	if (!rc)
		rc = within(v, QUOTA_NODE_SIZE,
			    node_size(node->perm_count, node->value_len, 0),
			    "bytes in a node", err);
	return rc ? rc : check_path(v, node->path, node->path_len - 1u, err);
}

/* Records with a connection's id must name the one connection. */
static int check_of_conn(struct migrate_vet *v, const struct record *rec,
			 struct err *err)
{
	int rc = 0;

	if (record_conn_id(rec) != v->conn_id)
		return refuse(err, "conn-id is not that of the connection");
	switch (rec->type) {
	case REC_WATCH_DATA:
		return check_watch(v, &rec->watch, err);
	case REC_CONN_INPUT:
		return rec->conn_input.data_len > CONN_SCRATCH
			       ? refuse(err, "data-len is more than a "
					     "connection can have unprocessed")
			       : 0;
	case REC_TRANSACTION_DATA:
		rc = within(v, QUOTA_TRANSACTIONS, ++v->txs, "transactions",
			    err);
		return rc ? rc : take_memory(v, MEMORY_TX, err);
	case REC_NODE_DATA:
		rc = take_memory(
			v,
			memory_tx_node(path_name_size(rec->node.path,
						      rec->node.path_len - 1u),
				       rec->node.value_len),
			err);
		if (!rc)
			rc = check_path(v, rec->node.path,
					rec->node.path_len - 1u, err);
		break;
	case REC_TX_NODE:
		rc = check_path(v, rec->tx_node.path,
				rec->tx_node.path_len - 1u, err);
		break;
	case REC_TX_CHILDREN:
		rc = take_memory(v, rec->tx_children.names_len, err);
		break;
	case REC_TX_ENTRY:
		rc = take_memory(
			v,
			memory_tx_node(rec->tx_entry.name_len,
				       (size_t)rec->tx_entry.value_len +
					       rec->tx_entry.names_len),
			err);
		break;
	case REC_TX_BASE:
		break;
	default:
		return 0;
	}
	return rc ? rc : check_in_tx(v, err);
}

static int check(struct migrate_vet *v, const struct record *rec,
		 struct err *err)
{
	if (!v->how->trust && ++v->records > VET_RECORDS)
		return err_set(err, EFBIG,
			       "more than %u records" MIGRATE_TRUST_HINT,
			       VET_RECORDS);
	if (!rec->desc)
		return 0;
	if (!(rec->desc->scopes & 1u << REC_SCOPE_MIGRATION))
		return refuse(err, "is not of an image of one domain");
	if (rec->type == REC_HEADER)
		return check_header(rec, err);
	if (rec->type == REC_CONNECTION_DATA)
		return check_conn(v, rec, err);
	if (!v->have_conn)
		return refuse(err, "stands before CONNECTION_DATA");
	switch (rec->type) {
	case REC_DOMAIN_STATE:
		return rec->domain.domid == v->domid
			       ? 0
			       : refuse(err, "domid is not that of the "
					     "connection");
	case REC_DOM_FEATURES:
		if (rec->features.domid != v->domid)
			return refuse(err, "domid is not that of the "
					   "connection");
		if (rec->features.features & ~FEATURES_ALL)
			return refuse(err, "features: some are unknown to this "
					   "version");
		v->any_features = true;
		v->features = rec->features.features;
		return 0;
	case REC_QUOTA:
		return check_limit(v, &rec->quota, err);
	case REC_NODE_DATA:
		return rec->node.conn_id ? check_of_conn(v, rec, err)
					 : check_committed(v, rec, err);
	default:
		return check_of_conn(v, rec, err);
	}
}

/* Checks the sums, after the last record. */
static int check_whole(const struct migrate_vet *v, struct err *err)
{
	static const struct {
		enum quota q;
		const char *what;
	} counted[] = {{QUOTA_NODES, "nodes"},
		       {QUOTA_MEMORY, "bytes"},
		       {QUOTA_WATCHES, "watches"},
		       {QUOTA_TRANSACTIONS, "transactions"}};
	struct migrate_nodes_sum sum;
	uint64_t n[4];
	uint32_t limit;
	size_t i;

	if (!v->have_conn)
		return refuse(err, "it has no CONNECTION_DATA");
	migrate_nodes_sum(v->nodes, &sum);
	n[0] = sum.own;
	n[1] = sum.own_memory + v->memory;
	n[2] = v->watches;
	n[3] = v->txs;
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		limit = migrate_vet_limit(v, counted[i].q);
		if (limit && n[i] > limit)
			return err_set(err, ENOSPC,
				       "domain %u would have %llu %s, quota %s "
				       "is %u",
				       v->domid, (unsigned long long)n[i],
				       counted[i].what,
				       quota_table[counted[i].q].name, limit);
	}
	return migrate_rules_nodes(v->rules, err);
}

int migrate_vet(struct migrate_vet *v, const void *data, size_t len,
		struct err *err)
{
	struct image_reader reader;
	struct record rec;
	int rc;

	if (!v->how->trust && len > VET_BYTES)
		return err_set(
			err, EFBIG,
			"it has %zu bytes; more than %u are refused for one "
			"domain" MIGRATE_TRUST_HINT,
			len, VET_BYTES);
	rc = image_reader_init(&reader, v->nodes, data, len, err);
	if (rc)
		return rc;
	while (!rc && image_read(&reader, &rec, &rc, err)) {
		/* counted as work, so that the next turns pay for it */
		v->d->store->work += 1 + rec.len / 256;
		rc = check(v, &rec, err);
		if (rc)
			apply_at_record(err, &rec);
	}
	image_reader_fini(&reader);
	return rc ? rc : check_whole(v, err);
}
