/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * differential: options, runs over seeds and profiles, and making a failing
 * run smaller.
 */
#include "diff.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*
 * Stock takes one watch and one transaction more than its options say.  Both
 * have many transaction-nodes: what counts as touched is not the same.
 */
#define ALWAYS "-N", "-Q", "transaction-nodes=1024"
/* Its clock runs fast, and what is not read in 20 s would be thrown away. */
#define PATIENT "-w", "watch-event=1000000"

static const char *const wide[SIDES][24] = {
	{ALWAYS, "-E", "100000", "-W", "1000", "-t", "20", PATIENT},
	{ALWAYS, "-E", "100000", "-W", "1001", "-t", "21"},
};

#define SMALL "-E", "40", "-S", "120", "-A", "3", "-M", "60"

static const char *const narrow[SIDES][24] = {
	{ALWAYS, SMALL, "-W", "4", "-t", "2", PATIENT},
	{ALWAYS, SMALL, "-W", "5", "-t", "3"},
};

static const struct profile profiles[] = {
	{"wide", {wide[STOCK], wide[OURS]}, true, true},
	{"narrow", {narrow[STOCK], narrow[OURS]}, false, false},
};

struct options {
	const char *top, *tmp, *stock, *ours, *profile;
	uint64_t seed;
	uint32_t n, seeds;
	uint32_t shrink_s;
};

/* What is met beside the rows of allow.c. */
static const struct {
	size_t at;
	const char *meaning;
} counters[] = {
	{offsetof(struct run, replayed),
	 "TRANSACTION_END: stock EAGAIN, ours OK: a conflict is what was "
	 "really touched; done again alone"},
	{offsetof(struct run, spoiled),
	 "TRANSACTION_END: stock ENOMEM, ours OK: a request in it was over "
	 "quota; the others stand"},
	{offsetof(struct run, excused),
	 "inside a transaction that others have overtaken: answers may differ "
	 "if it is not committed"},
	{offsetof(struct run, reordered),
	 "events of a death, a RELEASE or a commit: the same in another "
	 "order"},
	{offsetof(struct run, repeated),
	 "one look finds a death and a shutdown: stock says @releaseDomain "
	 "twice"},
	{offsetof(struct run, removed),
	 "events of a commit that removes a node, to who may read only the "
	 "one above: ours alone"},
	{offsetof(struct run, held),
	 "a dead domain's ring: stock keeps it mapped, so it stays listed"},
};

#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

struct totals {
	uint64_t requests, us;
	uint64_t counter[COUNTERS];
};

static void totals_add(struct totals *t, const struct run *r, uint64_t us)
{
	uint64_t n;
	size_t i;

	t->requests += r->requests;
	t->us += us;
	for (i = 0; i < COUNTERS; i++) {
		memcpy(&n, (const char *)r + counters[i].at, sizeof(n));
		t->counter[i] += n;
	}
}

static void totals_print(const struct totals *t)
{
	size_t i;

	printf("differences that are meant, by how often they were met:\n");
	for (i = 0; i < COUNTERS; i++)
		printf("%8llu  %s\n", (unsigned long long)t->counter[i],
		       counters[i].meaning);
	allow_print(stdout);
	printf("%llu requests, %llu a second\n",
	       (unsigned long long)t->requests,
	       (unsigned long long)(t->us ? t->requests * 1000000 / t->us : 0));
}

/*
 * One run of the steps that are not left out.  0, or 1 with the reason
 * in report and how far it came in *ret_at.
 */
static int run_steps(const struct options *o, const struct profile *p,
		     const struct step *steps, uint32_t n, const bool *out,
		     FILE *report, uint32_t *ret_at, struct totals *totals)
{
	struct run *r = calloc(1, sizeof(*r));
	uint64_t start;
	uint32_t i = 0;
	int rc;

	if (!r)
		abort();
	r->report = report;
	rc = run_start(r, o->top, o->tmp, o->stock, o->ours, p);
	start = time_us();
	for (; !rc && i < n; i++)
		if (!out[i])
			rc = run_step(r, &steps[i]);
	if (totals)
		totals_add(totals, r, time_us() - start);
	*ret_at = i;
	run_stop(r);
	free(r);
	return rc;
}

/* Leaves out what the failure does not need; n ends behind it. */
static void shrink(const struct options *o, const struct profile *p,
		   const struct step *steps, uint32_t *n, bool *out)
{
	uint64_t end = time_us() + o->shrink_s * 1000000ull;
	uint32_t size, from, at, i;
	FILE *null = fopen("/dev/null", "w");
	bool *trial = malloc(*n);

	if (!null || !trial)
		abort();
	for (size = *n / 2; size; size /= 2) {
		for (from = 0; from < *n && time_us() < end; from += size) {
			memcpy(trial, out, *n);
			/* without its domains a run is about absent ones */
			for (i = from; i < from + size && i < *n; i++)
				trial[i] = p->deaths || i >= 16;
			if (!memcmp(trial, out, *n) ||
			    !run_steps(o, p, steps, *n, trial, null, &at, NULL))
				continue;
			memcpy(out, trial, *n);
			*n = at;
		}
	}
	free(trial);
	fclose(null);
}

static void report_smaller(const struct options *o, const struct profile *p,
			   const struct step *steps, uint32_t n)
{
	bool *out = calloc(n, 1);
	uint32_t at, i, left = 0;

	if (!out)
		abort();
	shrink(o, p, steps, &n, out);
	for (i = 0; i < n; i++)
		left += !out[i];
	printf("\nthe same with %u steps:\n", left);
	for (i = 0; i < n; i++)
		if (!out[i])
			text_step(stdout, &steps[i]);
	printf("then:\n");
	if (!run_steps(o, p, steps, n, out, stdout, &at, NULL))
		printf("(did not happen again)\n");
	free(out);
}

static int run_seed(const struct options *o, const struct profile *p,
		    uint64_t seed, struct totals *totals)
{
	struct step *steps = gen_steps(seed, o->n, p);
	bool *out = calloc(o->n, 1);
	char *text = NULL;
	size_t size;
	FILE *report = open_memstream(&text, &size);
	uint32_t at, i;
	int rc;

	if (!out || !report)
		abort();
	rc = run_steps(o, p, steps, o->n, out, report, &at, totals);
	fclose(report);
	if (rc) {
		printf("FAILED: seed %llu, profile %s, step %u\n%s",
		       (unsigned long long)seed, p->name, at - 1, text);
		fflush(stdout);
		if (o->shrink_s && at)
			report_smaller(o, p, steps, at);
	}
	for (i = 0; i < o->n; i++)
		free(steps[i].body);
	free(steps);
	free(out);
	free(text);
	return rc;
}

static const struct option longopts[] = {
	{"top", required_argument, NULL, 't'},
	{"tmp", required_argument, NULL, 'd'},
	{"stock", required_argument, NULL, 's'},
	{"ours", required_argument, NULL, 'o'},
	{"seed", required_argument, NULL, 'S'},
	{"seeds", required_argument, NULL, 'c'},
	{"requests", required_argument, NULL, 'n'},
	{"profile", required_argument, NULL, 'p'},
	{"shrink", required_argument, NULL, 'k'},
	{0},
};

static int parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		switch (c) {
		case 't':
			o->top = optarg;
			break;
		case 'd':
			o->tmp = optarg;
			break;
		case 's':
			o->stock = optarg;
			break;
		case 'o':
			o->ours = optarg;
			break;
		case 'p':
			o->profile = optarg;
			break;
		case 'S':
			o->seed = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			o->seeds = (uint32_t)atoi(optarg);
			break;
		case 'n':
			o->n = (uint32_t)atoi(optarg);
			break;
		case 'k':
			o->shrink_s = (uint32_t)atoi(optarg);
			break;
		default:
			return EINVAL;
		}
	}
	return o->top && o->tmp && o->stock && o->ours ? 0 : EINVAL;
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .seeds = 1, .n = 10000, .shrink_s = 30};
	struct totals t = {0};
	uint32_t failed = 0, passed = 0;
	uint64_t seed;
	size_t i;

	if (parse(argc, argv, &o)) {
		fprintf(stderr, "usage: differential --top DIR --tmp DIR "
				"--stock PROGRAM --ours PROGRAM [--seed N] "
				"[--seeds N] [--requests N] [--profile NAME] "
				"[--shrink SECONDS]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (o.n < 32)
		o.n = 32;
	for (seed = o.seed; seed < o.seed + o.seeds; seed++)
		for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
			if (o.profile && strcmp(o.profile, profiles[i].name))
				continue;
			if (run_seed(&o, &profiles[i], seed, &t))
				failed++;
			else
				passed++;
			printf("seed %llu, %s: done\n",
			       (unsigned long long)seed, profiles[i].name);
			fflush(stdout);
		}
	totals_print(&t);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
