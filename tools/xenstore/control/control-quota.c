/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control-quota: the commands quota and quota-soft. */
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "control/commands.h"
#include "control/control.h"
#include "domain/domain.h"
#include "store/store.h"
#include "transport/conn.h"

static int quota_list(struct control_req *req, const uint32_t *limit, bool soft)
{
	struct wbuf out;
	unsigned int q;

	wbuf_init(&out, req->ctx);
	wbuf_printf(&out, "Quota settings:\n");
	for (q = 0; q < QUOTA_COUNT; q++)
		if (!soft || quota_table[q].soft)
			wbuf_printf(&out, "%-17s: %8u %s\n",
				    quota_table[q].name, limit[q],
				    quota_table[q].meaning);
	return control_reply_buf(req, &out);
}

/* set NAME VALUE */
static int quota_set(struct control_req *req, uint32_t *limit, bool soft)
{
	uint32_t value;
	enum quota q;

	if (req->n != 4 || strcmp(req->arg[1], "set") ||
	    quota_by_name(req->arg[2], &q) ||
	    parse_u32(req->arg[3], INT32_MAX, &value) || !value ||
	    (soft && !quota_table[q].soft))
		return EINVAL;
	limit[q] = value;
	conn_reply_ok(req->conn);
	if (q == QUOTA_OUTSTANDING)
		conn_limits_changed(req->d);
	return 0;
}

/* max [-r]: the highest use by any unprivileged domain; -r resets it */
static int quota_max(struct control_req *req)
{
	uint32_t *most = req->d->store->most;
	struct wbuf out;
	unsigned int q;
	int rc;

	if (req->n == 3 && strcmp(req->arg[2], "-r"))
		return EINVAL;
	wbuf_init(&out, req->ctx);
	wbuf_printf(&out, "Max. seen values:\n");
	for (q = 0; q < QUOTA_COUNT; q++)
		if (q != QUOTA_CONFLICTS)
			wbuf_printf(&out, "%-17s: %8u\n", quota_table[q].name,
				    most[q]);
	rc = control_reply_buf(req, &out);
	if (!rc && req->n == 3)
		memset(most, 0, sizeof(req->d->store->most));
	return rc;
}

/* The limits set for this domain, and how many requests each refused. */
static void list_special(struct wbuf *out, const struct account *a)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		if (a->own && a->own->hard[q] != LIMIT_HOST)
			wbuf_printf(out, "own limit of %s: %u\n",
				    quota_table[q].name,
				    (uint32_t)a->own->hard[q]);
		if (a->own && a->own->soft[q] != LIMIT_HOST)
			wbuf_printf(out, "own soft limit of %s: %u\n",
				    quota_table[q].name,
				    (uint32_t)a->own->soft[q]);
		if (a->refused[q])
			wbuf_printf(out, "refused for %s: %u\n",
				    quota_table[q].name, a->refused[q]);
	}
}

static int quota_of_domain(struct control_req *req)
{
	const struct domain *dom;
	const struct account *a;
	struct wbuf out;
	uint32_t domid;

	if (parse_u32(req->arg[1], DOMID_FIRST_RESERVED - 1, &domid))
		return EINVAL;
	dom = domain_find(req->d, (uint16_t)domid);
	a = account_find(req->d->store->accounts, (uint16_t)domid);
	if (!dom && (!a || domid != req->d->config.priv_domid))
		return ENOENT;
	wbuf_init(&out, req->ctx);
	wbuf_printf(&out, "Domain %u:\n", domid);
	wbuf_printf(&out, "%-16s: %8u\n", "nodes", a ? a->nodes : 0);
	wbuf_printf(&out, "%-16s: %8u\n", "watches", a ? a->watches : 0);
	wbuf_printf(&out, "%-16s: %8u\n", "transactions",
		    a ? a->transactions : 0);
	wbuf_printf(&out, "%-16s: %8u\n", "outstanding",
		    dom && dom->conn ? dom->conn->replies : 0);
	wbuf_printf(&out, "%-16s: %8llu\n", "memory",
		    a ? (unsigned long long)(a->node_memory + a->memory) : 0);
	if (dom && dom->conn && dom->conn->lost)
		wbuf_printf(&out, "%-16s: %8llu\n", "events lost",
			    (unsigned long long)dom->conn->lost);
	if (a)
		list_special(&out, a);
	return control_reply_buf(req, &out);
}

int control_quota(struct control_req *req)
{
	uint32_t *limit = req->d->store->limits.hard;

	if (req->n == 1)
		return quota_list(req, limit, false);
	if (!strcmp(req->arg[1], "max") && req->n < 4)
		return quota_max(req);
	if (req->n == 2)
		return quota_of_domain(req);
	return quota_set(req, limit, false);
}

int control_quota_soft(struct control_req *req)
{
	uint32_t *limit = req->d->store->limits.soft;

	if (req->n == 1)
		return quota_list(req, limit, true);
	return quota_set(req, limit, true);
}
