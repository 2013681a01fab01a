/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command: the migrate- control commands; see migrate.h. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "base/parse.h"
#include "control/control.h"
#include "domain/domain.h"
#include "state/state.h"
#include "migrate/rules.h"
#include "migrate/vet.h"
#include "migrate/migrate.h"
#include "store/path.h"
#include "transport/conn-ring.h"

/* Replies OK, or the reason. */
static int answer(struct control_req *req, int rc, const struct err *err)
{
	if (rc)
		control_reply_text(req, err->text);
	else
		conn_reply_ok(req->conn);
	return 0;
}

static int said(struct control_req *req, const char *fmt, unsigned int domid)
{
	struct err err = {0};

	return answer(req, err_set(&err, EINVAL, fmt, domid), &err);
}

/* Finds an introduced guest; replies why not. */
static int the_domain(struct control_req *req, const char *text,
		      struct domain **ret_dom)
{
	uint32_t domid;

	if (parse_u32(text, DOMID_FIRST_RESERVED - 1, &domid))
		return EINVAL;
	*ret_dom = domain_introduced(req->d, (uint16_t)domid);
	return *ret_dom && domid && domid != req->d->config.priv_domid &&
			       domid != req->d->config.store_domid
		       ? 0
		       : ENOENT;
}

static int control_freeze(struct control_req *req)
{
	struct domain *dom;
	int rc = the_domain(req, req->arg[1], &dom);

	if (rc)
		return rc;
	conn_freeze(dom->conn);
	log_line(req->d->log, LOG_EVENT, "domain %u is frozen", dom->domid);
	conn_reply_ok(req->conn);
	return 0;
}

static int control_thaw(struct control_req *req)
{
	struct domain *dom;
	int rc = the_domain(req, req->arg[1], &dom);

	if (rc)
		return rc;
	if (!dom->conn->frozen)
		return said(req, "domain %u is not frozen", dom->domid);
	conn_thaw(dom->conn);
	log_line(req->d->log, LOG_EVENT, "domain %u is thawed", dom->domid);
	conn_reply_ok(req->conn);
	return 0;
}

/* Parses one option of migrate-save; returns how many words it takes. */
static int save_option(struct control_req *req, int at,
		       struct migrate_select *sel, bool *freeze)
{
	const char *opt = req->arg[at];
	const char *path = at + 1 < req->n ? req->arg[at + 1] : NULL;

	if (!strcmp(opt, "--freeze"))
		*freeze = true;
	else if (!strcmp(opt, "--no-backends"))
		sel->no_backends = true;
	else if (!path || !path_valid(path, strlen(path)))
		return 0;
	else if (!strcmp(opt, "--add") && sel->nadd < MIGRATE_PATHS)
		sel->add[sel->nadd++] = path;
	else if (!strcmp(opt, "--leave-out") && sel->nleave < MIGRATE_PATHS)
		sel->leave[sel->nleave++] = path;
	else
		return 0;
	return !strcmp(opt, "--freeze") || !strcmp(opt, "--no-backends") ? 1
									 : 2;
}

static int control_save(struct control_req *req)
{
	struct migrate_select sel = {0};
	struct err err = {0};
	struct domain *dom;
	bool freeze = false;
	struct wbuf out;
	int at = 1, used, rc;

	while (at < req->n && req->arg[at][0] == '-') {
		used = save_option(req, at, &sel, &freeze);
		if (!used)
			return EINVAL;
		at += used;
	}
	if (req->n - at != 2 || req->arg[at + 1][0] != '/')
		return EINVAL;
	rc = the_domain(req, req->arg[at], &dom);
	if (rc)
		return rc;
	jobs_finish(&req->d->jobs); /* an image cannot hold a job */
	wbuf_init(&out, req->ctx);
	rc = migrate_save(req->d, dom, &sel, &out, &err);
	if (!rc)
		rc = host_call(req->d->host, file_write, req->arg[at + 1],
			       out.data, out.len, &err);
	fault_crash("migrate-saved");
	/* last, so that a refusal changes nothing */
	if (!rc && freeze)
		conn_freeze(dom->conn);
	if (!rc)
		log_line(req->d->log, LOG_EVENT,
			 "domain %u saved to %s: %zu bytes%s", dom->domid,
			 req->arg[at + 1], out.len,
			 dom->conn->frozen ? ", frozen" : "");
	return answer(req, rc, &err);
}

static int control_forget(struct control_req *req)
{
	bool keep = req->n == 3 && !strcmp(req->arg[1], "--keep-nodes");
	struct err err = {0};
	uint32_t domid;
	int rc;

	if ((req->n == 3 && !keep) ||
	    parse_u32(req->arg[req->n - 1], DOMID_FIRST_RESERVED - 1, &domid))
		return EINVAL;
	if (!domid || domid == req->d->config.priv_domid ||
	    domid == req->d->config.store_domid)
		return ENOENT;
	jobs_finish(&req->d->jobs); /* the purge of a dead domain's nodes */
	rc = migrate_forget(req->d, (uint16_t)domid, keep, &err);
	if (rc == ENOENT)
		return rc;
	if (!rc)
		log_line(req->d->log, LOG_EVENT, "domain %u is forgotten",
			 domid);
	return answer(req, rc, &err);
}

static int control_restore(struct control_req *req)
{
	struct migrate_how how = {0};
	struct err err = {0};
	uint8_t *data;
	size_t len;
	int at, rc;

	for (at = 1; at < req->n && req->arg[at][0] == '-'; at++) {
		if (!strcmp(req->arg[at], "--merge"))
			how.merge = true;
		else if (!strcmp(req->arg[at], "--trust"))
			how.trust = true;
		else if (!strcmp(req->arg[at], "--evtchn") && at + 1 < req->n &&
			 !parse_u32(req->arg[at + 1], INT32_MAX, &how.port) &&
			 how.port)
			at++;
		else
			return EINVAL;
	}
	if (req->n - at != 1 || req->arg[at][0] != '/')
		return EINVAL;
	rc = host_call(req->d->host, file_read, req->arg[at], req->ctx,
		       how.trust ? HOST_FILE_MAX : VET_BYTES, &data, &len,
		       &err);
	if (rc == EFBIG && !how.trust)
		err_set(&err, rc,
			"%s: is larger than %u bytes" MIGRATE_TRUST_HINT,
			req->arg[at], VET_BYTES);
	jobs_finish(&req->d->jobs); /* the purge of the domid's last domain */
	if (!rc)
		rc = migrate_restore(req->d, data, len, &how, &err);
	fault_crash("migrate-restored");
	if (rc)
		log_line(req->d->log, LOG_EVENT,
			 "cannot restore %s: %s; nothing changed", req->arg[at],
			 err.text);
	return answer(req, rc, &err);
}

/* The whole state, for xenstored --restore; --exit: then stops serving. */
static int control_save_image(struct control_req *req)
{
	struct state_dump_options opt = {.to_file = true};
	const char *path = req->arg[req->n - 1];
	struct state_counts counts;
	struct err err = {0};
	struct wbuf out;
	struct conn *c;
	int rc;

	if (path[0] != '/' || (req->n == 3 && strcmp(req->arg[1], "--exit")))
		return EINVAL;
	/* the file holds each ring's indexes */
	list_for_each (c, &req->d->conns.all, all)
		if (c->kind == CONN_RING)
			(void)conn_ring(c);
	wbuf_init(&out, req->ctx);
	rc = state_dump(req->d, &opt, state_into_wbuf, &out, &counts, &err);
	if (!rc)
		rc = host_call(req->d->host, file_write, path, out.data,
			       out.len, &err);
	if (!rc)
		log_line(req->d->log, LOG_EVENT,
			 "the state is saved to %s: %u nodes, %u connections, "
			 "%llu bytes%s",
			 path, counts.nodes, counts.conns,
			 (unsigned long long)counts.size,
			 req->n == 3 ? "; this xenstored ends" : "");
	answer(req, rc, &err);
	if (!rc && req->n == 3) {
		(void)conn_flush(req->conn);
		req->d->stop = true;
	}
	return 0;
}

static const struct control_command commands[] = {
	{"migrate-freeze", "<domid>",
	 "stops reading and writing a domain's ring", 1, 1, control_freeze},
	{"migrate-thaw", "<domid>", "serves a frozen ring again", 1, 1,
	 control_thaw},
	{"migrate-save",
	 "[--freeze] [--no-backends] [--add <path>] [--leave-out <path>] "
	 "<domid> <file>",
	 "writes one domain's state as an image", 2, CONTROL_ARGS_MAX - 1,
	 control_save},
	{"migrate-restore", "[--merge] [--trust] [--evtchn <port>] <file>",
	 "restores one domain's state from an image (--trust: also what the "
	 "domain could not have written)",
	 1, 5, control_restore},
	{"migrate-forget", "[--keep-nodes] <domid>",
	 "releases a domain that has moved to another host, and removes its "
	 "nodes",
	 1, 2, control_forget},
	{"save-image", "[--exit] <file>",
	 "writes the whole state as an image for xenstored --restore (--exit: "
	 "then exits)",
	 1, 2, control_save_image},
};

int migrate_init(struct daemon *d)
{
	return control_add(d, commands, sizeof(commands) / sizeof(commands[0]));
}
