// SPDX-License-Identifier: GPL-2.0-or-later
/* story: runs a story line by line; see story.h. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "busy.h"
#include "domain/domain.h"
#include "update/update.h"
#include "store/check.h"
#include "store/store.h"
#include "story-run.h"
#include "transport/conn.h"

#define MAX_ROUNDS 20000

const char *const story_mode_name[STORY_MODES] = {
	"plain",  "update", "swapped", "rebind",   "manage",
	"beside", "sliced", "strip",   "truncate",
};

/* ---- the daemon's turn ---- */

static bool run_busy(struct run *r)
{
	return busy(r->h, r->d) || !update_timeout(r->d, -1);
}

static int replaced(struct run *r)
{
	struct sh_bytes image = r->h->update_image;
	int rc;

	beside_drop(r);
	if (r->h->beside.npieces)
		return beside_from(r);
	r->h->update_image = (struct sh_bytes){0};
	r->h->no_handoff = false;
	rc = update_from(r, &image);
	if (!rc)
		state_resume(r->d);
	return rc;
}

int run_settle(struct run *r)
{
	unsigned int rounds;
	jmp_buf exec;

	if (r->hold && !r->round)
		return 0;
	/* the daemon execs its successor there, or is cut */
	if (setjmp(exec))
		if (replaced(r))
			return 1;
	r->h->update_exec = &exec;
	for (rounds = 0; rounds < MAX_ROUNDS; rounds++) {
		bool moved = peers_pump(r);
		bool wake = run_busy(r) || r->ticked;

		if (rounds && r->round)
			break;
		r->ticked = false;
		if (wake)
			daemon_round(r->d);
		else if (!moved)
			break;
	}
	r->h->update_exec = NULL;
	if (rounds == MAX_ROUNDS)
		return run_fail(r, "the daemon does not become idle");
	return 0;
}

/* Exactly the connections' pages are mapped and their ports bound. */
static int check_resources(struct run *r)
{
	unsigned int pages = 0, ports = r->d->death_port != 0;
	const struct conn *c;

	list_for_each (c, &r->d->conns.all, all) {
		pages += c->kind == CONN_RING && c->ring;
		ports += c->kind == CONN_RING && c->port;
	}
	if (pages != sh_mapped(r->h) || ports != sh_bound(r->h))
		return run_fail(r,
				"expected %u mapped pages and %u bound ports, "
				"seen %u and %u",
				pages, ports, sh_mapped(r->h), sh_bound(r->h));
	return 0;
}

int run_check(struct run *r)
{
	struct err err = {0};

	if (store_check(r->d->store, &err))
		return run_fail(r, "the store check failed: %s", err.text);
	return check_resources(r);
}

int run_step(struct run *r)
{
	int rc = run_settle(r);
	bool held = r->hold && !r->round;

	r->round = false;
	if (rc || held || r->no_updates)
		return rc;
	switch (r->mode) {
	case STORY_UPDATE:
		rc = update_now(r, false, true);
		break;
	case STORY_SWAPPED:
		rc = update_now(r, true, true);
		break;
	case STORY_REBIND:
		rc = update_now(r, false, false);
		break;
	case STORY_MANAGE:
		r->h->manage = !r->h->manage;
		rc = update_now(r, false, true);
		break;
	case STORY_BESIDE:
		return beside_each_line(r);
	case STORY_SLICED:
		return beside_sliced(r);
	case STORY_STRIP:
		return update_strip(r);
	default:
		return 0;
	}
	return rc ? rc : run_settle(r);
}

/* ---- lines ---- */

static int run_line(struct run *r, struct word *w, int n)
{
	int rc = run_message(r, w, n);

	r->ret->lines++;
	if (rc < 0)
		rc = verb_run(r, w, n);
	return rc ? rc : run_step(r);
}

static int tell_all(struct run *r, const char *text)
{
	struct peer *p;
	int rc = story_lines(r, text, run_line);

	if (!rc && r->hold)
		rc = run_fail(r, "the story ends without 'go'");
	if (!rc && r->beside)
		rc = beside_cut(r) || run_settle(r);
	list_for_each (p, &r->peers, next)
		if (!rc)
			rc = peer_silent(r, p);
	if (!rc)
		rc = run_check(r);
	if (!rc && r->mode == STORY_TRUNCATE)
		rc = update_truncate(r);
	return rc;
}

/* ---- beginning and end ---- */

static int begin(struct run *r)
{
	struct config config = {0};
	struct err err = {0};
	struct host *h = &r->h->host;

	r->d = daemon_new(NULL, h, &r->log, &config, &err);
	if (!r->d || daemon_populate(r->d, &err))
		return run_fail(r, "the daemon did not start: %s", err.text);
	r->d->conns.rw_fd = SH_RW_FD;
	r->d->conns.ro_fd = SH_RO_FD;
	if (host_call(h, poll_add, SH_RW_FD, HOST_IN, DAEMON_TAG_RW) ||
	    host_call(h, poll_add, SH_RO_FD, HOST_IN, DAEMON_TAG_RO))
		return run_fail(r, "the daemon cannot listen");
	return 0;
}

static void begin_dom0(struct run *r)
{
	struct peer *p = peer_new(r, "0");

	p->ring = true;
	r->h->dom0_ring = true;
	sh_domain_new(r->h, 0);
}

/*
 * Allocates the full size at once: growing byte by byte would copy everything
 * each time.
 */
static void remember_seen(struct run *r)
{
	size_t size = 1, i;
	struct peer *p;
	char *at;

	list_for_each (p, &r->peers, next)
		size += strlen(p->name) + 3 + 2 * p->log.len;
	at = r->ret->seen = talloc_zero_size(r->ret_ctx, size);
	list_for_each (p, &r->peers, next) {
		at += sprintf(at, "\n%s: ", p->name);
		for (i = 0; i < p->log.len; i++)
			at += sprintf(at, "%02x", p->log.p[i]);
	}
	if (r->d)
		r->ret->digest = state_digest(r->d);
}

void story_tell(const void *ctx, const char *file, const char *text,
		enum story_mode mode, struct story_result *ret)
{
	struct run *r = talloc_zero(ctx, struct run);
	int rc;

	memset(ret, 0, sizeof(*ret));
	r->file = file;
	r->mode = mode;
	r->ret = ret;
	r->ret_ctx = ctx;
	story_log_init(r);
	list_init(&r->peers);
	list_init(&r->vars);
	r->h = sh_new(r, 0x5707);
	if (strstr(text, "\ndom0\n") || !strncmp(text, "dom0\n", 5))
		begin_dom0(r);
	rc = begin(r);
	if (!rc)
		rc = tell_all(r, text);
	remember_seen(r);
	if (rc)
		ret->failed =
			talloc_asprintf(ctx, "%s:%u: [%s] %s", file, r->line,
					story_mode_name[mode], r->failed);
	beside_drop(r);
	if (r->d)
		daemon_free(r->d);
	talloc_free(r);
}
