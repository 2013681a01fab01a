/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside: an update to a process that is loaded while this one serves.  Knows
 * neither what is in the stream (state/copy.h) nor how it is sent (host.h).
 * Called by update.c, command.c and report.c.
 *
 *	ARMED --start--> LOAD <--too much was sent since-- READY --cut--> ...
 *	                  |  \                              ^  |
 *	  +----failure----+   +---loaded, as it was asked---+  |
 *	  v                                                    |
 *	IDLE <-----------------------failure-------------------+
 *
 * LOAD sends a slice of the state in each round, after the turns of clients.
 * When all is sent it asks whether the successor has applied it.  What changes
 * meanwhile follows.  READY is left at the end of the same round: for the cut,
 * which is the pause, or back to LOAD with another question.  So what must be
 * applied in the pause gets less with each question, as long as the successor
 * is faster than the changes.
 */
#include "update/update-internal.h"

#include <errno.h>
#include <stdio.h>

#include "base/fault.h"
#include "state/copy.h"
#include "store/store.h"
#include "store/tree.h"
#include "transport/conn.h"

/* The walk waits while more than this waits for the successor, in bytes. */
#define WINDOW (4u << 20)
/*
 * Effects cannot wait, because they are made inside requests.  Beyond this the
 * update fails: a successor that has stopped must not cost this daemon more
 * memory, and one that far behind needs seconds to catch up.
 */
#define EFFECTS_MAX (68u << 20)
/* The successor applies this much in less than a ms: no need to ask again. */
#define SMALL  (32u << 10)
#define CUT_MS 5000u

static int into_stream(void *arg, const void *data, size_t len, const int *fds,
		       size_t nfds, struct err *err)
{
	struct daemon *d = arg;
	size_t waits = host_call(d->host, beside_backlog);
	size_t most = fault("short-window") ? WINDOW / 4 : EFFECTS_MAX;

	if (waits > most)
		return err_set(err, ENOBUFS,
			       "the new binary reads too slowly: %zu bytes "
			       "wait",
			       waits);
	return host_call(d->host, beside_put, data, len, fds, nfds, err);
}

void update_load(struct daemon *d)
{
	struct update *u = d->update;
	struct err err = {0};
	int rc;

	fault_memory("prepare");
	rc = host_call(d->host, beside_start, u->binary, u->args,
		       DAEMON_TAG_UPDATE, &err);
	u->loading = !rc;
	if (!rc)
		rc = copy_begin(d, into_stream, d, &u->copy, &err);
	fault_memory(NULL);
	if (rc) {
		update_fail(d, err.text);
		return;
	}
	log_line(d->log, LOG_EVENT, "live update to %s: loading it beside",
		 u->binary);
	snprintf(u->step, sizeof(u->step), "loading");
	u->state = UPDATE_LOAD;
}

void update_load_end(struct daemon *d)
{
	struct update *u = d->update;

	if (u->copy)
		copy_end(u->copy);
	u->copy = NULL;
	if (u->loading)
		host_call(d->host, beside_stop);
	u->loading = false;
}

uint64_t update_load_nodes(const struct daemon *d)
{
	struct copy_progress p;

	copy_progress(d->update->copy, &p);
	return p.nodes;
}

void update_load_text(const struct daemon *d, char *text, size_t size)
{
	const struct update *u = d->update;
	struct copy_progress p;

	copy_progress(u->copy, &p);
	if (!u->all)
		snprintf(text, size, "loading: %u of %u nodes sent", p.nodes,
			 d->store->tree->count);
	else if (u->state == UPDATE_LOAD)
		snprintf(text, size, "loading: all sent, %zu bytes wait",
			 host_call(d->host, beside_backlog));
	else
		snprintf(text, size, "loaded");
}

/* How much the successor may not have applied, in bytes. */
static uint64_t lag(const struct update *u)
{
	struct copy_progress p;

	copy_progress(u->copy, &p);
	return p.bytes - u->asked;
}

static int ask(struct daemon *d, struct err *err)
{
	struct update *u = d->update;
	int rc = copy_flush(u->copy, err);

	u->asked += lag(u);
	u->state = UPDATE_LOAD;
	return rc ? rc : host_call(d->host, beside_ask, err);
}

static void loaded(struct daemon *d)
{
	struct update *u = d->update;

	u->state = UPDATE_READY;
	u->rehearsal_ms = (uint32_t)(host_call(d->host, now_ms) - u->began_ms);
}

void update_load_event(struct daemon *d)
{
	struct err err = {0};
	int rc;

	while ((rc = host_call(d->host, beside_event, &err)) == EAGAIN) {
		if (!*err.text)
			return;
		update_said(d, "loading", err.text);
		err.text[0] = '\0';
	}
	if (rc)
		update_fail(d, err.text);
	else
		loaded(d);
}

/* ---- the pause ---- */

static int last_piece(void *arg, const void *data, size_t len, const int *fds,
		      size_t nfds, struct err *err)
{
	struct daemon *d = arg;
	uint32_t timeout_ms = fault("short-timer") ? CUT_MS / 10 : CUT_MS;

	return host_call(d->host, beside_cut, data, len, fds, nfds, timeout_ms,
			 err);
}

/*
 * The successor had begun to serve, and has ended: clients may have seen what
 * this daemon does not know.
 */
static void end(struct daemon *d, const char *why)
{
	log_line(d->log, LOG_EVENT,
		 "live update to %s: %s; this daemon ends, because its state "
		 "is from before that",
		 d->update->binary, why);
	d->stop = true;
}

/* Returns only on failure; all is undone then. */
static void cut(struct daemon *d)
{
	struct update *u = d->update;
	struct state_dump_options opt;
	struct copy_progress p;
	struct state_counts n;
	struct err err = {0};
	struct conn *c = update_stop(d, &opt);
	int rc;

	if (!c)
		return;
	state_count(d, &n);
	copy_progress(u->copy, &p);
	log_line(d->log, LOG_EVENT,
		 "live update to %s: loaded in %u ms: %u nodes, %u "
		 "connections, %u watches, %u transactions, %llu bytes; %llu "
		 "changes meanwhile",
		 u->binary, u->rehearsal_ms, n.nodes, n.conns, n.watches, n.txs,
		 (unsigned long long)p.bytes, (unsigned long long)p.effects);
	rc = copy_cut(u->copy, &opt, last_piece, d, &n, &err);
	if (rc == ENOTRECOVERABLE)
		end(d, err.text);
	else
		update_undo(d, c,
			    rc ? err.text : "the successor does not serve");
}

static void fail_late(struct daemon *d)
{
	char text[UPDATE_STEP_TEXT];

	snprintf(text, sizeof(text),
		 "the new binary was not loaded in time: %zu bytes wait",
		 host_call(d->host, beside_backlog));
	update_fail(d, text);
}

/* ---- each round ---- */

bool update_load_due(const struct daemon *d)
{
	const struct update *u = d->update;

	if (u->state == UPDATE_LOAD)
		return !u->all && host_call(d->host, beside_backlog) < WINDOW;
	return u->state == UPDATE_READY;
}

static int load(struct daemon *d, struct err *err)
{
	struct update *u = d->update;
	int rc;

	if (!update_load_due(d))
		return copy_flush(u->copy, err);
	rc = copy_step(u->copy, JOB_WORK, &u->all, err);
	return rc || !u->all ? rc : ask(d, err);
}

void update_load_step(struct daemon *d)
{
	struct update *u = d->update;
	bool late = update_late(d);
	struct err err = {0};
	int rc;

	fault_memory("load");
	if (u->state == UPDATE_LOAD)
		rc = load(d, &err);
	else
		rc = copy_flush(u->copy, &err);
	fault_memory(NULL);
	if (rc)
		update_fail(d, err.text);
	else if (u->state == UPDATE_LOAD && late)
		fail_late(d);
	else if (u->state == UPDATE_LOAD || (jobs_any(&d->jobs) && !late))
		return; /* long jobs finish in slices first, not in the pause */
	else if (lag(u) <= SMALL)
		cut(d);
	else if (late)
		fail_late(d);
	else if (ask(d, &err))
		update_fail(d, err.text);
}
