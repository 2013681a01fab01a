/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: see update.h.  Knows processes and files only through the host.
 * Driven by command.c and, through daemon.c, by the loop.
 */
#include "update/update.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/escape.h"
#include "base/fault.h"
#include "control/control.h"
#include "stock/hand-back.h"
#include "store/transaction.h"
#include "transport/conn.h"
#include "transport/unread.h"

/* The reply "OK" in the queue. */
#define OK_REPLY_BYTES (WIRE_HEADER_SIZE + sizeof("OK"))

static const char client_gone[] = "the requesting client disconnected";

void update_forget(struct daemon *d)
{
	struct update *u = d->update;
	struct update_last last = u->last;

	talloc_free(u->binary);
	talloc_free(u->args);
	memset(u, 0, sizeof(*u));
	u->last = last;
	conns_new_tx(d, CONNS_TX);
	conns_drain(d, false);
}

void update_fail(struct daemon *d, const char *why)
{
	struct update *u = d->update;
	struct conn *c = conn_find(d, u->conn_id);
	struct escaped e;
	char *text;

	/* the text may come from any program */
	why = escape_str(&e, why, ESCAPE_LINE);
	text = talloc_asprintf(d, "%s; nothing changed", why);
	log_line(d->log, LOG_EVENT, "live update to %s: %s; nothing changed",
		 u->binary ? u->binary : "?", why);
	if (c && c->life == CONN_HELD) {
		conn_go_on(c);
		if (text)
			conn_reply(c, text, strlen(text) + 1);
		else
			conn_reply_error(c, ENOMEM);
		conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
	}
	talloc_free(text);
	host_call(d->host, update_rehearse_stop);
	update_report_failed(u, u->binary, why);
	update_forget(d);
}

/* ---- rehearsal ---- */

struct child_dump {
	struct daemon *d;
	int fd;
};

static int into_file(void *arg, const void *data, size_t len, struct err *err)
{
	struct child_dump *cd = arg;

	return host_call(cd->d->host, update_image_write, cd->fd, data, len,
			 err);
}

/* Runs in the rehearsing child, on its copy of the state. */
static int dump_for_rehearsal(void *arg, int fd, struct err *err)
{
	struct child_dump cd = {arg, fd};
	struct state_dump_options opt = {0};
	struct state_counts counts;

	return state_dump(cd.d, &opt, into_file, &cd, &counts, err);
}

void update_rehearse(struct daemon *d)
{
	struct update *u = d->update;
	struct err err = {0};
	int rc;

	fault_memory("prepare");
	rc = host_call(d->host, update_rehearse, u->binary, u->args,
		       u->kind == HOST_OURS ? dump_for_rehearsal : NULL, d,
		       DAEMON_TAG_UPDATE, &err);
	fault_memory(NULL);
	if (rc) {
		update_fail(d, err.text);
		return;
	}
	log_line(d->log, LOG_EVENT, "live update to %s: rehearsing", u->binary);
	snprintf(u->step, sizeof(u->step), "rehearsing");
	u->state = UPDATE_REHEARSE;
}

/* The rehearsal reported a step. */
static void update_said(struct daemon *d, const char *step)
{
	struct update *u = d->update;

	snprintf(u->step, sizeof(u->step), "rehearsing: %.100s", step);
	log_line(d->log, LOG_EVENT, "live update to %s: %s", u->binary,
		 u->step);
}

void update_event(struct daemon *d)
{
	struct update *u = d->update;
	struct err err = {0};
	int rc;

	if (u->state != UPDATE_REHEARSE)
		return;
	while ((rc = host_call(d->host, update_rehearsed, &err)) == EAGAIN) {
		if (!*err.text)
			return;
		update_said(d, err.text);
		err.text[0] = '\0';
	}
	if (rc) {
		update_fail(d, err.text);
		return;
	}
	u->rehearsal_ms = (uint32_t)(host_call(d->host, now_ms) - u->began_ms);
	log_line(d->log, LOG_EVENT, "live update to %s: rehearsed in %u ms",
		 u->binary, u->rehearsal_ms);
	u->state = u->kind == HOST_OURS ? UPDATE_GO : UPDATE_WAIT;
	if (u->kind != HOST_OURS && u->kind != HOST_OX)
		conns_new_tx(d, CONNS_TX_WAIT);
}

/* ---- transactions, which a stock daemon does not take over ---- */

unsigned int update_transactions(const struct daemon *d, char *text,
				 size_t size)
{
	uint64_t now = host_call(d->host, now_ms);
	unsigned int n = 0;
	const struct conn *c;
	const struct tx *tx;
	size_t at = 0;
	int len =
		snprintf(text, size, "Domains with long running transactions:");

	list_for_each (c, &d->conns.all, all) {
		tx = list_first(&c->client.txs, struct tx, of_client);
		if (!tx || c->client.read_only) /* which end with it */
			continue;
		n++;
		at += (size_t)len;
		if (at >= size)
			continue;
		len = snprintf(text + at, size - at, "\nDomain %u: %llu s",
			       c->client.cred.domid,
			       (unsigned long long)(now - tx->started_ms) /
				       1000);
	}
	return n;
}

static void end_transactions(struct daemon *d, uint64_t age_ms)
{
	uint64_t now = host_call(d->host, now_ms);
	struct conn *c;
	struct tx *tx;

	list_for_each (c, &d->conns.all, all)
		while ((tx = list_first(&c->client.txs, struct tx,
					of_client)) &&
		       now - tx->started_ms >= age_ms)
			tx_free(tx);
}

void update_end_transactions(struct daemon *d, uint64_t age_ms,
			     const char *text)
{
	log_line(d->log, LOG_EVENT, "live update to %s: forced: %s",
		 d->update->binary, text);
	end_transactions(d, age_ms);
}

/* ---- the update itself ---- */

/*
 * Writes the image of an update to fd; the reply OK is queued in it.  ports: it
 * hands over the event channels.
 */
static int write_image(struct daemon *d, int fd, bool ports,
		       struct state_counts *ret_counts, struct err *err)
{
	struct child_dump cd = {d, fd};
	struct state_dump_options opt = {
		.update_conn = d->update->conn_id,
		.update_len = OK_REPLY_BYTES,
		.update_binary = d->update->binary,
		.stopped_us = d->update->stopped_us,
		.rehearsal_ms = d->update->rehearsal_ms,
		.no_ports = !ports,
	};

	return state_dump(d, &opt, into_file, &cd, ret_counts, err);
}

/* For stock_hand_back(): the stock daemon has taken the event channels. */
static int image_of_return(struct daemon *d, int fd, struct err *err)
{
	struct state_counts counts;

	return write_image(d, fd, false, &counts, err);
}

static int hand_back(struct daemon *d, struct err *err)
{
	const struct update *u = d->update;
	struct stock_successor to = {.binary = u->binary,
				     .args = u->args,
				     .kind = u->kind,
				     .force = u->force,
				     .conn = conn_find(d, u->conn_id),
				     .write_image = image_of_return};

	return stock_hand_back(d, &to, err);
}

static int update_become(struct daemon *d, int image_fd, struct err *err)
{
	struct update *u = d->update;
	size_t n;
	int *fds = conns_fds(d, true, &n);
	int rc;

	if (!fds)
		return err_set(err, ENOMEM, "no memory");
	rc = host_call(d->host, update_exec, u->binary, u->args, image_fd, fds,
		       n, err);
	talloc_free(fds);
	return rc;
}

/* Stops serving and execs.  Returns only on failure; all is undone then. */
static void update_go(struct daemon *d)
{
	struct update *u = d->update;
	struct state_counts counts;
	struct err err = {0};
	uint32_t replies;
	int fd = -1, rc;
	struct conn *c;

	jobs_finish(&d->jobs);
	unread_close(d);
	c = conn_find(d, u->conn_id);
	fault_pause("go");
	fault_memory("go");
	log_tell_left_out(d->log);
	u->stopped_us = host_call(d->host, now_us);
	if (!c) {
		update_fail(d, client_gone);
		return;
	}
	conn_go_on(c);
	replies = c->replies;
	conn_reply_ok(c);
	if (c->replies == replies) {
		update_fail(d, "no memory for the requesting client's reply");
		return;
	}
	if (u->kind != HOST_OURS) {
		conn_settle(c);
		end_transactions(d, 0); /* the requesting client's, at most */
		rc = hand_back(d, &err);
		goto failed;
	}
	rc = host_call(d->host, update_image, &fd, &err);
	if (!rc)
		rc = write_image(d, fd, true, &counts, &err);
	if (!rc) {
		log_line(d->log, LOG_EVENT,
			 "live update to %s: %u nodes, %u connections, %u "
			 "watches, %u transactions, %llu bytes",
			 u->binary, counts.nodes, counts.conns, counts.watches,
			 counts.txs, (unsigned long long)counts.size);
		rc = update_become(d, fd, &err);
	}
	if (fd >= 0)
		host_call(d->host, close, fd);
failed:
	fault_memory(NULL);
	conn_unqueue_tail(c, OK_REPLY_BYTES);
	conn_hold(c);
	update_fail(d, rc ? err.text : "exec returned without an error");
}

int update_timeout(const struct daemon *d, int timeout_ms)
{
	const struct update *u = d->update;
	uint64_t now, due = u->deadline_ms;
	int left;

	if (u->state == UPDATE_GO)
		return 0;
	if (u->state != UPDATE_REHEARSE && u->state != UPDATE_WAIT)
		return timeout_ms;
	if (u->state == UPDATE_WAIT && u->kind == HOST_OX)
		due = update_drain_due(u);
	now = host_call(d->host, now_ms);
	left = now >= due ? 0 : (int)(due - now);
	return timeout_ms < 0 || left < timeout_ms ? left : timeout_ms;
}

/* The deadline is over. */
static bool update_late(const struct daemon *d)
{
	return host_call(d->host, now_ms) >= d->update->deadline_ms;
}

/*
 * A stock daemon takes over no transactions.  No new one begins (conn.c); at the
 * deadline the open ones are ended (-F) or the update fails.
 */
static void update_wait(struct daemon *d)
{
	struct update *u = d->update;
	char text[UPDATE_WHO_TEXT];

	if (update_transactions(d, text, sizeof(text))) {
		if (!update_late(d))
			return;
		if (!u->force) {
			update_fail(d, text);
			return;
		}
		update_end_transactions(d, 0, text);
	}
	if (conns_settle(d)) {
		update_fail(d, UPDATE_NO_MEMORY);
		return;
	}
	if (!update_transactions(d, text, sizeof(text)))
		u->state = UPDATE_GO;
}

void update_step(struct daemon *d)
{
	struct update *u = d->update;

	if (u->state == UPDATE_IDLE)
		return;
	if (!conn_find(d, u->conn_id)) {
		update_fail(d, client_gone);
		return;
	}
	if (u->state == UPDATE_REHEARSE && update_late(d)) {
		update_fail(d, "the new binary did not finish its rehearsal in "
			       "time");
		return;
	}
	if (u->state == UPDATE_WAIT && u->kind == HOST_OX)
		update_drain(d);
	else if (u->state == UPDATE_WAIT)
		update_wait(d);
	/* long jobs finish in slices first, not in the pause */
	if (u->state == UPDATE_GO && (!jobs_any(&d->jobs) || update_late(d)))
		update_go(d);
}

void update_took_over(struct daemon *d, const struct state_restored *from,
		      enum update_how how)
{
	struct update_last *last = &d->update->last;
	const struct state_counts *n = &from->counts;
	uint64_t now = host_call(d->host, now_us);

	last->result = UPDATE_DONE;
	last->how = how;
	last->binary = talloc_strdup(d->update, from->update_binary);
	last->counts = *n;
	last->rehearsal_ms = from->rehearsal_ms;
	if (from->stopped_us && now > from->stopped_us)
		last->pause_us = now - from->stopped_us;
	log_line(d->log, LOG_EVENT,
		 "live update: took over %u nodes, %u connections, %u watches, "
		 "%u transactions from an image of %llu bytes; service paused "
		 "for %llu.%03llu ms",
		 n->nodes, n->conns, n->watches, n->txs,
		 (unsigned long long)n->size,
		 (unsigned long long)last->pause_us / 1000,
		 (unsigned long long)last->pause_us % 1000);
}

void update_took_stock(struct daemon *d, const struct state_restored *from,
		       bool ox)
{
	struct update_last *last = &d->update->last;

	d->update->arrived = ox;
	last->result = UPDATE_DONE;
	last->binary = talloc_strdup(d->update, d->config.binary);
	last->counts = from->counts;
}

void update_returned(struct daemon *d, const struct state_restored *from,
		     const char *reason)
{
	struct conn *c = conn_find(d, from->update_conn);
	struct escaped e;
	struct out *last;
	char *text;

	reason = escape_str(&e, reason, ESCAPE_LINE);
	log_line(d->log, LOG_EVENT,
		 "live update: the new binary failed (%s): back to the old "
		 "one, nothing changed",
		 reason);
	update_report_failed(d->update, from->update_binary, reason);
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
