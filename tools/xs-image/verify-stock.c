// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verify-stock: what stock daemons need when they read images in their
 * dialects; see verify.h.
 */
#include <inttypes.h>
#include <string.h>

#include "verify.h"

static void check_names(struct verify *v, const char *names, unsigned int n,
			uint32_t domid)
{
	for (; n; n--, names += strlen(names) + 1)
		verify_once(v,
			    &(struct thing){v->rec->type, domid, 1, .p = names,
					    .p_len = strlen(names)},
			    "names");
}

static void check_domain(struct verify *v)
{
	const struct stock_domain *d = &stock_of(v->rec)->domain;
	struct thing ring = {THING_RING, d->domid, 0, .p = NULL};

	if (!seen_has(v->seen, &ring))
		verify_bad(v, "domid",
			   "found %u, no ring of that domain before it",
			   d->domid);
	verify_once(v, &(struct thing){v->rec->type, d->domid, 0, .p = NULL},
		    "domid");
	check_names(v, d->names, d->n_quota, d->domid);
}

static void check_conn(struct verify *v)
{
	const struct stock_conn *c = &stock_of(v->rec)->conn;

	if (c->resp_len > c->conn.data_len)
		verify_bad(v, "out-resp-len",
			   "found %u, more than the %" PRIu32 " bytes pending",
			   c->resp_len, c->conn.data_len);
}

void verify_stock(struct verify *v)
{
	const struct stock_global_quota *q = &stock_of(v->rec)->global_quota;
	const struct record *rec = v->rec;

	if (!rec->index && rec->type != REC_GLOBAL_DATA)
		verify_bad(v, NULL, "the first record must be GLOBAL_DATA");
	if (rec->len % 8)
		verify_bad(v, "len",
			   "found %" PRIu32 ", stock daemons need a multiple "
			   "of 8",
			   rec->len);
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		check_conn(v);
		break;
	case REC_WATCH_DATA_EXTENDED:
		if (rec->suspect)
			verify_bad(v, "depth",
				   "missing, although len includes it (a bug "
				   "of the daemon that wrote the image)");
		/* fall through */
	case REC_WATCH_DATA:
		if (rec->watch.conn_id != v->last_conn)
			verify_bad(v, "conn-id",
				   "a watch must follow its connection");
		break;
	case REC_NODE_DATA:
		if (rec->node.conn_id)
			verify_bad(v, "conn-id",
				   "stock daemons take a pending node for a "
				   "committed one");
		/* fall through */
	case REC_TRANSACTION_DATA:
		v->last_conn = 0;
		if (rec->type == REC_TRANSACTION_DATA)
			verify_warn(v, NULL, "stock daemons ignore it");
		break;
	case REC_GLOBAL_QUOTA_DATA:
		check_names(v, q->names, q->n_dom + (unsigned int)q->n_glob,
			    UINT32_MAX);
		break;
	case REC_DOMAIN_DATA:
		check_domain(v);
		break;
	}
}

void verify_stock_end(struct verify *v)
{
	static const char *const paths[] = {"@releaseDomain",
					    "@introduceDomain"};
	size_t i;

	for (i = 0; i < 2; i++) {
		struct thing thing = {THING_SPECIAL, 0, 0, .p = paths[i],
				      .p_len = strlen(paths[i])};

		if (!seen_has(v->seen, &thing))
			verify_bad(v, NULL, "no node %s", paths[i]);
	}
}
