// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-beside: a successor that is loaded beside the daemon of a story, a slice
 * at a time; called by story.c and by the random programs.
 *
 * Both daemons are in this process and on one host (script-beside.c).  Pieces
 * are kept in memory of their exact size until the daemon does not run.
 */
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#include "base/list.h"
#include "state/copy.h"
#include "state/follow.h"
#include "story-run.h"

struct piece {
	struct list next;
	size_t len;
	uint8_t *p;
};

struct beside {
	struct run *r;
	struct copy *copy; /* NULL: the pieces come from a command */
	struct daemon *d;
	struct follow *follow;
	struct list pieces;
	struct piece *last;
	bool all;
	uint64_t bytes; /* sent */
	bool passed[SH_FIRST_SOCK + SH_SOCKS];
};

/* ---- pieces ---- */

static int keep(void *arg, const void *data, size_t len, const int *fds,
		size_t nfds, struct err *err)
{
	struct beside *b = arg;
	struct piece *p = talloc_zero(b, struct piece);

	(void)err;
	p->len = len;
	b->bytes += len;
	p->p = talloc_memdup(p, data, len);
	list_add_tail(&b->pieces, &p->next);
	while (nfds--)
		b->passed[fds[nfds]] = true;
	return 0;
}

static int keep_last(void *arg, const void *data, size_t len, const int *fds,
		     size_t nfds, struct err *err)
{
	struct beside *b = arg;
	int rc = keep(b, data, len, fds, nfds, err);

	b->last = list_entry(b->pieces.prev, struct piece, next);
	list_del(&b->last->next);
	return rc;
}

/* A descriptor has the same number in both. */
static int passed_fd(void *arg, int number)
{
	const struct beside *b = arg;
	bool known = number >= 0 && number < SH_FIRST_SOCK + SH_SOCKS;

	return known && (!b->copy || b->passed[number]) ? number : -1;
}

/* The successor applies what was sent. */
static int apply(struct run *r)
{
	struct beside *b = r->beside;
	struct err err = {0};
	struct piece *p;
	int rc = 0;

	sh_switch(r->h);
	while (!rc && (p = list_first(&b->pieces, struct piece, next))) {
		list_del(&p->next);
		rc = follow_piece(b->follow, p->p, p->len, &err);
		talloc_free(p);
	}
	if (!rc)
		(void)follow_map(b->follow, 1);
	sh_switch(r->h);
	return rc ? run_fail(r, "the successor refuses a piece: %s", err.text)
		  : 0;
}

/* ---- beginning and end ---- */

static int make(struct run *r)
{
	struct config config = {0};
	struct err err = {0};
	struct beside *b = r->beside = talloc_zero(r, struct beside);

	b->r = r;
	list_init(&b->pieces);
	sh_switch(r->h);
	b->d = daemon_new(NULL, &r->h->host, NULL, &config, &err);
	if (b->d && follow_begin(b->d, passed_fd, b, &b->follow, &err))
		b->follow = NULL;
	sh_switch(r->h);
	return b->follow ? 0
			 : run_fail(r, "no successor was made: %s", err.text);
}

int beside_begin(struct run *r)
{
	struct err err = {0};
	int rc = make(r);

	if (!rc && copy_begin(r->d, keep, r->beside, &r->beside->copy, &err))
		rc = run_fail(r, "no copy began: %s", err.text);
	return rc;
}

void beside_drop(struct run *r)
{
	struct beside *b = r->beside;

	if (!b)
		return;
	if (b->copy)
		copy_end(b->copy);
	if (b->d) {
		sh_switch(r->h);
		daemon_free(b->d);
		sh_switch(r->h);
		sh_end_other(r->h);
	}
	TALLOC_FREE(r->beside);
}

/* ---- slices ---- */

bool beside_all(const struct run *r)
{
	return r->beside->all;
}

int beside_slices(struct run *r, unsigned int n, uint64_t work)
{
	struct beside *b = r->beside;
	struct err err = {0};
	int rc;

	while (n-- && !b->all) {
		rc = copy_step(b->copy, work, &b->all, &err);
		if (rc)
			return run_fail(r, "a slice failed: %s", err.text);
	}
	if (copy_flush(b->copy, &err))
		return run_fail(r, "the copy failed: %s", err.text);
	return apply(r);
}

/* ---- the cut ---- */

/* The last piece is there: the successor becomes the daemon. */
static int become(struct run *r)
{
	struct beside *b = r->beside;
	struct state_restored ret = {0};
	struct sh_effects before = r->h->did;
	uint64_t digest = state_digest(r->d);
	uint64_t bytes = b->bytes;
	struct log was = r->log;
	struct err err = {0};

	if (apply(r))
		return 1;
	sh_switch(r->h);
	if (follow_cut(b->follow, b->last->p, b->last->len, &ret, &err)) {
		sh_switch(r->h);
		return run_fail(r, "the successor refuses the cut: %s",
				err.text);
	}
	talloc_free(b->follow);
	if (b->copy)
		copy_end(b->copy);
	daemon_free(r->d);
	r->d = b->d;
	sh_end_other(r->h);
	TALLOC_FREE(r->beside);
	story_log_init(r);
	r->log.clock = was.clock;
	r->log.now_ms = was.now_ms;
	r->log.wall_ms = was.wall_ms;
	r->d->log = &r->log;
	if (ret.have_log)
		log_restore(&r->log, ret.log_switches, ret.log_path);
	if (state_digest(r->d) != digest)
		return run_fail(r, "the digest changed across a cut");
	if (ret.counts.size != bytes)
		return run_fail(r, "the successor counts %llu bytes of %llu",
				(unsigned long long)ret.counts.size,
				(unsigned long long)bytes);
	state_resume(r->d);
	r->ret->updates++;
	if (update_touched(&before, &r->h->did))
		return run_fail(r, "the successor touched a client or domain "
				   "too early");
	return 0;
}

int beside_cut(struct run *r)
{
	struct beside *b = r->beside;
	struct state_dump_options opt = {0};
	struct state_counts counts;
	struct err err = {0};

	if (beside_slices(r, UINT32_MAX, 1))
		return 1;
	if (copy_cut(b->copy, &opt, keep_last, b, &counts, &err))
		return run_fail(r, "the cut failed: %s", err.text);
	return become(r) || run_check(r);
}

int beside_from(struct run *r)
{
	struct sh_beside sent = r->h->beside;
	struct err err = {0};
	unsigned int i;
	int rc = make(r);

	r->h->beside = (struct sh_beside){0};
	for (i = 0; i < sent.npieces; i++)
		(void)(i + 1 < sent.npieces ? keep : keep_last)(
			r->beside, sent.piece[i].p, sent.piece[i].len, NULL, 0,
			&err);
	talloc_free(sent.piece);
	return rc || become(r);
}

/* ---- the modes ---- */

int beside_each_line(struct run *r)
{
	int rc = r->beside ? beside_cut(r) || run_settle(r) : 0;

	rc = rc || beside_begin(r) || beside_slices(r, r->slice++, 1);
	if (!rc && beside_all(r))
		r->slice = 0;
	return rc;
}

#define SLICES 3u /* between two lines, at most */
#define LINES  4u /* after the walk, at most */

int beside_sliced(struct run *r)
{
	int rc = r->beside ? 0 : beside_begin(r);

	if (!rc && !beside_all(r))
		return beside_slices(r, 1 + r->line % SLICES, 1);
	if (rc || r->line % LINES)
		return rc;
	return beside_cut(r) || run_settle(r);
}
