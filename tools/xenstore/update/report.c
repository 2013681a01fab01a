/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: the reply to live-update -r.  Any connection may ask, also while
 * another one waits for its update.
 *
 * A title, then lines "name value".  Readers skip names that they do not know.
 * xenstore-control formats it for people.
 */
#include "update/update-internal.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/buf.h"
#include "base/escape.h"
#include "control/control.h"

#define TITLE	   "live-update report\n"
#define VALUE_TEXT 500 /* bytes of a text; a reply holds 4096 */

void update_report_failed(struct update *u, enum update_how how,
			  const char *binary, const char *reason)
{
	struct update_last *last = &u->last;

	talloc_free(last->binary);
	talloc_free(last->reason);
	memset(last, 0, sizeof(*last));
	last->result = UPDATE_FAILED;
	last->how = how;
	last->binary = talloc_strdup(u, binary ? binary : "?");
	last->reason = talloc_strdup(u, reason);
}

static void put_number(struct wbuf *out, const char *name, uint64_t value)
{
	wbuf_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

/* Escaped to one line; nothing for an empty text. */
static void put_text(struct wbuf *out, const char *name, const char *text)
{
	char value[VALUE_TEXT + 1];

	if (!text || !*text)
		return;
	escape(value, sizeof(value), text, strlen(text), ESCAPE_LINE);
	wbuf_printf(out, "%s %s\n", name, value);
}

static void put_last(struct wbuf *out, const struct update_last *last)
{
	static const char *const results[] = {[UPDATE_NONE] = "none",
					      [UPDATE_DONE] = "ok",
					      [UPDATE_FAILED] = "failed"};
	static const char *const ways[] = {[UPDATE_ANY] = "",
					   [UPDATE_IN_PLACE] = "in-place",
					   [UPDATE_BESIDE] = "beside"};

	put_text(out, "last", results[last->result]);
	put_text(out, "file", last->binary);
	put_text(out, "how", ways[last->how]);
	if (last->result == UPDATE_FAILED)
		put_text(out, "reason", last->reason);
	if (last->result != UPDATE_DONE)
		return;
	put_number(out, "nodes", last->counts.nodes);
	put_number(out, "connections", last->counts.conns);
	put_number(out, "watches", last->counts.watches);
	put_number(out, "transactions", last->counts.txs);
	put_number(out, "image-bytes", last->counts.size);
	put_number(out, "rehearsal-ms", last->rehearsal_ms);
	if (last->pause_us)
		put_number(out, "pause-us", last->pause_us);
}

/* Of an update that goes on. */
static void put_step(struct wbuf *out, const struct daemon *d)
{
	const struct update *u = d->update;
	char text[UPDATE_STEP_TEXT];

	if (u->state == UPDATE_IDLE)
		return;
	if (!u->loading) {
		put_text(out, "step", u->step);
	} else {
		update_load_text(d, text, sizeof(text));
		put_text(out, "step", text);
		put_number(out, "nodes-sent", update_load_nodes(d));
		put_number(out, "lag-bytes",
			   host_call(d->host, beside_backlog));
	}
	if (u->state == UPDATE_REHEARSE || u->loading)
		put_number(out, "elapsed-ms",
			   host_call(d->host, now_ms) - u->began_ms);
}

int update_report(struct control_req *req)
{
	/* no client sees GO: none is served then */
	static const char *const states[] = {[UPDATE_IDLE] = "idle",
					     [UPDATE_ARMED] = "armed",
					     [UPDATE_REHEARSE] = "rehearse",
					     [UPDATE_WAIT] = "wait",
					     [UPDATE_GO] = "go",
					     [UPDATE_LOAD] = "load",
					     [UPDATE_READY] = "ready"};
	const struct update *u = req->d->update;
	struct wbuf out;

	if (req->n != 2)
		return EINVAL;
	wbuf_init(&out, req->ctx);
	wbuf_printf(&out, TITLE);
	put_text(&out, "state", states[u->state]);
	put_step(&out, req->d);
	put_last(&out, &u->last);
	wbuf_u8(&out, 0);
	if (out.failed)
		return ENOMEM;
	control_reply_text(req, (const char *)out.data);
	return 0;
}
