/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ops-watch: WATCH, UNWATCH, RESET_WATCHES. */
#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "domain/domain.h"
#include "ops/ops.h"
#include "store/memory.h"
#include "store/path.h"
#include "store/watch.h"
#include "transport/conn-trace.h"
#include "transport/event.h"

/*
 * A client may watch a path that does not exist, and a special node that it
 * may not read: permissions are checked each time that the watch fires.
 */
static int watch_path_of(const struct op_req *req, const char *wpath, char *buf)
{
	size_t len;

	if (!path_special(wpath))
		return op_path(req, wpath, false, buf, &len);
	return path_absolute(wpath, req->conn->client.cred.domid, buf, &len);
}

/* Whether the client was offered a depth, and watches on one domain. */
static bool has_depth(const struct op_req *req)
{
	const struct domain *dom = req->conn->domain;

	return !dom || dom->features & FEATURE_WATCH_DEPTH;
}

/*
 * xenstore.txt: for a special node, a depth other than 1 is not supported.  It
 * is refused, so that it can get a meaning.
 */
static int watch_depth_of(const struct op_req *req, const char *wpath,
			  const char *text, int32_t *ret_depth)
{
	uint32_t depth;

	/* EINVAL, as from an older daemon */
	if (!has_depth(req) || parse_u32(text, INT32_MAX, &depth))
		return EINVAL;
	if (path_special(wpath) && depth != 1)
		return EINVAL;
	*ret_depth = (int32_t)depth;
	return 0;
}

int op_watch(struct op_req *req)
{
	struct client *c = &req->conn->client;
	char abs[PATH_SIZE];
	int32_t depth = WATCH_NO_DEPTH;
	const char *arg[3];
	struct watch *w;
	int n = op_some_strings(req, arg, 3), rc = n < 2 ? EINVAL : 0;

	if (!rc && n == 3)
		rc = watch_depth_of(req, arg[0], arg[2], &depth);
	/* @releaseDomain/5 */
	if (!rc && path_special(arg[0]) && strchr(arg[0], '/') &&
	    !has_depth(req))
		rc = EINVAL;
	if (!rc)
		rc = watch_path_of(req, arg[0], abs);
	if (rc)
		return rc;
	if (client_over(req->d->store, c, QUOTA_WATCHES,
			c->account->watches + 1ull))
		return ENOSPC;
	if (client_over_memory(req->d->store, c, memory_watch(arg[0], arg[1])))
		return ENOSPC;
	rc = watch_add(req->d->store, c, arg[0], abs, arg[1], depth, &w);
	if (rc)
		return rc;
	conn_trace_object(req->conn, "CREATE watch", arg[0], arg[1]);
	conn_reply_ok(req->conn);
	/* a watch fires immediately, for what was there before */
	conn_event(req->conn, w, arg[0]);
	return 0;
}

int op_unwatch(struct op_req *req)
{
	char abs[PATH_SIZE];
	const char *arg[2];
	size_t len;
	int rc = op_strings(req, arg, 2);

	if (rc)
		return rc;
	/* there is no watch on an invalid path */
	if (path_absolute(arg[0], req->conn->client.cred.domid, abs, &len))
		return ENOENT;
	rc = watch_remove(req->d->store, &req->conn->client, abs, arg[1]);
	if (rc)
		return rc;
	conn_trace_object(req->conn, "DESTROY watch", arg[0], arg[1]);
	conn_reply_ok(req->conn);
	return 0;
}

int op_reset_watches(struct op_req *req)
{
	client_reset(&req->conn->client, req->d->store);
	req->tx = NULL; /* freed with the others */
	conn_reply_ok(req->conn);
	return 0;
}
