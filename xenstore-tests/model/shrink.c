// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shrink: leaves out steps of a failing program as long as it fails in the same
 * way, first many at once, then one by one; see model.h.
 */
#include <string.h>
#include <talloc.h>

#include "model.h"
#include "wire/wire.h"

#define MAX_TRIES 3000u

/* p without the n steps from `from` on. */
static struct program without(const void *ctx, const struct program *p,
			      unsigned int from, unsigned int n)
{
	struct program q = {.n = p->n - n};

	q.step = talloc_array(ctx, struct step, q.n + 1);
	memcpy(q.step, p->step, from * sizeof(*q.step));
	memcpy(q.step + from, p->step + from + n,
	       (p->n - from - n) * sizeof(*q.step));
	return q;
}

/* ---- one message a step ---- */

struct whole {
	void *ctx;
	struct program to;
	struct sh_bytes part[PEERS];
};

static void append(struct whole *w, const struct step *s)
{
	struct program *p = &w->to;

	p->step = talloc_realloc(w->ctx, p->step, struct step, p->n + 1);
	p->step[p->n++] = *s;
}

static void append_messages(struct whole *w, const struct step *from)
{
	struct sh_bytes *part = &w->part[from->peer];
	struct wire_header hdr;
	struct step s = *from;

	sh_bytes_put(w->ctx, part, from->bytes, from->len);
	while (part->len >= WIRE_HEADER_SIZE) {
		wire_get_header(part->p, &hdr);
		s.len = WIRE_HEADER_SIZE + (size_t)hdr.len;
		if (hdr.len > WIRE_PAYLOAD_MAX)
			s.len = part->len;
		if (s.len > part->len)
			return;
		s.bytes = talloc_size(w->ctx, s.len);
		sh_bytes_take(part, s.bytes, s.len);
		append(w, &s);
	}
}

/* The same program with each message sent whole, in a step of its own. */
static struct program whole_messages(const struct program *p)
{
	struct whole w = {.ctx = p->step};
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		if (p->step[i].kind == STEP_SEND)
			append_messages(&w, &p->step[i]);
		else
			append(&w, &p->step[i]);
	}
	return w.to;
}

/* ---- fewer steps ---- */

static bool leave_out(struct program *p, enum mode mode, struct failure *f,
		      unsigned int chunk, unsigned int *tries)
{
	bool any = false;
	unsigned int from = 0;
	struct failure now;

	while (from < p->n && *tries) {
		unsigned int n = chunk < p->n - from ? chunk : p->n - from;
		struct program q = without(p->step, p, from, n);

		--*tries;
		if (!program_fails(&q, mode, false, &now) ||
		    now.part != f->part) {
			talloc_free(q.step);
			from += n;
			continue;
		}
		/* the old steps own the bytes, so they stay its parent */
		p->step = q.step;
		p->n = now.step + 1;
		*f = now;
		any = true;
	}
	return any;
}

static void leave_out_all(struct program *p, enum mode mode, struct failure *f,
			  unsigned int *tries)
{
	unsigned int chunk = (p->n + 1) / 2;

	while (chunk) {
		if (!leave_out(p, mode, f, chunk, tries) || chunk > 1)
			chunk /= 2;
	}
}

/* Whole messages are easier to read and to leave out. */
static void try_whole(struct program *p, enum mode mode, struct failure *f)
{
	struct program whole = whole_messages(p);
	struct failure now;

	if (!program_fails(&whole, mode, false, &now) || now.part != f->part)
		return;
	*p = whole;
	p->n = now.step + 1;
	*f = now;
}

void program_shrink(struct program *p, enum mode mode, struct failure *f)
{
	unsigned int tries = MAX_TRIES;

	p->n = f->step + 1;
	try_whole(p, mode, f);
	leave_out_all(p, mode, f, &tries);
	try_whole(p, mode, f);
	leave_out_all(p, mode, f, &tries);
}
