// SPDX-License-Identifier: GPL-2.0-or-later
/* Slabs and pools, compared with a plain record of what was allocated. */
#include "test-seed.h"

#include <talloc.h>

#include "base/array.h"
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
			/* it is zeroed, also if it was used before */
			assert_int_equal(at[i]->mark, 0);
			assert_int_equal(at[i]->id, 0);
			at[i]->id = i;
			at[i]->mark = ~(uint64_t)i;
			live++;
		} else {
			/* and does not move */
			assert_ptr_equal(slab_at(&s, id[i]), at[i]);
			assert_int_equal(at[i]->id, i);
			assert_true(at[i]->mark == ~(uint64_t)i);
			slab_free(&s, id[i]);
			id[i] = 0;
			live--;
		}
	}
	assert_true(s.next <= THINGS + 1024);
	assert_int_equal(s.count, live);
	talloc_free(ctx);
}

/* Reserved elements need no more memory. */
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

#define MANY 200000u

/* A peak is freed again; elements in use do not move. */
static void test_give_back(void **state)
{
	uint32_t *id = talloc_array(NULL, uint32_t, MANY), i, round, n;
	void *ctx = talloc_new(NULL);
	struct thing *kept = NULL;
	struct slab s;
	size_t full;

	(void)state;
	slab_init(&s, ctx, sizeof(struct thing));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < MANY; i++) {
			if (round && i == 77777)
				continue;
			id[i] = slab_alloc(&s);
			assert_true(id[i]);
			assert_int_equal(
				((struct thing *)slab_at(&s, id[i]))->mark, 0);
			((struct thing *)slab_at(&s, id[i]))->mark = i;
		}
		full = talloc_total_size(ctx);
		assert_true(slab_memory(&s) >= MANY * sizeof(struct thing));
		if (!round)
			kept = slab_at(&s, id[77777]);
		for (n = 0; n < MANY; n++) {
			i = round & 1 ? MANY - 1 - n : n;
			if (i == 77777)
				continue;
			assert_int_equal(
				((struct thing *)slab_at(&s, id[i]))->mark, i);
			slab_free(&s, id[i]);
		}
		assert_int_equal(s.count, 1);
		assert_ptr_equal(slab_at(&s, id[77777]), kept);
		assert_int_equal(kept->mark, 77777);
		/* the survivor's piece, and one in reserve */
		assert_true(slab_memory(&s) <= 3 * (2u << 20));
		assert_true(talloc_total_size(ctx) <= full);
	}
	talloc_free(ctx);
	talloc_free(id);
}

/* Allocating and freeing in turns is cheap. */
static void test_by_turns(void **state)
{
	void *ctx = talloc_new(NULL);
	uint32_t id[3000], i, k, pieces;
	struct slab s;

	(void)state;
	slab_init(&s, ctx, sizeof(struct thing));
	for (i = 0; i < 3000; i++)
		id[i] = slab_alloc(&s);
	pieces = (uint32_t)talloc_total_blocks(ctx);
	for (k = 0; k < 50; k++) {
		for (i = 3000; i-- > 2000;)
			slab_free(&s, id[i]);
		assert_int_equal(talloc_total_blocks(ctx), pieces);
		for (i = 2000; i < 3000; i++)
			id[i] = slab_alloc(&s);
		assert_int_equal(talloc_total_blocks(ctx), pieces);
	}
	talloc_free(ctx);
}

static void test_pool_gives_back(void **state)
{
	void **block = talloc_array(NULL, void *, MANY);
	void *ctx = talloc_new(NULL);
	struct pool p;
	uint32_t i, round;

	(void)state;
	pool_init(&p, ctx);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < MANY; i++) {
			block[i] = pool_alloc(&p, 1 + i % 100);
			assert_non_null(block[i]);
			memset(block[i], (int)i & 0xff, 1 + i % 100);
		}
		assert_true(p.taken > MANY * 50);
		for (i = 0; i < MANY; i++) {
			assert_int_equal(((uint8_t *)block[i])[i % 100],
					 i & 0xff);
			pool_free(&p, block[i], 1 + i % 100);
		}
		assert_true(p.taken <= 2 * (2u << 20));
	}
	talloc_free(ctx);
	talloc_free(block);
}

/* True when huge pages were requested for the memory at p. */
static bool is_huge(const void *p)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long long from, to;
	bool here = false, huge = false;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			here = (uintptr_t)p >= from && (uintptr_t)p < to;
		else if (here && !strncmp(line, "VmFlags:", 8))
			huge = strstr(line, " hg");
	}
	fclose(f);
	return huge;
}

/*
 * The kernel can take 6 ms to make a huge page, so that must not happen at the
 * first access by a request.
 */
static void test_growth(void **state)
{
	struct slab s;
	uint32_t i;

	(void)state;
	slab_init(&s, talloc_new(NULL), 64);
	for (i = 0; i < 200000; i++) {
		const uint8_t *before = s.filling;

		assert_int_not_equal(slab_alloc(&s), 0);
		if (s.filling != before)
			assert_false(is_huge(s.filling));
	}
	assert_non_null(s.filling);
	talloc_free((void *)(uintptr_t)s.ctx);
}

/* A talloc array doubles when it is full, and keeps its content. */
static void test_array(void **state)
{
	void *ctx = talloc_new(NULL);
	uint32_t *array = NULL, n = 0, size = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		assert_true(array_room(ctx, array, n, size));
		assert_true(n < size && size < 2 * n + 2 * ARRAY_FIRST);
		array[n++] = i;
	}
	for (i = 0; i < n; i++)
		assert_int_equal(array[i], i);
	talloc_free(ctx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_slab),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_give_back),
		cmocka_unit_test(test_by_turns),
		cmocka_unit_test(test_pool_gives_back),
		cmocka_unit_test(test_array),
	};

	return RUN_TESTS("slab", tests);
}
