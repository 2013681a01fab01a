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
#include <sys/mman.h>

/*
 * Stock takes one watch and one transaction more than its options say.  Both
 * have many transaction-nodes: what counts as touched is not the same.
 */
#define ALWAYS "-N", "-Q", "transaction-nodes=1024"
/* Its clock runs fast, and what is not read in 20 s would be thrown away. */
#define PATIENT "-w", "watch-event=1000000"
/* Ours has limits by the clock, and of memory; they have stories. */
#define FREELY "-Q", "conflicts=0", "-Q", "memory=0"

static const char *const wide[SIDES][24] = {
	{ALWAYS, "-E", "100000", "-W", "1000", "-t", "20", PATIENT},
	{ALWAYS, "-E", "100000", "-W", "1001", "-t", "21", FREELY},
};

#define SMALL "-E", "40", "-S", "120", "-A", "3", "-M", "60"

static const char *const narrow[SIDES][24] = {
	{ALWAYS, SMALL, "-W", "4", "-t", "2", PATIENT},
	{ALWAYS, SMALL, "-W", "5", "-t", "3", FREELY},
};

static const struct profile profiles[] = {
	{"wide", {wide[STOCK], wide[OURS]}, true, true, 100000, 2048},
	{"narrow", {narrow[STOCK], narrow[OURS]}, false, false, 40, 120},
};

struct options {
	const char *top, *tmp, *stock, *ours, *profile;
	uint64_t seed;
	uint32_t n, seeds;
	uint32_t shrink_s, jobs;
};

/* Of all runs, in memory that their processes share. */
struct totals {
	uint64_t requests, us;
	uint64_t counted[MEANT_MAX], allowed[MEANT_MAX];
};

/*
 * One run of the steps that are not left out.  0, or 1 with the reason
 * in report and how far it came in *ret_at.
 */
static int run_steps(const struct options *o, const struct profile *p,
		     const struct step *steps, uint32_t n, const bool *out,
		     FILE *report, uint32_t *ret_at, const char **ret_kind,
		     struct totals *totals)
{
	struct run *r = calloc(1, sizeof(*r));
	const struct step last = {.kind = STEP_WALK, .number = n};
	uint32_t i = 0;
	int rc;

	if (!r)
		abort();
	r->report = report;
	rc = run_start(r, o->top, o->tmp, o->stock, o->ours, p);
	for (; !rc && i < n && r->requests < o->n; i++)
		if (!out[i])
			rc = run_step(r, &steps[i]);
	if (!rc)
		rc = run_step(r, &last);
	if (totals) {
		__atomic_fetch_add(&totals->requests, r->requests,
				   __ATOMIC_RELAXED);
		table_add(totals->counted, r);
	}
	*ret_at = i;
	*ret_kind = r->kind;
	run_stop(r);
	free(r);
	return rc;
}

/* Leaves out what the failure does not need; n ends behind it. */
static void shrink(const struct options *o, const struct profile *p,
		   const struct step *steps, uint32_t *n, bool *out,
		   const char *kind)
{
	uint64_t end = time_us() + o->shrink_s * 1000000ull;
	uint32_t size, from, at, i;
	FILE *null = fopen("/dev/null", "w");
	bool *trial = malloc(*n);
	const char *trial_kind;

	if (!null || !trial)
		abort();
	for (size = *n / 2; size; size /= 2) {
		for (from = 0; from < *n && time_us() < end; from += size) {
			memcpy(trial, out, *n);
			/* without its domains a run is about absent ones */
			for (i = from; i < from + size && i < *n; i++)
				trial[i] = i && (p->deaths || i > 16);
			if (!memcmp(trial, out, *n) ||
			    !run_steps(o, p, steps, *n, trial, null, &at,
				       &trial_kind, NULL) ||
			    trial_kind != kind)
				continue;
			memcpy(out, trial, *n);
			*n = at;
		}
	}
	free(trial);
	fclose(null);
}

static void report_smaller(const struct options *o, const struct profile *p,
			   const struct step *steps, uint32_t n,
			   const char *kind)
{
	bool *out = calloc(n, 1);
	uint32_t at, i, left = 0;

	if (!out)
		abort();
	shrink(o, p, steps, &n, out, kind);
	for (i = 0; i < n; i++)
		left += !out[i];
	printf("\nthe same with %u steps:\n", left);
	for (i = 0; i < n; i++)
		if (!out[i])
			text_step(stdout, &steps[i]);
	printf("then:\n");
	if (!run_steps(o, p, steps, n, out, stdout, &at, &kind, NULL))
		printf("(did not happen again)\n");
	free(out);
}

static int run_seed(const struct options *o, const struct profile *p,
		    uint64_t seed, struct totals *totals)
{
	/* those of domains that are not there are passed over */
	uint32_t n = o->n * 2, at, i;
	struct step *steps = gen_steps(seed, n, p);
	bool *out = calloc(n, 1);
	const char *kind;
	char *text = NULL;
	size_t size;
	FILE *report = open_memstream(&text, &size);
	int rc;

	if (!out || !report)
		abort();
	rc = run_steps(o, p, steps, n, out, report, &at, &kind, totals);
	fclose(report);
	if (rc) {
		printf("FAILED: seed %llu, profile %s, step %u\n%s",
		       (unsigned long long)seed, p->name, at ? at - 1 : 0,
		       text);
		fflush(stdout);
		if (o->shrink_s && at)
			report_smaller(o, p, steps, at, kind);
	}
	printf("seed %llu, %s: %s\n", (unsigned long long)seed, p->name,
	       rc ? "FAILED" : "no other difference");
	for (i = 0; i < n; i++)
		free(steps[i].body);
	free(steps);
	free(out);
	free(text);
	return rc;
}

/* ---- all runs ---- */

struct all {
	struct options o;
	struct totals *totals;
	const struct profile *chosen[8];
	uint32_t nchosen;
};

static int run_job(void *arg, uint32_t i, const char *dir)
{
	const struct all *all = arg;
	struct options o = all->o;

	o.tmp = dir;
	return run_seed(&o, all->chosen[i % all->nchosen],
			o.seed + i / all->nchosen, all->totals);
}

static int run_all(const struct options *o)
{
	struct all all = {.o = *o};
	uint64_t begun = time_us();
	struct totals *t;
	uint32_t n, failed;
	size_t i;

	t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		abort();
	all.totals = t;
	allow_count_in(t->allowed);
	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (!o->profile || !strcmp(o->profile, profiles[i].name))
			all.chosen[all.nchosen++] = &profiles[i];
	if (!all.nchosen)
		return 2;
	/* N is for all profiles together */
	all.o.n = o->n / all.nchosen;
	n = o->seeds * all.nchosen;
	failed = jobs_run(n, o->jobs, o->tmp, run_job, &all);
	printf("differences that are meant, by how often they were met:\n");
	table_print(stdout, t->counted);
	printf("%llu requests, %llu a second\n",
	       (unsigned long long)t->requests,
	       (unsigned long long)(t->requests * 1000000 /
				    (time_us() - begun)));
	printf("%u passed, %u failed\n", n - failed, failed);
	return failed ? 1 : 0;
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
	{"jobs", required_argument, NULL, 'j'},
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
		case 'j':
			o->jobs = (uint32_t)atoi(optarg);
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
	struct options o = {
		.seed = 1, .seeds = 1, .n = 10000, .shrink_s = 30, .jobs = 2};

	if (argc == 2 && !strcmp(argv[1], "--table")) {
		table_document(stdout);
		return 0;
	}
	if (parse(argc, argv, &o) || !o.jobs || !o.seeds) {
		fprintf(stderr, "usage: differential --top DIR --tmp DIR "
				"--stock PROGRAM --ours PROGRAM [--seed N] "
				"[--seeds N] [--requests N] [--profile NAME] "
				"[--jobs N] [--shrink SECONDS]\n"
				"       differential --table\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (o.n < 64)
		o.n = 64;
	return run_all(&o);
}
