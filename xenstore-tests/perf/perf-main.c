/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perf: run by xenstore-tests/perf/run, under callgrind.
 *
 *   perf [--list] [NAME...]
 *
 * Each case runs with a small and a large n; each run ends with a callgrind
 * dump named "NAME n". --list: prints names and sizes and runs nothing.
 */
#include "perf.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <valgrind/callgrind.h>

/* A case that grows worse than its row says, which must be noticed. */
static void nothing(struct perf *p, uint32_t n)
{
	(void)p;
	(void)n;
}

static void quadratic(struct perf *p, uint32_t n)
{
	volatile uint32_t looked_at = 0;
	uint32_t i;

	ask(p, p->dom0, WIRE_READ, 0, "/tool|");
	CALLGRIND_START_INSTRUMENTATION;
	for (i = 0; i < n * n; i++)
		looked_at++;
	CALLGRIND_STOP_INSTRUMENTATION;
}

static const struct perf_case self_cases[] = {
	{"self-test quadratic", 250, 1000, nothing, quadratic},
	{NULL, 0, 0, NULL, NULL}};

static const struct perf_case *const tables[] = {node_cases, other_cases,
						 self_cases};

static void count(const struct perf_case *c, uint32_t n)
{
	struct perf *p = perf_new(NULL);
	char name[80];

	c->prepare(p, n);
	perf_settle(p);
	CALLGRIND_ZERO_STATS;
	p->counting = true;
	c->request(p, n);
	p->counting = false;
	snprintf(name, sizeof(name), "%s %u", c->name, n);
	CALLGRIND_DUMP_STATS_AT(name);
	perf_free(p);
}

static bool wanted(const struct perf_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], c->name))
			return true;
	return argc < 2;
}

/* Each request type has a case. */
static bool all_there(void)
{
	const struct perf_case *c;
	const char *name;
	bool ok = true, found;
	uint32_t type;
	size_t i;

	for (type = 0; type < WIRE_TYPE_COUNT; type++) {
		name = wire_type_name(type);
		if (!name || type == WIRE_WATCH_EVENT || type == WIRE_ERROR)
			continue;
		found = false;
		for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
			for (c = tables[i]; c->name; c++)
				found |=
					!strncmp(c->name, name, strlen(name)) &&
					c->name[strlen(name)] == ' ';
		if (!found)
			fprintf(stderr, "perf: request %s has no case\n", name);
		ok &= found;
	}
	return ok;
}

int main(int argc, char **argv)
{
	bool list = argc > 1 && !strcmp(argv[1], "--list");
	const struct perf_case *c;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (c = tables[i]; c->name; c++) {
			if (list)
				printf("%s\t%u\t%u\n", c->name, c->small,
				       c->large);
			if (list || !wanted(c, argc, argv))
				continue;
			count(c, c->small);
			count(c, c->large);
		}
	return all_there() ? 0 : 1;
}
