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

#include "base/escape.h"
#include "base/fault.h"
#include "control/control.h"
#include "transport/conn.h"
#include "transport/unread.h"

/* An answer "OK", queued. */
#define OK_REPLY_BYTES (WIRE_HEADER_SIZE + sizeof("OK"))

void lu_forget(struct daemon *d)
{
	struct lu *lu = d->lu;
	struct lu_last last = lu->last;
	struct conn *c;

	talloc_free(lu->binary);
	talloc_free(lu->args);
	memset(lu, 0, sizeof(*lu));
	lu->last = last;
	if (!d->no_new_tx)
		return;
	d->no_new_tx = false;
	list_for_each (c, &d->conns, all) {
		if (!c->tx_waits)
			continue;
		c->tx_waits = false;
		conn_ready(c, CONN_READY_IN);
	}
}

/* Answers who asked and forgets the update; nothing else has changed. */
static void lu_fail(struct daemon *d, const char *why)
{
	struct lu *lu = d->lu;
	struct conn *c = conn_find(d, lu->conn_id);
	struct escaped e;
	char *text;

	/* they may be the words of a program that is no xenstored */
	why = escape_str(&e, why, ESCAPE_LINE);
	text = talloc_asprintf(d, "%s; nothing changed", why);
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
	host_call(d->host, lu_rehearse_stop);
	lu_report_failed(lu, lu->binary, why);
	lu_forget(d);
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

void lu_rehearse(struct daemon *d)
{
	struct lu *lu = d->lu;
	struct err err = {0};
	int rc;

	fault_memory("prepare");
	rc = host_call(d->host, lu_rehearse, lu->binary, lu->args,
		       lu->kind == HOST_OURS ? dump_for_rehearsal : NULL, d,
		       DAEMON_TAG_UPDATE, &err);
	fault_memory(NULL);
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
		lu_fail(d, err.text);
		return;
	}
	lu->rehearsal_ms =
		(uint32_t)(host_call(d->host, now_ms) - lu->began_ms);
	log_line(d->log, LOG_EVENT, "live update to %s: rehearsed in %u ms",
		 lu->binary, lu->rehearsal_ms);
	lu->state = lu->kind == HOST_OURS ? LU_GO : LU_WAIT;
	d->no_new_tx = lu->state == LU_WAIT;
}

/* ---- the update itself ---- */

int lu_write_image(struct daemon *d, int fd, bool ports,
		   struct lu_counts *ret_counts, struct err *err)
{
	struct child_dump cd = {d, fd};
	struct lu_dump_options opt = {
		.update_conn = d->lu->conn_id,
		.update_len = OK_REPLY_BYTES,
		.update_binary = d->lu->binary,
		.stopped_us = d->lu->stopped_us,
		.rehearsal_ms = d->lu->rehearsal_ms,
		.no_ports = !ports,
	};

	return lu_dump(d, &opt, into_file, &cd, ret_counts, err);
}

int *lu_keep(const struct daemon *d, size_t *ret_n)
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
	struct lu_counts counts;
	struct err err = {0};
	uint32_t replies;
	int fd = -1, rc;
	struct conn *c;

	jobs_finish(&d->jobs);
	unread_close(d);
	c = conn_find(d, lu->conn_id);
	fault_pause("go");
	fault_memory("go");
	log_tell_left_out(d->log);
	lu->stopped_us = host_call(d->host, now_us);
	if (!c) {
		lu_fail(d, "who asked for it is gone");
		return;
	}
	c->held = false;
	replies = c->replies;
	conn_reply_ok(c);
	if (c->replies == replies) {
		lu_fail(d, "who asked for it cannot be answered");
		return;
	}
	if (lu->kind != HOST_OURS) {
		conn_settle(c);
		lu_end_transactions(d); /* of whoever asked, at most */
		rc = lu_hand_back(d, &err);
		goto failed;
	}
	rc = host_call(d->host, lu_image, &fd, &err);
	if (!rc)
		rc = lu_write_image(d, fd, true, &counts, &err);
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
failed:
	fault_memory(NULL);
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
	if (lu->state != LU_REHEARSE && lu->state != LU_WAIT)
		return timeout_ms;
	now = host_call(d->host, now_ms);
	left = now >= lu->deadline_ms ? 0 : (int)(lu->deadline_ms - now);
	return timeout_ms < 0 || left < timeout_ms ? left : timeout_ms;
}

/* The time that it was given is over. */
static bool lu_late(const struct daemon *d)
{
	return host_call(d->host, now_ms) >= d->lu->deadline_ms;
}

/* One request may end other connections, which are looked for by number. */
static int settle_all(struct daemon *d)
{
	uint32_t *ids = talloc_array(d, uint32_t, d->nconns + 1), n = 0, i;
	struct conn *c;

	if (!ids)
		return ENOMEM;
	list_for_each (c, &d->conns, all)
		if (c->in_len)
			ids[n++] = c->client.id;
	for (i = 0; i < n; i++) {
		c = conn_find(d, ids[i]);
		if (c)
			conn_settle(c);
	}
	talloc_free(ids);
	return 0;
}

/*
 * A stock daemon cannot carry transactions on: those that are open may end,
 * no new one begins (conn.c), and what is left in the end is forced or spares
 * this daemon.
 */
static void lu_wait(struct daemon *d)
{
	struct lu *lu = d->lu;
	char text[400];

	if (lu_transactions(d, text, sizeof(text))) {
		if (!lu_late(d))
			return;
		if (!lu->force) {
			lu_fail(d, text);
			return;
		}
		log_line(d->log, LOG_EVENT, "live update to %s: forced: %s",
			 lu->binary, text);
		lu_end_transactions(d);
	}
	if (settle_all(d)) {
		lu_fail(d, "no memory to serve what has been read");
		return;
	}
	if (!lu_transactions(d, text, sizeof(text)))
		lu->state = LU_GO;
}

void lu_step(struct daemon *d)
{
	struct lu *lu = d->lu;

	if (lu->state == LU_IDLE)
		return;
	if (!conn_find(d, lu->conn_id)) {
		lu_fail(d, "who asked for it is gone");
		return;
	}
	if (lu->state == LU_REHEARSE && lu_late(d)) {
		lu_fail(d, "the new binary did not finish its rehearsal in "
			   "time");
		return;
	}
	if (lu->state == LU_WAIT)
		lu_wait(d);
	/* what takes long is done in pieces, not in the pause */
	if (lu->state == LU_GO && (!jobs_any(&d->jobs) || lu_late(d)))
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
	struct escaped e;
	struct out *last;
	char *text;

	reason = escape_str(&e, reason, ESCAPE_LINE);
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
