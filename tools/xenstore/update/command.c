/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command: the control command live-update, which drives update.c.
 */
#include "update/update-internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/parse.h"
#include "control/control.h"
#include "stock/hand-back.h"
#include "transport/conn.h"

#define REHEARSAL_MS  120000u
#define WAIT_MS	      60000u /* as the stock daemon waits */
#define TIMEOUT_MAX_S 3600u

/* -f FILE */
static int update_arm(struct control_req *req)
{
	struct update *u = req->d->update;
	enum host_successor kind;
	struct err err = {0};

	if (req->n != 3)
		return EINVAL;
	if (u->state != UPDATE_IDLE && u->conn_id != req->conn->client.id) {
		control_reply_text(req, "live-update session already active.");
		return 0;
	}
	if (host_call(req->d->host, update_check, req->arg[2], &kind, &err)) {
		control_reply_text(req, err.text);
		return 0;
	}
	update_forget(req->d);
	u->kind = kind;
	u->binary = talloc_strdup(u, req->arg[2]);
	if (!u->binary)
		return ENOMEM;
	u->conn_id = req->conn->client.id;
	u->state = UPDATE_ARMED;
	snprintf(u->step, sizeof(u->step), "asked for");
	log_line(req->d->log, LOG_EVENT,
		 "live update to %s: asked for by connection %u", u->binary,
		 u->conn_id);
	conn_reply_ok(req->conn);
	return 0;
}

/* -c CMDLINE */
static int update_args(struct control_req *req)
{
	struct update *u = req->d->update;

	if (req->n != 3)
		return EINVAL;
	talloc_free(u->args);
	u->args = talloc_strdup(u, req->arg[2]);
	if (!u->args)
		return ENOMEM;
	conn_reply_ok(req->conn);
	return 0;
}

/* -a */
static int update_abort(struct control_req *req)
{
	/* during the rehearsal the requesting client is not served */
	update_forget(req->d);
	conn_reply_ok(req->conn);
	return 0;
}

/*
 * -v: the highest image version that the successor reads, as the client
 * believes.  The file itself counts for more: one of ours reads only ours, and
 * xenstore-control of newer releases says 2 whatever the daemon is.
 */
static int update_version(struct update *u, uint32_t v)
{
	if (!v)
		return EINVAL;
	if (u->kind == HOST_OX)
		return 0; /* it reads its own dump */
	if (v == 1 && u->kind != HOST_OURS)
		u->kind = HOST_XEN_4_15;
	else if (u->kind == HOST_XEN)
		u->kind = HOST_XEN_4_22;
	return 0;
}

/* Takes "xen1" or "xen2" over what the file looks like; else false. */
static bool set_dialect(struct update *u, const char *name)
{
	if (u->kind == HOST_OX)
		return false;
	if (!strcmp(name, "xen1"))
		u->kind = HOST_XEN_4_15;
	else if (strcmp(name, "xen2") != 0)
		return false;
	else if (u->kind != HOST_XEN_4_21)
		u->kind = HOST_XEN_4_22;
	return true;
}

/* Replies with the text, and frees it; NULL: there was no memory for it. */
static void reply_text(struct control_req *req, char *text)
{
	if (text)
		control_reply_text(req, text);
	else
		conn_reply_error(req->conn, ENOMEM);
	talloc_free(text);
}

/* --dialect: the names are those of docs/design/xenstore-migration.md. */
static int update_dialect(struct control_req *req, const char *name)
{
	struct update *u = req->d->update;
	bool ours = u->kind == HOST_OURS, spec = !strcmp(name, "spec");
	const char *why = "no such dialect";
	char *text;

	if (ours ? spec : set_dialect(u, name))
		return 0;
	if (u->kind == HOST_OX)
		why = "oxenstored reads its own dump";
	else if (spec)
		why = "a stock xenstored reads xen1 or xen2";
	else if (!strcmp(name, "xen1") || !strcmp(name, "xen2"))
		why = "this tree's xenstored reads spec";
	text = talloc_asprintf(u, "dialect %s: %s", name, why);
	reply_text(req, text);
	return EINVAL;
}

/*
 * oxenstored gets other arguments than ours, and the reply cannot be sent over a
 * ring without this daemon.  Returns 0, or an errno when it has replied.
 */
static int prepare_ox(struct control_req *req)
{
	struct update *u = req->d->update;

	if (req->conn->kind == CONN_RING) {
		control_reply_text(req, "only a client of the socket can hand "
					"over to oxenstored");
		return EINVAL;
	}
	if (!u->args)
		u->args = stock_ox_args(u, &req->d->config);
	if (!u->args)
		conn_reply_error(req->conn, ENOMEM);
	return u->args ? 0 : ENOMEM;
}

/* A word of -s that stands alone. */
static bool update_flag(struct update *u, const char *word)
{
	if (!strcmp(word, "-F"))
		u->force = true;
	else if (!strcmp(word, "--beside"))
		u->how = UPDATE_BESIDE;
	else if (!strcmp(word, "--in-place"))
		u->how = UPDATE_IN_PLACE;
	else
		return false;
	return true;
}

/* Settles u->how.  Returns 0, or an errno when it has replied. */
static int choose_how(struct control_req *req)
{
	struct update *u = req->d->update;
	enum update_how how = u->how == UPDATE_ANY ? UPDATE_DEFAULT : u->how;
	char *text;

	if (how == UPDATE_IN_PLACE ||
	    (u->kind == HOST_OURS && host_call(req->d->host, beside_can))) {
		u->how = how;
		return 0;
	}
	if (u->how == UPDATE_ANY) {
		u->how = UPDATE_IN_PLACE;
		return 0;
	}
	text = talloc_asprintf(u,
			       "%s is %s, which cannot be loaded beside; "
			       "use --in-place",
			       u->binary,
			       u->kind == HOST_OURS ? "an older version"
						    : "a stock xenstored");
	reply_text(req, text);
	return EINVAL;
}

/*
 * -s [-t SECONDS] [-F] [-v VERSION | --dialect NAME] [--beside | --in-place].
 * -t bounds the rehearsal or the loading.  One of ours takes over open
 * transactions.  A stock daemon does not: then -t is how long to wait for their
 * end, and -F ends them after it.
 */
static int update_start(struct control_req *req)
{
	struct update *u = req->d->update;
	uint64_t patience_ms = u->kind == HOST_OURS ? REHEARSAL_MS : WAIT_MS;
	uint64_t timeout_ms = patience_ms;
	uint32_t v;
	int i;

	u->how = UPDATE_ANY;
	for (i = 2; i < req->n; i++) {
		if (update_flag(u, req->arg[i]))
			continue;
		if (i + 1 < req->n && !strcmp(req->arg[i], "--dialect")) {
			if (update_dialect(req, req->arg[++i]))
				return 0;
			continue;
		}
		if (i + 1 >= req->n ||
		    parse_u32(req->arg[i + 1], TIMEOUT_MAX_S, &v))
			return EINVAL;
		if (!strcmp(req->arg[i], "-t"))
			timeout_ms = v ? v * 1000ull : patience_ms;
		else if (strcmp(req->arg[i], "-v"))
			return EINVAL;
		else if (update_version(u, v)) {
			control_reply_text(req, "Migration stream version not "
						"supported.");
			return 0;
		}
		i++;
	}
	if (choose_how(req) || (u->kind == HOST_OX && prepare_ox(req)))
		return 0;
	u->began_ms = host_call(req->d->host, now_ms);
	u->deadline_ms = u->began_ms + timeout_ms;
	conn_hold(req->conn);
	if (u->how == UPDATE_BESIDE)
		update_load(req->d);
	else
		update_rehearse(req->d);
	return 0;
}

/*
 * oxenstored answers -s with BUSY before its exec.  Its client asks again until
 * the successor says OK.
 */
static bool update_arrived(struct control_req *req)
{
	struct update *u = req->d->update;
	bool arrived = u->arrived && u->state == UPDATE_IDLE &&
		       !strcmp(req->arg[1], "-s");

	if (strcmp(req->arg[1], "-r") != 0)
		u->arrived = false;
	if (arrived)
		conn_reply_ok(req->conn);
	return arrived;
}

static int control_live_update(struct control_req *req)
{
	struct update *u = req->d->update;

	if (update_arrived(req))
		return 0;
	if (!strcmp(req->arg[1], "-f"))
		return update_arm(req);
	if (!strcmp(req->arg[1], "-r"))
		return update_report(req);
	if (u->state == UPDATE_IDLE || u->conn_id != req->conn->client.id) {
		control_reply_text(req, u->state == UPDATE_IDLE
						? "live-update session not "
						  "active."
						: "live-update session already "
						  "active.");
		return 0;
	}
	if (!strcmp(req->arg[1], "-a"))
		return update_abort(req);
	if (!strcmp(req->arg[1], "-c"))
		return update_args(req);
	if (!strcmp(req->arg[1], "-s"))
		return update_start(req);
	return EINVAL;
}

static const struct control_command commands[] = {
	{"live-update",
	 "[-c <cmdline>] [-F] [-t <timeout>] [-v <version>] <file>|-r",
	 "replaces the running xenstored with another binary", 1, 9,
	 control_live_update},
};

int update_init(struct daemon *d)
{
	d->update = talloc_zero(d, struct update);
	if (!d->update)
		return ENOMEM;
	return control_add(d, commands, sizeof(commands) / sizeof(commands[0]));
}
