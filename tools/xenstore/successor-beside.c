/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor-beside: see successor-beside.h.  Called by main.c.
 *
 * Until beside_serves() nothing here is seen outside.  After it nothing fails:
 * what does is logged.
 */
#include "successor-beside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/fault.h"
#include "host/host-xen.h"
#include "start.h"
#include "state/follow.h"
#include "successor.h"
#include "update/update.h"

#define MAP_RINGS 16u /* mapped at a time, while no piece waits */

struct predecessor {
	struct beside *b;
	const struct options *o;
	int fd;	   /* the stream */
	bool told; /* that this daemon serves */
};

_Noreturn void beside_refuse(const struct beside *b, const struct err *err)
{
	char line[BESIDE_LINE];

	snprintf(line, sizeof(line), "error: %s", err->text);
	beside_say(b, line);
	exit(1);
}

static void step(const struct beside *b, const char *what)
{
	char line[BESIDE_LINE];

	snprintf(line, sizeof(line), "step %s", what);
	beside_say(b, line);
}

/* Tests (base/fault.h): where this process can fail. */
static int at(const char *name, struct err *err)
{
	fault_pause(name);
	fault_crash(name);
	return fault(name) ? err_set(err, EINVAL, "made to refuse") : 0;
}

/* ---- after the first round ---- */

/*
 * DAEMON_TAG_PREDECESSOR: first the stream can be written to; later the old
 * daemon has closed it, with its lock on the pid file.
 */
static void predecessor_event(struct daemon *d)
{
	struct predecessor *p = d->predecessor;
	struct err err;

	if (!p)
		return;
	if (!p->told) {
		p->told = true;
		(void)host_call(d->host, poll_set, p->fd, HOST_IN,
				DAEMON_TAG_PREDECESSOR);
		beside_served(p->b);
		if (beside_promote(p->b, &err))
			log_line(d->log, LOG_EVENT, "live update: %s",
				 err.text);
		return;
	}
	host_call(d->host, poll_del, p->fd);
	beside_end(p->b);
	if (start_pid_file(p->o->pid_file, &err))
		log_line(d->log, LOG_EVENT, "%s", err.text);
	d->predecessor = NULL;
	talloc_free(p);
}

static int await_first_round(struct daemon *d, struct beside *b,
			     const struct options *o, struct err *err)
{
	struct predecessor *p = talloc_zero(d, struct predecessor);
	int rc = p ? 0 : ENOMEM;

	if (!rc) {
		*p = (struct predecessor){b, o, beside_stream(b), false};
		d->predecessor = p;
		d->predecessor_event = predecessor_event;
		rc = host_call(d->host, poll_add, p->fd, HOST_OUT,
			       DAEMON_TAG_PREDECESSOR);
	}
	return rc ? err_set(err, rc, "cannot poll the old daemon's stream: %s",
			    strerror(rc))
		  : 0;
}

/* ---- loading ---- */

static int load_begin(struct daemon *d, struct beside *b,
		      struct follow **ret_follow, struct err *err)
{
	int rc = at("beside-start", err);

	step(b, "asking the hypervisor");
	if (!rc)
		rc = host_xen_probe(err);
	step(b, "loading the state");
	return rc ? rc : follow_begin(d, beside_fd, b, ret_follow, err);
}

/*
 * first: checks the store, too.  When the old daemon asks again it only wants to
 * know how far this process is, and a check would let it fall behind again.
 */
static int load_all(struct daemon *d, struct beside *b, struct follow *f,
		    bool first, struct err *err)
{
	int rc = at("beside-map", err);

	(void)follow_map(f, UINT32_MAX);
	if (first)
		step(b, "checking the store that was loaded");
	if (!rc && first)
		rc = state_check(d, err);
	if (!rc)
		rc = at("beside-loaded", err);
	if (!rc)
		beside_say(b, "loaded");
	return rc;
}

/* Until the last piece, which is applied, too. */
static int load(struct daemon *d, struct beside *b, struct follow *f,
		struct state_restored *from, struct err *err)
{
	enum beside_kind kind;
	bool first = true;
	const void *data;
	size_t len;
	int rc;

	do {
		while (beside_idle(b) && follow_map(f, MAP_RINGS))
			;
		rc = beside_next(b, &kind, &data, &len, err);
		if (rc == EPIPE) {
			log_line(d->log, LOG_EVENT, "live update: %s",
				 err->text);
			exit(1);
		}
		if (!rc && kind == BESIDE_PIECE)
			rc = at("beside-piece", err);
		if (!rc && kind == BESIDE_PIECE)
			rc = follow_piece(f, data, len, err);
		else if (!rc && kind == BESIDE_ASK)
			rc = load_all(d, b, f, first, err);
		first = first && kind != BESIDE_ASK;
	} while (!rc && kind != BESIDE_CUT);
	if (!rc)
		rc = at("beside-cut", err);
	fault_memory("beside-cut");
	return rc ? rc : follow_cut(f, data, len, from, err);
}

void beside_take_over(struct daemon *d, struct beside *b,
		      const struct options *o, const struct err *no_log)
{
	struct state_restored from;
	struct err err = {0};
	struct follow *f;
	int rc = load_begin(d, b, &f, &err);

	if (!rc)
		rc = load(d, b, f, &from, &err);
	if (!rc)
		rc = successor_check_log(o, &from, no_log, &err);
	if (!rc)
		rc = await_first_round(d, b, o, &err);
	if (!rc)
		rc = at("beside-swap", &err);
	if (!rc)
		rc = beside_swap(b, &err);
	if (!rc)
		rc = at("beside-serves", &err);
	if (!rc)
		rc = beside_serves(b, &err);
	if (rc)
		beside_refuse(b, &err);
	fault_memory(NULL);
	/* settings made at run time outrank the command line */
	log_want(d->log, o->trace);
	if (from.have_log)
		log_restore(d->log, from.log_switches, from.log_path);
	beside_tidy(b);
	state_resume(d);
	update_took_over(d, &from, UPDATE_BESIDE);
}
