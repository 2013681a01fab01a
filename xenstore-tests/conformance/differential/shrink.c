/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shrink: reduces a failing run. Each attempt is a run of fewer steps with two
 * new daemons; it counts if it fails in the same way. Most failures depend on
 * the last few hundred steps, so the front is cut first; then whole kinds of
 * steps (a client's, a domain's, a request's), then halves, quarters and so on
 * down to single steps, then pairs. Last, the steps themselves are simplified.
 * Called by main.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define BEGIN	  17u  /* steps in which gen.c creates the guests */
#define PAIRS_MAX 60u  /* steps; more have too many pairs */
#define SHOWN	  200u /* at most */
#define SURE	  3u   /* failing runs to conclude that all fail */
#define UNSURE	  6u   /* passing runs to conclude that none fails */

struct shrink {
	const struct options *o;
	const struct profile *p;
	struct step *steps;
	uint32_t n, left, tries;
	uint32_t
		runs; /* of each attempt: more if the failure depends on timing */
	bool *out, *trial;
	const char *kind;
	uint64_t end_us;
	FILE *null;
};

static bool in_time(const struct shrink *z)
{
	return time_us() < z->end_us;
}

/* Never left out: without it, or without guests, the failure is another one. */
static bool needed(const struct shrink *z, uint32_t i)
{
	return !i || (!z->p->deaths && i < BEGIN);
}

static bool fails_alike(struct shrink *z, const bool *out, struct outcome *ret)
{
	const struct chosen c = {z->steps, z->n, out};
	uint32_t i;

	for (i = 0; i < z->runs; i++) {
		z->tries++;
		run_chosen(z->o, z->p, &c, z->null, NULL, NULL, ret);
		if (ret->failed && !strcmp(ret->kind, z->kind))
			return true;
	}
	return false;
}

/* Does it always fail? Tried only once it is known to be short. */
static void find_runs(struct shrink *z)
{
	struct outcome got;
	uint32_t i;

	for (i = 0; i < SURE && in_time(z); i++)
		if (!fails_alike(z, z->out, &got))
			z->runs = UNSURE;
}

/* Counts the steps left after a successful attempt. */
static void accept(struct shrink *z, uint32_t at)
{
	uint32_t i;

	z->n = at;
	for (i = 0, z->left = 0; i < z->n; i++)
		z->left += !z->out[i];
}

/* Makes z->trial the new state if it still fails; it must leave out more. */
static bool try_out(struct shrink *z)
{
	struct outcome got;
	uint32_t i;

	for (i = 0; i < z->n; i++)
		if (needed(z, i))
			z->trial[i] = false;
	if (!in_time(z) || !memcmp(z->trial, z->out, z->n) ||
	    !fails_alike(z, z->trial, &got))
		return false;
	memcpy(z->out, z->trial, z->n);
	accept(z, got.at);
	return true;
}

/* ---- cut the front ---- */

static void cut_front(struct shrink *z)
{
	uint32_t keep, i;

	for (keep = 16; keep < z->n && in_time(z); keep *= 2) {
		for (i = 0; i < z->n; i++)
			z->trial[i] = i >= BEGIN && i + keep < z->n;
		if (try_out(z))
			return;
	}
}

/* ---- cut whole kinds of steps ---- */

static bool of_conn(const struct step *s, uint32_t conn)
{
	return s->kind == STEP_REQUEST && s->conn == conn;
}

static bool of_domain(const struct step *s, uint32_t domid)
{
	return s->domid == domid || of_conn(s, DOM0_RING + domid);
}

static bool of_type(const struct step *s, uint32_t type)
{
	return s->kind == STEP_REQUEST && s->type == type;
}

static bool of_kind(const struct step *s, uint32_t kind)
{
	return s->kind == kind;
}

static bool in_tx(const struct step *s, uint32_t conn)
{
	return of_conn(s, conn) && (s->tx || s->type == XS_TRANSACTION_START);
}

static bool of_conn_and_type(const struct step *s, uint32_t both)
{
	return of_conn(s, both % CONNS) && of_type(s, both / CONNS);
}

static const struct {
	bool (*is)(const struct step *s, uint32_t arg);
	uint32_t from, to;
} kinds[] = {
	{of_kind, STEP_WALK, STEP_WALK},
	{of_domain, 1, DOMAINS},
	{of_conn, 0, CONNS - 1},
	{in_tx, 0, CONNS - 1},
	{of_type, XS_CONTROL, XS_DIRECTORY_PART},
	{of_kind, STEP_INTRODUCE, STEP_RECONNECT},
	{of_conn_and_type, 0, CONNS *(XS_DIRECTORY_PART + 1) - 1},
};

static void cut_kinds(struct shrink *z)
{
	uint32_t arg, i;
	size_t k;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (arg = kinds[k].from; arg <= kinds[k].to; arg++) {
			memcpy(z->trial, z->out, z->n);
			for (i = 0; i < z->n; i++)
				z->trial[i] |= kinds[k].is(&z->steps[i], arg);
			(void)try_out(z);
		}
}

/* ---- cut parts ---- */

/* Leaves out `size` more, after the first `from` that are left. */
static void choose_part(struct shrink *z, uint32_t from, uint32_t size)
{
	uint32_t i, seen = 0;

	memcpy(z->trial, z->out, z->n);
	for (i = 0; i < z->n; i++)
		if (!z->out[i]) {
			z->trial[i] = seen >= from && seen < from + size;
			seen++;
		}
}

/* From the end: steps near the failure are the most likely to matter. */
static bool cut_parts(struct shrink *z, uint32_t size)
{
	uint32_t from = z->left;
	bool any = false;

	while (from && in_time(z)) {
		from = from > size ? from - size : 0;
		choose_part(z, from, size);
		if (try_out(z)) {
			any = true;
			from = from < z->left ? from : z->left;
		}
	}
	return any;
}

static void cut_halves(struct shrink *z)
{
	uint32_t size;

	for (size = z->left / 2; size > 1; size /= 2)
		(void)cut_parts(z, size);
	while (cut_parts(z, 1))
		;
}

/* The i-th of the steps left. */
static uint32_t nth(const struct shrink *z, uint32_t i)
{
	uint32_t at;

	for (at = 0; at < z->n; at++)
		if (!z->out[at] && !i--)
			break;
	return at;
}

/* Start and end, birth and death belong together: close pairs first. */
static bool cut_pairs(struct shrink *z)
{
	uint32_t gap, i;

	if (z->left > PAIRS_MAX)
		return false;
	for (gap = 1; gap < z->left; gap++)
		for (i = 0; i + gap < z->left && in_time(z); i++) {
			memcpy(z->trial, z->out, z->n);
			z->trial[nth(z, i)] = true;
			z->trial[nth(z, i + gap)] = true;
			if (try_out(z))
				return true;
		}
	return false;
}

/* ---- simplify steps ---- */

/* The size of all strings but the last; 0 if there is only one. */
static uint32_t before_last(const struct step *s)
{
	uint32_t at = s->len;

	if (at && !s->body[at - 1])
		at--;
	while (at && s->body[at - 1])
		at--;
	return at;
}

static bool simpler(struct step *s, uint32_t how)
{
	uint32_t at = before_last(s);

	switch (how) {
	case 0: /* not in a transaction */
		if (!s->tx || s->type == XS_TRANSACTION_END)
			return false;
		s->tx = 0;
		return true;
	case 1: /* one permission fewer */
		if (s->type != XS_SET_PERMS || !at ||
		    at == strlen((char *)s->body) + 1)
			return false;
		s->len = at;
		return true;
	case 2: /* a shorter value */
		at = (uint32_t)strnlen((char *)s->body, s->len) + 1;
		if (s->type != XS_WRITE || s->len < at + 2)
			return false;
		s->len = at + 1;
		return true;
	default:
		return false;
	}
}

static void simplify(struct shrink *z)
{
	struct outcome got;
	struct step was;
	uint32_t i, how;

	for (i = 0; i < z->n; i++)
		for (how = 0; how < 3 && !z->out[i] && in_time(z); how++) {
			was = z->steps[i];
			while (simpler(&z->steps[i], how) &&
			       fails_alike(z, z->out, &got)) {
				was = z->steps[i];
				accept(z, got.at);
			}
			z->steps[i] = was;
		}
}

/* Runs it again with a report; false if it did not fail this time. */
static bool again(const struct shrink *z, FILE *report, struct story *story)
{
	const struct chosen c = {z->steps, z->n, z->out};
	struct outcome got;

	run_chosen(z->o, z->p, &c, report, story, NULL, &got);
	return got.failed;
}

static char *last_words(const struct shrink *z)
{
	uint32_t i;
	bool failed = false;

	for (i = 0; i < z->runs && !failed; i++) {
		char *text = NULL;
		size_t size;
		FILE *report = open_memstream(&text, &size);

		if (!report)
			abort();
		failed = again(z, report, NULL);
		fclose(report);
		if (failed)
			return text;
		free(text);
	}
	return NULL;
}

static void print_result(struct shrink *z)
{
	struct story *story = story_new(stdout);
	char *words = last_words(z);
	uint32_t i;

	printf("\nthe same with %u steps, after %u tries%s:\n", z->left,
	       z->tries, z->runs > 1 ? " (it does not fail each time)" : "");
	for (i = nth(z, z->left > SHOWN ? z->left - SHOWN : 0); i < z->n; i++)
		if (!z->out[i])
			text_step(stdout, &z->steps[i]);
	if (z->left <= SHOWN) {
		printf("\nas a story, with what ours says:\n");
		(void)again(z, z->null, story);
	}
	story_free(story);
	printf("\nthen:\n%s", words ? words : "(did not happen again)\n");
	free(words);
}

uint32_t shrink_and_report(const struct options *o, const struct profile *p,
			   struct step *steps, const struct outcome *found)
{
	struct shrink z = {
		.o = o,
		.p = p,
		.steps = steps,
		.n = found->at,
		.left = found->at,
		.runs = 1,
		.kind = found->kind,
		/* a long run needs time for several attempts */
		.end_us = time_us() + o->shrink_s * 1000000ull + 5 * found->us,
		.out = calloc(found->at + 1u, 1),
		.trial = calloc(found->at + 1u, 1),
		.null = fopen("/dev/null", "w"),
	};

	if (!z.out || !z.trial || !z.null)
		abort();
	cut_front(&z);
	find_runs(&z);
	cut_kinds(&z);
	do
		cut_halves(&z);
	while (cut_pairs(&z));
	simplify(&z);
	print_result(&z);
	fclose(z.null);
	free(z.out);
	free(z.trial);
	return z.left;
}
