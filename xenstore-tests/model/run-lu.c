// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run-lu: a client cannot tell whether there was an update; see model.h.
 *
 *   SEED=number     the first seed (default: a fixed one)
 *   N=number        requests run with updates, in all modes together
 *   PROGRAM=number  requests of one program; each program has a seed
 *   MODEL_LOG=1     with the daemon's log
 *
 * Each seed makes a program, which runs plain and then in each mode. After
 * every step everything in state.c must be equal.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "model.h"
#include "store/store.h"
#include "store/tree.h"

#define SAY_EVERY   50000u
#define MOST_FAILED 4u

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static size_t memory_of(const struct world *w)
{
	return talloc_total_size(w->run->d) +
	       tree_memory(w->run->d->store->tree);
}

/* ---- one program ---- */

static void record(struct program *p, struct state **states, unsigned int *size,
		   const struct step *s, const struct world *w)
{
	if (p->n == *size) {
		*size = *size ? 2 * *size : 1024;
		p->step = talloc_realloc(NULL, p->step, struct step, *size);
		*states = talloc_realloc(NULL, *states, struct state, *size);
	}
	p->step[p->n] = *s;
	state_take(w, &(*states)[p->n++]);
}

/* Makes the program while the plain world runs it. */
static struct program generate(uint64_t seed, unsigned int requests,
			       struct state **ret_states, size_t *ret_memory)
{
	struct gen g = {.x = seed};
	struct program p = {0};
	void *bytes = talloc_new(NULL);
	unsigned int size = 0;

	g.w = world_new(NULL, MODE_PLAIN);
	*ret_states = NULL;
	while (p.requests < requests) {
		struct step s = gen_step(&g, bytes, &p.requests);

		if (world_step(g.w, &s)) {
			printf("FAIL seed %llu, step %u, without updates: "
			       "%s\n",
			       (unsigned long long)seed, p.n, g.w->run->failed);
			p = (struct program){&s, 1, 0};
			say_program(&p);
			exit(1);
		}
		record(&p, ret_states, &size, &s, g.w);
	}
	*ret_memory = memory_of(g.w);
	world_free(g.w);
	talloc_steal(p.step, bytes);
	return p;
}

/* Runs step i of w; if the result is wrong, true and *f is set. */
static bool step_fails(struct world *w, const struct program *p, unsigned int i,
		       const struct state *want, struct failure *f)
{
	struct state have;

	memset(f, 0, sizeof(*f));
	f->step = i;
	f->part = -1;
	if (world_step(w, &p->step[i])) {
		snprintf(f->text, sizeof(f->text), "%s", w->run->failed);
		return true;
	}
	state_take(w, &have);
	f->part = state_differs(want, &have);
	return f->part >= 0;
}

bool program_fails(const struct program *p, enum mode mode, bool remember,
		   struct failure *ret)
{
	struct world *a = world_new(NULL, MODE_PLAIN);
	struct world *b = world_new(NULL, mode);
	struct state want;
	bool fails = false;
	unsigned int i;

	a->remember = b->remember = remember;
	for (i = 0; i < p->n && !fails; i++) {
		if (world_step(a, &p->step[i]))
			break; /* another failure */
		state_take(a, &want);
		fails = step_fails(b, p, i, &want, ret);
	}
	if (fails && remember)
		say_streams(a, b);
	world_free(a);
	world_free(b);
	return fails;
}

/* ---- a mode ---- */

static void say_failure(const struct failure *f)
{
	void *ctx = talloc_new(NULL);
	const char *what = f->part < 0 ? f->text : state_part(ctx, f->part);

	printf("step %u: %s%s\n", f->step, what,
	       f->part < 0 ? "" : " differs from the run without updates");
	talloc_free(ctx);
}

static void report(struct program *p, enum mode mode, uint64_t seed,
		   struct failure *f)
{
	printf("FAIL seed %llu, %s: ", (unsigned long long)seed,
	       mode_name[mode]);
	say_failure(f);
	printf("run alone: make check-lu SEED=%llu N=1\n",
	       (unsigned long long)seed);
	fflush(stdout);
	program_shrink(p, mode, f);
	printf("the shortest failing program:\n");
	say_program(p);
	if (program_fails(p, mode, true, f))
		say_failure(f);
	else
		printf("it did not fail when it was repeated\n");
}

/* Returns true if it passed. */
static bool run_mode(struct program *p, enum mode mode, uint64_t seed,
		     const struct state *want, size_t memory,
		     unsigned int *updates)
{
	struct world *w = world_new(NULL, mode);
	struct program copy = *p;
	struct failure f;
	bool bad = false;
	size_t have = 0;
	unsigned int i;

	for (i = 0; i < p->n && !bad; i++)
		bad = step_fails(w, p, i, &want[i], &f);
	*updates += w->ret.updates;
	if (!bad) {
		beside_drop(w->run);
		have = memory_of(w);
	}
	world_free(w);
	if (bad)
		report(&copy, mode, seed, &f);
	/* grown tables may shrink, but no update may add memory */
	if (have > memory) {
		printf("FAIL seed %llu, %s: %zu bytes of memory; expected at most "
		       "%zu as without updates\n",
		       (unsigned long long)seed, mode_name[mode], have, memory);
		bad = true;
	}
	return !bad;
}

/* ---- all programs ---- */

struct totals {
	uint64_t seed, total; /* the next one; requests to run */
	uint64_t requests, said;
	unsigned int passed, failed, updates, steps;
	clock_t begun;
};

static void say_totals(const struct totals *t, const char *of)
{
	printf("lu: %llu%s requests in %u steps, %u updates, %u differences, "
	       "next seed %llu, %.0f s\n",
	       (unsigned long long)t->requests, of, t->steps, t->updates,
	       t->failed, (unsigned long long)t->seed,
	       (double)(clock() - t->begun) / CLOCKS_PER_SEC);
	fflush(stdout);
}

static void run_program(struct totals *t, unsigned int size)
{
	struct state *states;
	unsigned int m;
	size_t memory;
	struct program p = generate(t->seed, size, &states, &memory);

	for (m = MODE_UPDATE; m < MODES; m++) {
		if (run_mode(&p, (enum mode)m, t->seed, states, memory,
			     &t->updates))
			t->passed++;
		else
			t->failed++;
		fflush(stdout);
	}
	t->seed++;
	t->requests += p.requests * (MODES - 1ull);
	t->steps += p.n * (MODES - 1u);
	talloc_free(p.step);
	talloc_free(states);
}

int main(void)
{
	struct totals t = {.begun = clock()};
	unsigned int size = (unsigned int)number("PROGRAM", 2500);
	char of[40];

	/* freed memory is overwritten, so a successor finds nothing left */
	mallopt(M_PERTURB, 0xa5);
	t.seed = number("SEED", 20240607);
	t.total = number("N", 300000);
	snprintf(of, sizeof(of), " of %llu", (unsigned long long)t.total);
	printf("lu: SEED=%llu N=%llu\n", (unsigned long long)t.seed,
	       (unsigned long long)t.total);
	while (t.requests < t.total && t.failed < MOST_FAILED) {
		run_program(&t, size);
		if (t.requests - t.said < SAY_EVERY)
			continue;
		t.said = t.requests;
		say_totals(&t, of);
	}
	say_totals(&t, "");
	printf("lu: %u passed, %u failed\n", t.passed, t.failed);
	return t.failed || !t.passed;
}
