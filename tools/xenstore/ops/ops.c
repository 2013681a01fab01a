/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops: the table of requests; see ops.h.  transport/ hands it whole
 * messages, through a function pointer of struct daemon.
 */
#include "ops/ops.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/escape.h"
#include "base/parse.h"
#include "domain/death.h"
#include "domain/domain.h"
#include "store/path.h"
#include "transport/conn-trace.h"
#include "transport/credit.h"
#include "transport/event.h"

const struct op op_table[WIRE_TYPE_COUNT] = {
	[WIRE_CONTROL] = {op_control, OP_PRIV | OP_CHANGE, "command|arg|*",
			  "text", "", "runs a control command"},
	[WIRE_DIRECTORY] = {op_directory, OP_TX, "path|", "child|*",
			    "ENOENT EACCES E2BIG",
			    "lists the names of a node's children; E2BIG: they "
			    "do not fit into a message"},
	[WIRE_READ] = {op_read, OP_TX, "path|", "value", "ENOENT EACCES",
		       "returns a node's value, unchanged"},
	[WIRE_GET_PERMS] =
		{op_get_perms, OP_TX, "path|", "perm|+", "ENOENT EACCES",
		 "returns the permissions of a node or special node"},
	[WIRE_WATCH] = {op_watch, OP_NO_TX | OP_SHALLOW, "wpath|token|[depth|]",
			"", "EEXIST ENOSPC",
			"sets a watch, which fires immediately"},
	[WIRE_UNWATCH] = {op_unwatch, OP_NO_TX, "wpath|token|", "", "ENOENT",
			  "removes the watch with this path and token"},
	[WIRE_TRANSACTION_START] =
		{op_transaction_start, 0, "|", "tx_id|", "EBUSY ENOSPC",
		 "opens a transaction; EBUSY: sent inside one"},
	[WIRE_TRANSACTION_END] =
		{op_transaction_end, OP_TX, "T|F|", "", "ENOENT EAGAIN ENOSPC",
		 "commits (T) or aborts (F) the transaction; EAGAIN: a "
		 "conflict, repeat all of it"},
	[WIRE_INTRODUCE] =
		{op_introduce, OP_PRIV | OP_CHANGE, "domid|gfn|evtchn|", "",
		 "EINVAL",
		 "starts to serve a domain on its ring; if it is served "
		 "already: a reconnection"},
	[WIRE_RELEASE] = {op_release, OP_PRIV | OP_CHANGE, "domid|", "",
			  "ENOENT EINVAL",
			  "stops serving a domain, as if it had died"},
	[WIRE_GET_DOMAIN_PATH] =
		{op_get_domain_path, 0, "domid|", "path|", "",
		 "returns a domain's home, whether the domain exists or not"},
	[WIRE_WRITE] =
		{op_write, OP_TX | OP_CHANGE, "path|value", "", "EACCES ENOSPC",
		 "sets a node's value; creates the node and missing parents"},
	[WIRE_MKDIR] =
		{op_mkdir, OP_TX | OP_CHANGE, "path|", "", "EACCES ENOSPC",
		 "creates a node without a value; leaves an existing one "
		 "alone"},
	[WIRE_RM] =
		{op_rm, OP_TX | OP_CHANGE, "path|", "", "ENOENT EACCES EINVAL",
		 "removes a node and all below it; OK if it is missing and its "
		 "parent exists"},
	[WIRE_SET_PERMS] =
		{op_set_perms, OP_TX | OP_CHANGE, "path|perm|+", "",
		 "ENOENT EACCES EPERM ENOSPC",
		 "sets the permissions of a node or special node; EPERM: only "
		 "a privileged client may change the owner"},
	[WIRE_IS_DOMAIN_INTRODUCED] = {op_is_domain_introduced, OP_PRIV,
				       "domid|", "T|F|", "",
				       "tells whether a domain is introduced"},
	[WIRE_RESUME] =
		{op_resume, OP_PRIV | OP_CHANGE | OP_COMPAT, "domid|", "",
		 "ENOENT EINVAL",
		 "a domain that was shut down runs again: its next shutdown "
		 "will be announced, too"},
	[WIRE_SET_TARGET] =
		{op_set_target, OP_PRIV | OP_CHANGE, "domid|tdomid|", "",
		 "ENOENT",
		 "gives a domain the rights of another: a stub domain those of "
		 "its guest"},
	[WIRE_RESET_WATCHES] =
		{op_reset_watches, 0, "|", "", "",
		 "removes all watches and transactions of the sender"},
	[WIRE_DIRECTORY_PART] =
		{op_directory_part, OP_TX, "path|offset|", "gen|child|*",
		 "ENOENT EACCES",
		 "lists children from a byte offset of the listing; an empty "
		 "name ends it"},
	[WIRE_GET_FEATURE] =
		{op_get_feature, 0, "[domid|]", "features|", "ENOENT EACCES",
		 "returns the features offered to the sender or, for "
		 "privileged clients, to a domain; others: EACCES"},
	[WIRE_SET_FEATURE] =
		{op_set_feature, OP_PRIV | OP_CHANGE, "domid|features|", "",
		 "ENOENT EBUSY EINVAL",
		 "sets the features that a domain's ring will offer; EBUSY: "
		 "already introduced"},
	[WIRE_GET_QUOTA] =
		{op_get_quota, OP_PRIV, "[[domid|]quota|]", "names|value|",
		 "ENOENT EINVAL",
		 "returns the limit of a domain or of new domains, or the "
		 "names of all quotas, separated by blanks"},
	[WIRE_SET_QUOTA] =
		{op_set_quota, OP_PRIV | OP_CHANGE, "[domid|]quota|value|", "",
		 "ENOENT EINVAL",
		 "sets the limit of a domain or of new domains; 0: none"},
};

int op_strings(const struct op_req *req, const char **strings, int n)
{
	int have = wire_strings(req->payload, req->hdr->len, strings, n);

	return have == n ? 0 : EINVAL;
}

int op_some_strings(const struct op_req *req, const char **strings, int max)
{
	int n = wire_strings(req->payload, req->hdr->len, strings, max);

	return n <= max ? n : -1;
}

int op_domid(const char *text, uint16_t *ret_domid)
{
	uint32_t domid;

	if (parse_u32(text, DOMID_FIRST_RESERVED - 1, &domid))
		return EINVAL;
	*ret_domid = (uint16_t)domid;
	return 0;
}

int op_path(const struct op_req *req, const char *path, bool special, char *buf,
	    size_t *ret_len)
{
	const struct client *c = &req->conn->client;
	int rc = path_absolute(path, c->cred.domid, buf, ret_len);
	uint32_t limit;
	bool there;
	size_t n;

	if (rc)
		return rc;
	if (path_special(buf))
		return special && special_find(req->d->store, buf) ? 0 : EINVAL;
	limit = account_limit(&req->d->store->limits, c->account,
			      QUOTA_PATH_MAX, false);
	n = path_quota_len(buf, *ret_len);
	if (limit && n > limit)
		return EINVAL;
	store_most(req->d->store, c, QUOTA_PATH_MAX, n);
	/*
	 * A request that finds a node pays for its depth once; an entry of a
	 * transaction or a watch would do so again and again.
	 */
	there = !req->tx && !(op_table[req->hdr->type].flags & OP_SHALLOW);
	if (client_over_depth(req->d->store, c, buf, *ret_len, there))
		return ENOSPC;
	/* a dead domain's nodes go first: dom0's must not go with them */
	if (c->cred.privileged && (op_table[req->hdr->type].flags & OP_CHANGE))
		death_settle_path(req->d, buf, *ret_len);
	return 0;
}

int op_node_req(const struct op_req *req, struct node_req *ret)
{
	ret->store = req->d->store;
	ret->client = &req->conn->client;
	ret->tx = req->tx;
	ret->changes = change_list_new(req->ctx, req->d->store);
	if (!ret->changes)
		return ENOMEM;
	if (!ret->client->cred.privileged)
		ret->changes->by = ret->client->account;
	return 0;
}

void op_fire(const struct op_req *req, const struct node_req *done)
{
	event_fire(req->d, done->changes);
}

int op_reply_ok(const struct op_req *req, int rc)
{
	if (!rc)
		conn_reply_ok(req->conn);
	return rc;
}

int op_reply_number(const struct op_req *req, uint32_t n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	conn_reply(req->conn, text, (size_t)len + 1);
	return 0;
}

/* Checks that the request may be made, and finds its transaction. */
static int op_admit(struct op_req *req, const struct op **ret_op)
{
	uint32_t type = req->hdr->type;
	const struct op *op;

	if (type >= WIRE_TYPE_COUNT || !op_table[type].handle)
		return ENOSYS;
	op = &op_table[type];
	if ((op->flags & OP_PRIV) && !req->conn->client.cred.privileged)
		return EACCES;
	if ((op->flags & OP_CHANGE) && req->conn->client.read_only)
		return EROFS;
	if (req->hdr->tx_id && !(op->flags & OP_NO_TX)) {
		req->tx = tx_find(&req->conn->client, req->hdr->tx_id);
		if (!req->tx)
			return ENOENT;
	}
	*ret_op = op;
	return 0;
}

/* Names all that an administrator needs: domid, quota, limit and path. */
static void log_refusal(const struct op_req *req, int rc)
{
	const struct store *s = req->d->store;
	const struct client *c = &req->conn->client;
	struct account *a = c->account;
	enum quota q = (enum quota)s->refused;
	const char *path = "";
	struct escaped e;
	char who[32];

	if (req->hdr->len && memchr(req->payload, 0, req->hdr->len))
		path = (const char *)req->payload;
	snprintf(who, sizeof(who), "domain %u", a->domid);
	log_guest(req->d->log, &a->logged,
		  "%s: %s refused (%s), quota %s is %u; path %s; %u such "
		  "refusals so far",
		  c->read_only ? "read-only clients" : who,
		  wire_type_name(req->hdr->type), wire_error_name(rc),
		  quota_table[q].name, client_limit(s, c, q),
		  escape_str(&e, path, ESCAPE_FIELD), a->refused[q]);
}

/* Once each time that a domain exceeds a soft limit. */
static void log_warning(const struct op_req *req)
{
	const struct store *s = req->d->store;
	struct account *a = req->conn->client.account;
	enum quota q = (enum quota)s->warned;

	log_guest(req->d->log, &a->logged,
		  "domain %u: quota %s exceeds its soft limit of %u", a->domid,
		  quota_table[q].name, account_limit(&s->limits, a, q, true));
}

static void log_account(const struct op_req *req)
{
	const struct account *a = req->conn->client.account;

	if (op_table[req->hdr->type].flags & OP_CHANGE)
		log_line(req->d->log, LOG_ACC,
			 "domain %u: %u nodes, %u watches, %u transactions, "
			 "%llu bytes",
			 a->domid, a->nodes, a->watches, a->transactions,
			 (unsigned long long)(a->node_memory + a->memory));
}

void ops_request(struct daemon *d, struct conn *c,
		 const struct wire_header *hdr, const uint8_t *payload)
{
	struct op_req req = {d, c, hdr, payload, NULL, NULL};
	const struct traced *before = d->conns.traced;
	struct traced traced;
	const struct op *op;
	int rc;

	conn_trace_in(c, hdr, payload, &traced);
	rc = op_admit(&req, &op);
	d->store->refused = -1;
	d->store->warned = -1;
	if (!rc) {
		req.ctx = talloc_new(d);
		rc = req.ctx ? op->handle(&req) : ENOMEM;
		talloc_free(req.ctx);
	}
	if (rc && d->store->refused >= 0)
		log_refusal(&req, rc);
	if (d->store->warned >= 0)
		log_warning(&req);
	if (c->client.account->disturbed) {
		c->client.account->disturbed = false;
		conn_charge(c);
	}
	if (log_on(d->log, LOG_ACC) && !rc)
		log_account(&req);
	if (rc)
		conn_reply_error(c, rc);
	d->conns.traced = before;
}
