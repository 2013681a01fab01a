/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lu: see lu.h.  Knows processes and files only through the host; driven by
 * the live-update control command and the loop.
 */
#include "lu/lu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/parse.h"
#include "control/control.h"
#include "transport/conn.h"

#define REHEARSAL_MS   120000u
#define TIMEOUT_MAX_S  3600u
#define OK_REPLY       "OK"
#define OK_REPLY_BYTES (WIRE_HEADER_SIZE + sizeof(OK_REPLY))

static void lu_forget(struct lu *lu)
{
	struct lu_last last = lu->last;

	talloc_free(lu->binary);
	talloc_free(lu->args);
	memset(lu, 0, sizeof(*lu));
	lu->last = last;
}

/* Answers who asked and forgets the update; nothing else has changed. */
static void lu_fail(struct daemon *d, const char *why)
{
	struct lu *lu = d->lu;
	struct conn *c = conn_find(d, lu->conn_id);
	char *text = talloc_asprintf(d, "%s; nothing changed", why);

	log_line(d->log, LOG_EVENT, "live update to %s: %s; nothing changed",
		 lu->binary ? lu->binary : "?", why);
	if (c && c->held) {
		c->held = false;
		if (text)
			conn_reply(c, text, strlen(text) + 1);
		else
			conn_reply_error(c, ENOMEM);
		conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
	}
	talloc_free(text);
	lu_report_failed(lu, lu->binary, why);
	lu_forget(lu);
}

/* ---- rehearsal ---- */

struct child_dump {
	struct daemon *d;
	int fd;
};

static int into_file(void *arg, const void *data, size_t len, struct err *err)
{
	struct child_dump *cd = arg;

	return host_call(cd->d->host, lu_image_write, cd->fd, data, len, err);
}

/* Runs in the child: what this moment looks like. */
static int dump_for_rehearsal(void *arg, int fd, struct err *err)
{
	struct child_dump cd = {arg, fd};
	struct lu_dump_options opt = {0};
	struct lu_counts counts;

	return lu_dump(cd.d, &opt, into_file, &cd, &counts, err);
}

static void lu_rehearse(struct daemon *d)
{
	struct lu *lu = d->lu;
	struct err err = {0};
	int rc;

	rc = host_call(d->host, lu_rehearse, lu->binary, lu->args,
		       dump_for_rehearsal, d, DAEMON_TAG_UPDATE, &err);
	if (rc) {
		lu_fail(d, err.text);
		return;
	}
	log_line(d->log, LOG_EVENT, "live update to %s: rehearsing",
		 lu->binary);
	snprintf(lu->step, sizeof(lu->step), "rehearsing");
	lu->state = LU_REHEARSE;
}

/* A step of the rehearsal. */
static void lu_said(struct daemon *d, const char *step)
{
	struct lu *lu = d->lu;

	snprintf(lu->step, sizeof(lu->step), "rehearsing: %.100s", step);
	log_line(d->log, LOG_EVENT, "live update to %s: %s", lu->binary,
		 lu->step);
}

void lu_event(struct daemon *d)
{
	struct lu *lu = d->lu;
	struct err err = {0};
	int rc;

	if (lu->state != LU_REHEARSE)
		return;
	while ((rc = host_call(d->host, lu_rehearsed, &err)) == EAGAIN) {
		if (!*err.text)
			return;
		lu_said(d, err.text);
		err.text[0] = '\0';
	}
	if (rc) {
		host_call(d->host, lu_rehearse_stop);
		lu_fail(d, err.text);
		return;
	}
	lu->rehearsal_ms =
		(uint32_t)(host_call(d->host, now_ms) - lu->began_ms);
	log_line(d->log, LOG_EVENT, "live update to %s: rehearsed in %u ms",
		 lu->binary, lu->rehearsal_ms);
	lu->state = LU_GO;
}

/* ---- the update itself ---- */

static int lu_write_image(struct daemon *d, int fd, struct lu_counts *counts,
			  struct err *err)
{
	struct child_dump cd = {d, fd};
	struct lu_dump_options opt = {
		.update_conn = d->lu->conn_id,
		.update_len = OK_REPLY_BYTES,
		.update_binary = d->lu->binary,
		.stopped_us = d->lu->stopped_us,
		.rehearsal_ms = d->lu->rehearsal_ms,
	};

	return lu_dump(d, &opt, into_file, &cd, counts, err);
}

/* The descriptors that connections and listening sockets stand on. */
static int *lu_keep(const struct daemon *d, size_t *ret_n)
{
	int *fds = talloc_array(d, int, d->nconns + 2);
	const struct conn *c;
	size_t n = 0;

	if (!fds)
		return NULL;
	if (d->rw_fd >= 0)
		fds[n++] = d->rw_fd;
	if (d->ro_fd >= 0)
		fds[n++] = d->ro_fd;
	list_for_each (c, &d->conns, all)
		if (c->fd >= 0)
			fds[n++] = c->fd;
	*ret_n = n;
	return fds;
}

static int lu_become(struct daemon *d, int image_fd, struct err *err)
{
	struct lu *lu = d->lu;
	size_t n;
	int *fds = lu_keep(d, &n);
	int rc;

	if (!fds)
		return err_set(err, ENOMEM, "no memory");
	rc = host_call(d->host, lu_exec, lu->binary, lu->args, image_fd, fds, n,
		       err);
	talloc_free(fds);
	return rc;
}

/*
 * From here to the exec nothing is served.  Comes back only on failure, with
 * everything as it was.
 */
static void lu_go(struct daemon *d)
{
	struct lu *lu = d->lu;
	struct conn *c = conn_find(d, lu->conn_id);
	struct lu_counts counts;
	struct err err = {0};
	int fd = -1, rc;

	lu->stopped_us = host_call(d->host, now_us);
	if (!c) {
		lu_fail(d, "who asked for it is gone");
		return;
	}
	c->held = false;
	conn_reply_ok(c);
	rc = host_call(d->host, lu_image, &fd, &err);
	if (!rc)
		rc = lu_write_image(d, fd, &counts, &err);
	if (!rc) {
		log_line(d->log, LOG_EVENT,
			 "live update to %s: %u nodes, %u connections, %u "
			 "watches, %u transactions, %llu bytes",
			 lu->binary, counts.nodes, counts.conns, counts.watches,
			 counts.txs, (unsigned long long)counts.size);
		rc = lu_become(d, fd, &err);
	}
	if (fd >= 0)
		host_call(d->host, close, fd);
	conn_unqueue_tail(c, OK_REPLY_BYTES);
	c->held = true;
	lu_fail(d, rc ? err.text : "exec came back");
}

int lu_timeout(const struct daemon *d, int timeout_ms)
{
	const struct lu *lu = d->lu;
	uint64_t now;
	int left;

	if (lu->state == LU_GO)
		return 0;
	if (lu->state != LU_REHEARSE)
		return timeout_ms;
	now = host_call(d->host, now_ms);
	left = now >= lu->deadline_ms ? 0 : (int)(lu->deadline_ms - now);
	return timeout_ms < 0 || left < timeout_ms ? left : timeout_ms;
}

void lu_step(struct daemon *d)
{
	struct lu *lu = d->lu;

	if (lu->state == LU_IDLE)
		return;
	if (!conn_find(d, lu->conn_id)) {
		if (lu->state == LU_REHEARSE)
			host_call(d->host, lu_rehearse_stop);
		lu_fail(d, "who asked for it is gone");
		return;
	}
	if (lu->state == LU_REHEARSE &&
	    host_call(d->host, now_ms) >= lu->deadline_ms) {
		host_call(d->host, lu_rehearse_stop);
		lu_fail(d, "the new binary did not finish its rehearsal in "
			   "time");
		return;
	}
	if (lu->state == LU_GO)
		lu_go(d);
}

void lu_took_over(struct daemon *d, const struct lu_restored *from)
{
	struct lu_last *last = &d->lu->last;
	const struct lu_counts *n = &from->counts;
	uint64_t now = host_call(d->host, now_us);

	last->result = LU_DONE;
	last->binary = talloc_strdup(d->lu, from->update_binary);
	last->counts = *n;
	last->rehearsal_ms = from->rehearsal_ms;
	if (from->stopped_us && now > from->stopped_us)
		last->pause_us = now - from->stopped_us;
	log_line(d->log, LOG_EVENT,
		 "took over %u nodes, %u connections, %u watches, %u "
		 "transactions from an image of %llu bytes; nobody was served "
		 "for %llu.%03llu ms",
		 n->nodes, n->conns, n->watches, n->txs,
		 (unsigned long long)n->size,
		 (unsigned long long)last->pause_us / 1000,
		 (unsigned long long)last->pause_us % 1000);
}

void lu_returned(struct daemon *d, const struct lu_restored *from,
		 const char *reason)
{
	struct conn *c = conn_find(d, from->update_conn);
	struct out *last;
	char *text;

	log_line(d->log, LOG_EVENT,
		 "the new binary could not go on (%s): back to the old one, "
		 "nothing changed",
		 reason);
	lu_report_failed(d->lu, from->update_binary, reason);
	if (!c || list_empty(&c->out))
		return;
	last = list_entry(c->out.prev, struct out, next);
	if (last->len != from->update_len || last->len < WIRE_HEADER_SIZE)
		return;
	wire_get_header(last->data, &c->req);
	conn_unqueue_tail(c, from->update_len);
	text = talloc_asprintf(d, "%s; nothing changed", reason);
	if (text)
		conn_reply(c, text, strlen(text) + 1);
	else
		conn_reply_error(c, ENOMEM);
	talloc_free(text);
}

/* ---- the control command ---- */

/* -f FILE */
static int lu_arm(struct control_req *req)
{
	struct lu *lu = req->d->lu;
	struct err err = {0};

	if (req->n != 3)
		return EINVAL;
	if (lu->state != LU_IDLE && lu->conn_id != req->conn->client.id) {
		control_reply_text(req, "live-update session already active.");
		return 0;
	}
	if (host_call(req->d->host, lu_check, req->arg[2], &err)) {
		control_reply_text(req, err.text);
		return 0;
	}
	lu_forget(lu);
	lu->binary = talloc_strdup(lu, req->arg[2]);
	if (!lu->binary)
		return ENOMEM;
	lu->conn_id = req->conn->client.id;
	lu->state = LU_ARMED;
	snprintf(lu->step, sizeof(lu->step), "asked for");
	log_line(req->d->log, LOG_EVENT,
		 "live update to %s: asked for by connection %u", lu->binary,
		 lu->conn_id);
	conn_reply_ok(req->conn);
	return 0;
}

/* -c CMDLINE */
static int lu_args(struct control_req *req)
{
	struct lu *lu = req->d->lu;

	if (req->n != 3)
		return EINVAL;
	talloc_free(lu->args);
	lu->args = talloc_strdup(lu, req->arg[2]);
	if (!lu->args)
		return ENOMEM;
	conn_reply_ok(req->conn);
	return 0;
}

/* -a */
static int lu_abort(struct control_req *req)
{
	/* while it rehearses, who asked is held and cannot come here */
	lu_forget(req->d->lu);
	conn_reply_ok(req->conn);
	return 0;
}

/*
 * -s [-t SECONDS] [-F] [-v VERSION].  There is nothing to wait for and nothing
 * to force here: open transactions are carried over.  -t bounds the rehearsal.
 */
static int lu_start(struct control_req *req)
{
	struct lu *lu = req->d->lu;
	uint64_t timeout_ms = REHEARSAL_MS;
	uint32_t v;
	int i;

	for (i = 2; i < req->n; i++) {
		if (!strcmp(req->arg[i], "-F"))
			continue;
		if (i + 1 >= req->n ||
		    parse_u32(req->arg[i + 1], TIMEOUT_MAX_S, &v))
			return EINVAL;
		if (!strcmp(req->arg[i], "-t"))
			timeout_ms = v ? v * 1000ull : REHEARSAL_MS;
		else if (strcmp(req->arg[i], "-v"))
			return EINVAL;
		else if (v != 1) {
			control_reply_text(req, "Migration stream version not "
						"supported.");
			return 0;
		}
		i++;
	}
	lu->began_ms = host_call(req->d->host, now_ms);
	lu->deadline_ms = lu->began_ms + timeout_ms;
	req->conn->held = true;
	lu_rehearse(req->d);
	return 0;
}

static int control_live_update(struct control_req *req)
{
	struct lu *lu = req->d->lu;

	if (!strcmp(req->arg[1], "-f"))
		return lu_arm(req);
	if (!strcmp(req->arg[1], "-r"))
		return lu_report(req);
	if (lu->state == LU_IDLE || lu->conn_id != req->conn->client.id) {
		control_reply_text(req, lu->state == LU_IDLE
						? "live-update session not "
						  "active."
						: "live-update session already "
						  "active.");
		return 0;
	}
	if (!strcmp(req->arg[1], "-a"))
		return lu_abort(req);
	if (!strcmp(req->arg[1], "-c"))
		return lu_args(req);
	if (!strcmp(req->arg[1], "-s"))
		return lu_start(req);
	return EINVAL;
}

static const struct control_command commands[] = {
	{"live-update", "[-c <cmdline>] [-F] [-t <timeout>] <file>",
	 "replaces the running xenstored by another binary", 1, 8,
	 control_live_update},
};

int lu_init(struct daemon *d)
{
	struct control_commands *table =
		talloc_zero(d, struct control_commands);

	d->lu = talloc_zero(d, struct lu);
	if (!d->lu || !table)
		return ENOMEM;
	table->more = d->commands;
	table->command = commands;
	table->n = sizeof(commands) / sizeof(commands[0]);
	d->commands = table;
	return 0;
}
