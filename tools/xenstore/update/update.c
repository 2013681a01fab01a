/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: see update.h.  Knows processes and files only through the host.
 * Driven by command.c and, through daemon.c, by the loop.
 */
#include "update/update-internal.h"

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

	update_load_end(d);
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
	struct conn *c;
	struct escaped e;
	char *text;

	update_load_end(d);
	c = conn_find(d, u->conn_id);
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
	update_report_failed(u, u->how, u->binary, why);
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

void update_said(struct daemon *d, const char *doing, const char *step)
{
	struct update *u = d->update;

	snprintf(u->step, sizeof(u->step), "%s: %.100s", doing, step);
	log_line(d->log, LOG_EVENT, "live update to %s: %s", u->binary,
		 u->step);
}

void update_event(struct daemon *d)
{
	struct update *u = d->update;
	struct err err = {0};
	int rc;

	if (u->state == UPDATE_LOAD || u->state == UPDATE_READY)
		update_load_event(d);
	if (u->state != UPDATE_REHEARSE)
		return;
	while ((rc = host_call(d->host, update_rehearsed, &err)) == EAGAIN) {
		if (!*err.text)
			return;
		update_said(d, "rehearsing", err.text);
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

static struct state_dump_options image_options(const struct update *u)
{
	return (struct state_dump_options){
		.update_conn = u->conn_id,
		.update_len = OK_REPLY_BYTES,
		.update_binary = u->binary,
		.stopped_us = u->stopped_us,
		.rehearsal_ms = u->rehearsal_ms,
	};
}

/* Writes an image to fd; the reply OK is queued in it. */
static int write_image(struct daemon *d, int fd,
		       const struct state_dump_options *opt,
		       struct state_counts *ret_counts, struct err *err)
{
	struct child_dump cd = {d, fd};

	return state_dump(d, opt, into_file, &cd, ret_counts, err);
}

/* For stock_hand_back(): the stock daemon has taken the event channels. */
static int image_of_return(struct daemon *d, int fd, struct err *err)
{
	struct state_dump_options opt = image_options(d->update);
	struct state_counts counts;

	opt.no_ports = true;
	return write_image(d, fd, &opt, &counts, err);
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

struct conn *update_stop(struct daemon *d, struct state_dump_options *ret_opt)
{
	struct update *u = d->update;
	uint32_t replies;
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
		return NULL;
	}
	conn_go_on(c);
	replies = c->replies;
	conn_reply_ok(c);
	if (c->replies == replies) {
		update_fail(d, "no memory for the requesting client's reply");
		return NULL;
	}
	*ret_opt = image_options(u);
	return c;
}

void update_undo(struct daemon *d, struct conn *c, const char *why)
{
	fault_memory(NULL);
	update_load_end(d);
	conn_unqueue_tail(c, OK_REPLY_BYTES);
	conn_hold(c);
	update_fail(d, why);
}

/* Stops serving and execs.  Returns only on failure; all is undone then. */
static void update_go(struct daemon *d)
{
	struct update *u = d->update;
	struct state_dump_options opt;
	struct state_counts counts;
	struct err err = {0};
	int fd = -1, rc;
	struct conn *c = update_stop(d, &opt);

	if (!c)
		return;
	if (u->kind != HOST_OURS) {
		conn_settle(c);
		end_transactions(d, 0); /* the requesting client's, at most */
		rc = hand_back(d, &err);
		goto failed;
	}
	rc = host_call(d->host, update_image, &fd, &err);
	if (!rc)
		rc = write_image(d, fd, &opt, &counts, &err);
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
	update_undo(d, c, rc ? err.text : "exec returned without an error");
}

int update_timeout(const struct daemon *d, int timeout_ms)
{
	const struct update *u = d->update;
	uint64_t now, due = u->deadline_ms;
	int left;

	if (u->state == UPDATE_GO || update_load_due(d))
		return 0;
	if (u->state == UPDATE_IDLE || u->state == UPDATE_ARMED)
		return timeout_ms;
	if (u->state == UPDATE_WAIT && u->kind == HOST_OX)
		due = update_drain_due(u);
	now = host_call(d->host, now_ms);
	left = now >= due ? 0 : (int)(due - now);
	return timeout_ms < 0 || left < timeout_ms ? left : timeout_ms;
}

bool update_late(const struct daemon *d)
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
	if (u->state == UPDATE_LOAD || u->state == UPDATE_READY)
		update_load_step(d);
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
		 "%u transactions %s of %llu bytes; service paused for "
		 "%llu.%03llu ms",
		 n->nodes, n->conns, n->watches, n->txs,
		 how == UPDATE_BESIDE ? "beside, from a stream"
				      : "from an image",
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
	update_report_failed(d->update, UPDATE_IN_PLACE, from->update_binary,
			     reason);
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
