/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ops-domain: requests about domains, and CONTROL. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/parse.h"
#include "control/control.h"
#include "domain/domain.h"
#include "domain/introduce.h"
#include "ops/ops.h"
#include "store/path.h"

/* The only argument, a domid, but not one that is always there. */
static int one_domid(const struct op_req *req, uint16_t *ret_domid)
{
	const char *arg;
	int rc = op_strings(req, &arg, 1);

	if (!rc)
		rc = op_domid(arg, ret_domid);
	if (!rc && (*ret_domid == req->d->config.priv_domid ||
		    *ret_domid == req->d->config.store_domid))
		rc = EINVAL;
	return rc;
}

/* Parses a domid; DOMID_SELF stands for the sender's own. */
static int self_or_domid(const struct op_req *req, const char *text,
			 uint16_t *ret_domid)
{
	uint32_t n;

	if (parse_u32(text, DOMID_SELF_WIRE, &n) || n != DOMID_SELF_WIRE)
		return op_domid(text, ret_domid);
	*ret_domid = req->conn->client.cred.domid;
	return 0;
}

/*
 * The gfn is only kept, for a daemon that maps by it: the ring is in the
 * domain's grant entry 1.
 */
int op_introduce(struct op_req *req)
{
	const char *arg[3];
	uint16_t domid;
	uint64_t gfn;
	uint32_t port;
	int rc = op_strings(req, arg, 3);

	if (!rc)
		rc = op_domid(arg[0], &domid);
	if (!rc && (parse_u64(arg[1], UINT64_MAX, &gfn) ||
		    parse_u32(arg[2], INT32_MAX, &port) || !port))
		rc = EINVAL;
	return op_reply_ok(
		req, rc ? rc : domain_introduce(req->d, domid, gfn, port));
}

int op_release(struct op_req *req)
{
	uint16_t domid;
	int rc = one_domid(req, &domid);

	return op_reply_ok(req, rc ? rc : domain_release(req->d, domid));
}

int op_resume(struct op_req *req)
{
	uint16_t domid;
	int rc = one_domid(req, &domid);

	return op_reply_ok(req, rc ? rc : domain_resume(req->d, domid));
}

/* The sender's features, or, if it is privileged, those of a domain. */
int op_get_feature(struct op_req *req)
{
	const struct domain *own = req->conn->domain;
	uint32_t features = own ? own->features : FEATURES_ALL;
	struct domain *dom;
	uint16_t domid;
	const char *arg;
	int n = op_some_strings(req, &arg, 1), rc = 0;

	if (n && !req->conn->client.cred.privileged)
		return EACCES;
	if (n)
		rc = n < 0 ? EINVAL : op_domid(arg, &domid);
	if (n && !rc)
		rc = domain_there(req->d, domid, &dom);
	if (rc)
		return rc;
	if (n)
		features = dom ? dom->features : FEATURES_ALL;
	return op_reply_number(req, features);
}

int op_set_feature(struct op_req *req)
{
	uint32_t features;
	const char *arg[2];
	uint16_t domid;
	int rc = op_strings(req, arg, 2);

	if (!rc)
		rc = op_domid(arg[0], &domid);
	if (!rc && parse_u32(arg[1], UINT32_MAX, &features))
		rc = EINVAL;
	return op_reply_ok(
		req, rc ? rc : domain_set_features(req->d, domid, features));
}

int op_set_target(struct op_req *req)
{
	uint16_t domid, tdomid;
	const char *arg[2];
	int rc = op_strings(req, arg, 2);

	if (!rc)
		rc = op_domid(arg[0], &domid);
	if (!rc)
		rc = op_domid(arg[1], &tdomid);
	return op_reply_ok(req,
			   rc ? rc : domain_set_target(req->d, domid, tdomid));
}

int op_get_domain_path(struct op_req *req)
{
	char path[PATH_SIZE];
	uint16_t domid;
	const char *arg;
	int rc = op_strings(req, &arg, 1);

	if (!rc)
		rc = self_or_domid(req, arg, &domid);
	if (rc)
		return rc;
	conn_reply(req->conn, path, path_home(domid, path) + 1);
	return 0;
}

int op_is_domain_introduced(struct op_req *req)
{
	const char *arg;
	uint16_t domid;
	bool there;
	uint32_t n;
	int rc = op_strings(req, &arg, 1);

	if (rc)
		return rc;
	if (!parse_u32(arg, 0xffff, &n) && n == DOMID_SELF_WIRE) {
		there = true;
	} else {
		rc = op_domid(arg, &domid);
		if (rc)
			return rc;
		there = domain_introduced(req->d, domid) ||
			domid == req->d->config.priv_domid ||
			domid == req->d->config.store_domid;
	}
	conn_reply(req->conn, there ? "T" : "F", 2);
	return 0;
}

int op_control(struct op_req *req)
{
	const char *arg[CONTROL_ARGS_MAX];
	struct control_req cr = {req->d, req->conn, req->ctx, arg, 0};

	cr.n = wire_strings(req->payload, req->hdr->len, arg, CONTROL_ARGS_MAX);
	if (cr.n < 1 || cr.n > CONTROL_ARGS_MAX)
		return EINVAL;
	return control_run(&cr);
}
