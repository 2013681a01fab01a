/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops-quota: GET_QUOTA and SET_QUOTA.
 *
 * A soft quota is named "soft-" and the name of the hard one.  Without a
 * domid it is the host's, which holds for all domains that have none of their
 * own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/parse.h"
#include "domain/domain.h"
#include "ops/ops.h"

#define SOFT "soft-"

struct which {
	enum quota quota;
	bool soft;
};

static int which_quota(const char *name, struct which *ret)
{
	size_t skip =
		strncmp(name, SOFT, sizeof(SOFT) - 1) ? 0 : sizeof(SOFT) - 1;

	if (quota_by_name(name + skip, &ret->quota))
		return EINVAL;
	ret->soft = skip;
	return ret->soft && !quota_table[ret->quota].soft ? EINVAL : 0;
}

/* The account of a domain that there is. */
static int account_of(const struct op_req *req, const char *text,
		      struct account **ret_account)
{
	struct domain *dom;
	uint16_t domid;
	int rc = op_domid(text, &domid);

	if (!rc && domid != req->d->config.priv_domid)
		rc = domain_know(req->d, domid, &dom);
	if (rc)
		return rc;
	*ret_account = account_get(req->d->store->accounts, domid);
	return *ret_account ? 0 : ENOMEM;
}

static int reply_names(const struct op_req *req)
{
	unsigned int q;
	struct wbuf out;

	wbuf_init(&out, req->ctx);
	for (q = 0; q < QUOTA_COUNT; q++)
		wbuf_printf(&out, "%s%s", q ? " " : "", quota_table[q].name);
	for (q = 0; q < QUOTA_COUNT; q++)
		if (quota_table[q].soft)
			wbuf_printf(&out, " " SOFT "%s", quota_table[q].name);
	wbuf_u8(&out, 0);
	if (out.failed)
		return ENOMEM;
	conn_reply(req->conn, out.data, out.len);
	return 0;
}

int op_get_quota(struct op_req *req)
{
	struct account *a = NULL;
	struct which which;
	const char *arg[2];
	char text[16];
	int n = op_some_strings(req, arg, 2), rc = 0;

	if (!n)
		return reply_names(req);
	if (n < 0)
		return EINVAL;
	if (n == 2)
		rc = account_of(req, arg[0], &a);
	if (!rc)
		rc = which_quota(arg[n - 1], &which);
	if (rc)
		return rc;
	n = snprintf(text, sizeof(text), "%u",
		     account_limit(&req->d->store->limits, a, which.quota,
				   which.soft));
	conn_reply(req->conn, text, (size_t)n + 1);
	return 0;
}

int op_set_quota(struct op_req *req)
{
	struct limits *host = &req->d->store->limits;
	struct account *a = NULL;
	struct which which;
	const char *arg[3];
	uint32_t value;
	int n = op_some_strings(req, arg, 3), rc = n < 2 ? EINVAL : 0;

	if (!rc && n == 3)
		rc = account_of(req, arg[0], &a);
	if (!rc)
		rc = which_quota(arg[n - 2], &which);
	if (!rc && parse_u32(arg[n - 1], UINT32_MAX, &value))
		rc = EINVAL;
	if (!rc && a)
		rc = account_set_limit(a, which.quota, which.soft, value);
	if (rc)
		return rc;
	if (!a)
		*(which.soft ? &host->soft[which.quota]
			     : &host->hard[which.quota]) = value;
	conn_reply_ok(req->conn);
	if (which.quota == QUOTA_OUTSTANDING)
		conn_limits_changed(req->d);
	return 0;
}
