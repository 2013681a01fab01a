/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops-quota: GET_QUOTA and SET_QUOTA.
 *
 * "soft-" before the name of a quota means its soft limit.  Without a domid
 * the request is about the host's limit, which domains get that come later;
 * known domains keep theirs (docs/misc/xenstore.txt of Xen: "the default
 * values for new domains").  CONTROL's `quota set` is for known domains, too.
 */
#include <errno.h>
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

/* Parses the domid of a domain that exists; find: domain_there or _know. */
static int existing_domid(const struct op_req *req, const char *text,
			  int (*find)(struct daemon *d, uint16_t domid,
				      struct domain **ret_dom),
			  uint16_t *ret_domid)
{
	struct domain *dom;
	int rc = op_domid(text, ret_domid);

	if (!rc && *ret_domid != req->d->config.priv_domid)
		rc = find(req->d, *ret_domid, &dom);
	return rc;
}

/*
 * The account of an existing domain, or NULL when nothing is known of the
 * domain yet; it does not become known.
 */
static int find_account(const struct op_req *req, const char *text,
			const struct account **ret_account)
{
	uint16_t domid;
	int rc = existing_domid(req, text, domain_there, &domid);

	if (!rc)
		*ret_account = account_find(req->d->store->accounts, domid);
	return rc;
}

/* The account of an existing domain, which becomes known. */
static int account_of(const struct op_req *req, const char *text,
		      struct account **ret_account)
{
	uint16_t domid;
	int rc = existing_domid(req, text, domain_know, &domid);

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
	const struct account *a = NULL;
	struct which which;
	const char *arg[2];
	int n = op_some_strings(req, arg, 2), rc = 0;

	if (!n)
		return reply_names(req);
	if (n < 0)
		return EINVAL;
	if (n == 2)
		rc = find_account(req, arg[0], &a);
	if (!rc)
		rc = which_quota(arg[n - 1], &which);
	if (rc)
		return rc;
	return op_reply_number(req, account_limit(&req->d->store->limits, a,
						  which.quota, which.soft));
}

/*
 * Sets the limit for domains that come later.  ENOMEM leaves it unchanged; some
 * domains may by then have the old limit as their own, which changes nothing.
 */
static int set_default(const struct op_req *req, const struct which *w,
		       uint32_t value)
{
	struct limits *host = &req->d->store->limits;
	uint32_t *limit =
		w->soft ? &host->soft[w->quota] : &host->hard[w->quota];
	struct domain *dom;
	struct account *a;
	int rc;

	if (*limit == value)
		return 0;
	/* the socket clients' account keeps the old limit, too */
	rc = account_keep_limit(req->conn->client.account, host, w->quota,
				w->soft);
	list_for_each (dom, &req->d->domains->all, all) {
		a = rc ? NULL
		       : account_get(req->d->store->accounts, dom->domid);
		if (!a || account_keep_limit(a, host, w->quota, w->soft))
			rc = ENOMEM;
	}
	if (!rc)
		*limit = value;
	return rc;
}

int op_set_quota(struct op_req *req)
{
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
	if (!rc)
		rc = a ? account_set_limit(a, which.quota, which.soft, value)
		       : set_default(req, &which, value);
	if (rc)
		return rc;
	conn_reply_ok(req->conn);
	if (a && which.quota == QUOTA_OUTSTANDING)
		conn_limits_changed(req->d);
	return 0;
}
