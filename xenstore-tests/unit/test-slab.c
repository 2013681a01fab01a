// SPDX-License-Identifier: GPL-2.0-or-later
/* Slabs and pools against a plain record of what was handed out. */
#include "test-seed.h"

#include <talloc.h>

#include "base/slab.h"

#define THINGS 5000u

struct thing {
	uint32_t id, pad;
	uint64_t mark;
};

static void test_slab(void **state)
{
	static uint32_t id[THINGS];
	static struct thing *at[THINGS];
	void *ctx = talloc_new(NULL);
	struct slab s;
	struct rnd r;
	uint32_t i, n, live = 0;

	(void)state;
	rnd_init(&r, "slab", 1);
	memset(id, 0, sizeof(id));
	slab_init(&s, ctx, sizeof(struct thing));
	for (n = 0; n < 200000; n++) {
		i = rnd(&r, THINGS);
		if (!id[i]) {
			id[i] = slab_alloc(&s);
			assert_true(id[i]);
			at[i] = slab_at(&s, id[i]);
			/* it comes zeroed, whoever had it before */
			assert_int_equal(at[i]->mark, 0);
			assert_int_equal(at[i]->id, 0);
			at[i]->id = i;
			at[i]->mark = ~(uint64_t)i;
			live++;
		} else {
			/* and stays where it is */
			assert_ptr_equal(slab_at(&s, id[i]), at[i]);
			assert_int_equal(at[i]->id, i);
			assert_true(at[i]->mark == ~(uint64_t)i);
			slab_free(&s, id[i]);
			id[i] = 0;
			live--;
		}
	}
	assert_true(s.next <= THINGS + 1);
	assert_int_equal(s.next - 1 - s.nfree, live);
	talloc_free(ctx);
}

/* What was reserved is there without more memory. */
static void test_reserve(void **state)
{
	void *ctx = talloc_new(NULL);
	struct slab s;
	size_t size;
	uint32_t i;

	(void)state;
	slab_init(&s, ctx, sizeof(struct thing));
	assert_int_equal(slab_reserve(&s, 10000), 0);
	size = talloc_total_size(ctx);
	for (i = 0; i < 10000; i++)
		assert_true(slab_alloc(&s));
	assert_int_equal(talloc_total_size(ctx), size);
	talloc_free(ctx);
}

static void test_pool(void **state)
{
	static uint8_t *block[THINGS];
	static uint16_t len[THINGS];
	void *ctx = talloc_new(NULL);
	struct pool p;
	struct rnd r;
	uint32_t i, n, k;

	(void)state;
	rnd_init(&r, "pool", 2);
	memset(block, 0, sizeof(block));
	pool_init(&p, ctx);
	assert_int_equal((uintptr_t)ctx % 8, 0);
	for (n = 0; n < 100000; n++) {
		i = rnd(&r, THINGS);
		if (!block[i]) {
			len[i] = (uint16_t)(1 + rnd(&r, POOL_MAX_BLOCK + 200));
			block[i] = pool_alloc(&p, len[i]);
			assert_non_null(block[i]);
			assert_int_equal((uintptr_t)block[i] % 8, 0);
			memset(block[i], (int)i & 0xff, len[i]);
			continue;
		}
		for (k = 0; k < len[i]; k++)
			assert_int_equal(block[i][k], i & 0xff);
		pool_free(&p, block[i], len[i]);
		block[i] = NULL;
	}
	pool_free(&p, NULL, 5);
	talloc_free(ctx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slab),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_pool),
	};

	return RUN_TESTS("slab", tests);
}
