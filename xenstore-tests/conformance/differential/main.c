/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * differential: options, single runs, runs over seeds and profiles, and their
 * table.
 */
#include "diff.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Stock allows one watch and one transaction more than its options say. Both
 * get many transaction-nodes, because they count touched nodes differently.
 */
#define ALWAYS "-N", "-Q", "transaction-nodes=1024"
/* Stock's clock runs fast, and events unread for 20 s would be dropped. */
#define PATIENT "-w", "watch-event=1000000"
/* Our limits by time and memory are off here; the stories test them. */
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

/* One seed in one profile. */
struct result {
	uint64_t requests;
	bool failed;
};

/* Sums over all runs, in memory shared by their processes. */
struct totals {
	uint64_t requests, done;
	uint64_t counted[MEANT_MAX], allowed[MEANT_MAX];
	struct result of[];
};

void run_chosen(const struct options *o, const struct profile *p,
		const struct chosen *c, FILE *report, struct story *story,
		uint64_t *counted, struct outcome *ret)
{
	struct run *r = calloc(1, sizeof(*r));
	const struct step last = {.kind = STEP_WALK, .number = c->n};
	uint64_t begun = time_us();
	uint32_t i = 0;
	int rc;

	if (!r)
		abort();
	r->report = report;
	r->story = story;
	r->later = o->release && strcmp(o->release, "4.17") != 0;
	if (o->plant)
		r->plant = plant_new();
	rc = run_start(r, o->top, o->tmp, o->stock, o->ours, p);
	for (; !rc && i < c->n && r->requests < o->n; i++)
		if (!c->out[i])
			rc = run_step(r, &c->steps[i]);
	if (!rc)
		rc = run_step(r, &last);
	if (counted)
		table_add(counted, r);
	memset(ret, 0, sizeof(*ret));
	ret->failed = rc;
	ret->at = i;
	ret->requests = r->requests;
	ret->us = time_us() - begun;
	memcpy(ret->kind, r->kind, sizeof(ret->kind));
	run_stop(r);
	free(r->plant);
	free(r);
}

struct all {
	struct options o;
	struct totals *totals;
	const struct profile *chosen[8];
	uint32_t nchosen, n;
	uint64_t begun_us;
};

static uint64_t a_second(const struct all *all)
{
	return all->totals->requests * 1000000 /
	       (time_us() - all->begun_us + 1);
}

/* Prints one line for each finished run. */
static void print_progress(const struct all *all, uint64_t seed,
			   const struct profile *p, const struct outcome *got)
{
	struct totals *t = all->totals;
	uint64_t done = __atomic_add_fetch(&t->done, 1, __ATOMIC_RELAXED);

	__atomic_fetch_add(&t->requests, got->requests, __ATOMIC_RELAXED);
	printf("seed %llu, %s: %llu requests, %s (%llu of %u; %llu a second)\n",
	       (unsigned long long)seed, p->name,
	       (unsigned long long)got->requests,
	       got->failed ? "FAILED" : "no unintended difference",
	       (unsigned long long)done, all->n,
	       (unsigned long long)a_second(all));
}

static void report_failure(const struct options *o, const struct profile *p,
			   uint64_t seed, struct step *steps,
			   const struct outcome *got, const char *text)
{
	printf("FAILED: seed %llu, profile %s, step %u\n%s"
	       "run alone: make check-differential SEED=%llu PROFILE=%s N=%u\n",
	       (unsigned long long)seed, p->name, got->at ? got->at - 1 : 0,
	       text, (unsigned long long)seed, p->name, o->n);
	fflush(stdout);
	allow_count_in(NULL); /* attempts are not counted */
	if (o->shrink_s && got->at)
		(void)shrink_and_report(o, p, steps, got);
}

static int run_seed(const struct all *all, const struct options *o,
		    const struct profile *p, uint64_t seed,
		    struct result *result)
{
	/* twice as many: steps of domains that do not exist are skipped */
	uint32_t n = o->n * 2, i;
	struct step *steps = gen_steps(seed, n, p);
	struct chosen chosen = {steps, n, calloc(n, 1)};
	struct outcome got;
	char *text = NULL;
	size_t size;
	FILE *report = open_memstream(&text, &size);

	if (!chosen.out || !report)
		abort();
	run_chosen(o, p, &chosen, report, NULL, all->totals->counted, &got);
	fclose(report);
	result->requests = got.requests;
	result->failed = got.failed;
	print_progress(all, seed, p, &got);
	if (got.failed)
		report_failure(o, p, seed, steps, &got, text);
	for (i = 0; i < n; i++)
		free(steps[i].body);
	free(steps);
	free((bool *)(uintptr_t)chosen.out);
	free(text);
	return got.failed;
}

/* ---- all runs ---- */

static int run_job(void *arg, uint32_t i, const char *dir)
{
	const struct all *all = arg;
	struct options o = all->o;

	o.tmp = dir;
	return run_seed(all, &o, all->chosen[i % all->nchosen],
			o.seed + i / all->nchosen, &all->totals->of[i]);
}

static void print_seeds(const struct all *all)
{
	const struct result *of = all->totals->of;
	uint32_t i, k, clean = 0;
	uint64_t requests = 0, sum;
	bool failed;

	printf("%-20s", "seed");
	for (k = 0; k < all->nchosen; k++)
		printf("  %10s", all->chosen[k]->name);
	printf("\n");
	for (i = 0; i < all->o.seeds; i++) {
		printf("%-20llu", (unsigned long long)(all->o.seed + i));
		for (k = 0, sum = 0, failed = false; k < all->nchosen; k++) {
			printf("  %10llu%s", (unsigned long long)of->requests,
			       of->failed ? " FAILED" : "");
			sum += of->requests;
			failed |= of++->failed;
		}
		printf("\n");
		clean += !failed;
		requests += failed ? 0 : sum;
	}
	printf("%u of %u seeds passed, with %llu requests\n", clean,
	       all->o.seeds, (unsigned long long)requests);
}

static int run_all(const struct options *o)
{
	struct all all = {.o = *o, .begun_us = time_us()};
	size_t most = sizeof(profiles) / sizeof(profiles[0]), i;
	struct totals *t;
	uint32_t failed;

	t = mmap(NULL, sizeof(*t) + o->seeds * most * sizeof(t->of[0]),
		 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		abort();
	all.totals = t;
	allow_count_in(t->allowed);
	for (i = 0; i < most; i++)
		if (!o->profile || !strcmp(o->profile, profiles[i].name))
			all.chosen[all.nchosen++] = &profiles[i];
	if (!all.nchosen)
		return 2;
	/* N counts for all profiles together */
	all.o.n = o->n / all.nchosen;
	all.n = o->seeds * all.nchosen;
	failed = jobs_run(all.n, o->jobs, o->tmp, run_job, &all);
	printf("intended differences, with how often they occurred:\n");
	table_print(stdout, t->counted);
	if (o->seeds > 1)
		print_seeds(&all);
	printf("%llu requests, %llu a second\n",
	       (unsigned long long)t->requests,
	       (unsigned long long)a_second(&all));
	printf("%u passed, %u failed\n", all.n - failed, failed);
	return failed ? 1 : 0;
}

static const struct option longopts[] = {
	{"top", required_argument, NULL, 't'},
	{"tmp", required_argument, NULL, 'd'},
	{"stock", required_argument, NULL, 's'},
	{"ours", required_argument, NULL, 'o'},
	{"release", required_argument, NULL, 'r'},
	{"seed", required_argument, NULL, 'S'},
	{"seeds", required_argument, NULL, 'c'},
	{"requests", required_argument, NULL, 'n'},
	{"profile", required_argument, NULL, 'p'},
	{"shrink", required_argument, NULL, 'k'},
	{"jobs", required_argument, NULL, 'j'},
	{"plant", no_argument, NULL, 'P'},
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
		case 'r':
			o->release = optarg;
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
		case 'P':
			o->plant = true;
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
		.seed = 1, .seeds = 1, .n = 10000, .shrink_s = 120, .jobs = 2};

	if (argc == 2 && !strcmp(argv[1], "--table")) {
		table_document(stdout);
		return 0;
	}
	if (parse(argc, argv, &o) || !o.jobs || !o.seeds) {
		fprintf(stderr,
			"usage: differential --top DIR --tmp DIR "
			"--stock PROGRAM --ours PROGRAM [--seed N] "
			"[--seeds N] [--release 4.20] [--requests N] [--profile NAME] "
			"[--jobs N] [--shrink SECONDS] [--plant]\n"
			"       differential --table\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (o.n < 64)
		o.n = 64;
	return run_all(&o);
}
