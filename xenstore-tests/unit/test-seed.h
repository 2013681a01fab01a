/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-seed: reproducible random numbers for these tests.  The seed is printed;
 * TEST_SEED in the environment overrides it.
 */
#ifndef TEST_SEED_H
#define TEST_SEED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rnd {
	uint64_t x;
};

static inline void rnd_init(struct rnd *r, const char *what, uint64_t seed)
{
	const char *given = getenv("TEST_SEED");

	r->x = given ? strtoull(given, NULL, 0) : seed;
	printf("# %s: TEST_SEED=%llu\n", what, (unsigned long long)r->x);
}

/* splitmix64, below n */
static inline uint32_t rnd(struct rnd *r, uint32_t n)
{
	uint64_t z = r->x += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 32) % n;
}

#define RUN_TESTS(name, tests)                                                 \
	cmocka_run_group_tests_name(name, tests, NULL, NULL)

#endif
