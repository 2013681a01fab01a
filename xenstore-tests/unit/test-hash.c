// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keyed hash compared with known answers, the digest's hash, and the table
 * while it grows and shrinks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#include "base/hash.h"

#define ENTRIES 200000u

struct entry {
	struct hlink link;
	uint32_t id;
	uint32_t seen;
};

/*
 * Key 00..0f, message 00, 01, ...: results of another implementation, in
 * another language, which was checked with the published SipHash-2-4 vector
 * (a129ca6149be45e5 for 15 bytes) before its rounds were set to 1 and 3.
 */
static void test_siphash(void **state)
{
	static const struct {
		size_t len;
		uint64_t want;
	} vectors[] = {
		{0, 0xabac0158050fc4dc},  {1, 0xc9f49bf37d57ca93},
		{7, 0xd3927d989bb11140},  {8, 0x369095118d299a8e},
		{9, 0x25a48eb36c063de4},  {15, 0xd320d86d2a519956},
		{16, 0xcc4fdd1a7d908b66}, {63, 0x9d199062b7bbb3a8},
	};
	const struct hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	const struct hash_key other = {0x0706050403020100, 0x0f0e0d0c0b0a0909};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t len = vectors[i].len;
		uint8_t *p = malloc(len + 1);

		assert_non_null(p);
		for (j = 0; j < len; j++)
			p[j + 1] = (uint8_t)j;
		/* off by one from alignment */
		assert_true(hash_keyed(&key, p + 1, len) == vectors[i].want);
		assert_true(hash_keyed(&other, p + 1, len) != vectors[i].want);
		free(p);
	}
}

/* Each length, bit and byte order makes a difference. */
static void test_hash_bytes(void **state)
{
	uint64_t seen[65];
	uint8_t p[64] = {0};
	size_t len, i;

	(void)state;
	for (len = 0; len <= 64; len++) {
		seen[len] = hash_bytes(p, len);
		for (i = 0; i < len; i++)
			assert_true(seen[i] != seen[len]);
	}
	for (i = 0; i < 64 * 8; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_true(hash_bytes(p, 64) != seen[64]);
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(hash_bytes("ab", 2) != hash_bytes("ba", 2));
	assert_true(hash_bytes("abcdefgh12345678", 16) !=
		    hash_bytes("12345678abcdefgh", 16));
	assert_true(hash_mix(1, 2) != hash_mix(2, 1));
}

/* A digest must be the same everywhere: these values must never change. */
static void test_hash_is_stable(void **state)
{
	(void)state;
	assert_true(hash_bytes("", 0) == 0xe8ec89f0e9493551);
	assert_true(hash_bytes("/local/domain/0", 15) == 0x34f14c7d5ada68a5);
	assert_true(hash_mix(1, 2) == 0xc8b7f934798f4c6e);
}

static struct entry *entry_find(const struct htab *t, uint32_t hash,
				uint32_t id)
{
	struct hlink *l = htab_chain(t, hash);

	for (; l; l = l->next) {
		struct entry *e = (struct entry *)(void *)l;

		if (l->hash == hash && e->id == id)
			return e;
	}
	return NULL;
}

/* Walks the table: each entry appears once, `count` in all. */
static void check_walk(const struct htab *t, struct entry *entries, size_t n,
		       uint32_t count)
{
	struct hlink *l = NULL;
	uint32_t pos = 0, walked = 0;
	size_t i;

	for (i = 0; i < n; i++)
		entries[i].seen = 0;
	while ((l = htab_next(t, &pos, l))) {
		struct entry *e = (struct entry *)(void *)l;

		assert_int_equal(e->seen, 0);
		e->seen = 1;
		walked++;
	}
	assert_int_equal(walked, count);
	assert_int_equal(t->count, count);
}

static struct entry *entries_new(void *ctx, uint32_t hash_mask)
{
	const struct hash_key key = {1, 2};
	struct entry *e = talloc_zero_array(ctx, struct entry, ENTRIES);
	uint32_t i;

	assert_non_null(e);
	for (i = 0; i < ENTRIES; i++) {
		e[i].id = i;
		e[i].link.hash =
			(uint32_t)hash_keyed(&key, &i, sizeof(i)) & hash_mask;
	}
	return e;
}

static void test_table(void **state)
{
	void *ctx = talloc_new(NULL);
	struct entry *e = entries_new(ctx, UINT32_MAX);
	struct htab *t = htab_new(ctx);
	uint32_t i, pos = 0, longest = 0;

	(void)state;
	assert_non_null(t);
	assert_null(htab_next(t, &pos, NULL));
	for (i = 0; i < ENTRIES; i++) {
		htab_insert(t, &e[i].link);
		/* old entries are found while buckets split */
		assert_ptr_equal(entry_find(t, e[i / 2].link.hash, i / 2),
				 &e[i / 2]);
	}
	check_walk(t, e, ENTRIES, ENTRIES);
	for (i = 0; i < ENTRIES; i++) {
		struct hlink *l = htab_chain(t, e[i].link.hash);
		uint32_t n = 0;

		assert_ptr_equal(entry_find(t, e[i].link.hash, i), &e[i]);
		for (; l; l = l->next)
			n++;
		if (n > longest)
			longest = n;
	}
	assert_in_range(longest, 1, 20);
	assert_in_range(t->nbuckets, ENTRIES / 2, ENTRIES * 2);

	for (i = 0; i < ENTRIES; i += 2)
		htab_remove(t, &e[i].link);
	htab_remove(t, &e[0].link); /* not in the table: no effect */
	check_walk(t, e, ENTRIES, ENTRIES / 2);
	for (i = 0; i < ENTRIES; i++)
		assert_ptr_equal(entry_find(t, e[i].link.hash, i),
				 i & 1 ? &e[i] : NULL);
	for (i = 0; i < ENTRIES; i += 2)
		htab_insert(t, &e[i].link);
	check_walk(t, e, ENTRIES, ENTRIES);
	for (i = 0; i < ENTRIES; i++)
		htab_remove(t, &e[i].link);
	check_walk(t, e, ENTRIES, 0);
	talloc_free(ctx);
}

/* A large table shrinks, and all entries are found meanwhile. */
static void test_shrinks(void **state)
{
	void *ctx = talloc_new(NULL);
	struct entry *e = entries_new(ctx, UINT32_MAX);
	struct htab *t = htab_new(ctx);
	uint32_t i, round, left;
	size_t size;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ENTRIES; i++)
			htab_insert(t, &e[i].link);
		size = talloc_total_size(t);
		for (i = 0; i < ENTRIES; i++) {
			htab_remove(t, &e[i].link);
			left = i + 1 + (ENTRIES - i - 1) / 2;
			if (left < ENTRIES)
				assert_ptr_equal(
					entry_find(t, e[left].link.hash, left),
					&e[left]);
			if (i % 1000 == 0)
				check_walk(t, e, ENTRIES, ENTRIES - i - 1);
		}
		assert_true(talloc_total_size(t) < size / 4);
	}
	talloc_free(ctx);
}

/* With few different hashes, entries in long chains are found and removed. */
static void test_chains(void **state)
{
	void *ctx = talloc_new(NULL);
	struct entry *e = entries_new(ctx, 0x80000003);
	struct htab *t = htab_new(ctx);
	const uint32_t n = 2000;
	uint32_t i;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < n; i++)
		htab_insert(t, &e[i].link);
	check_walk(t, e, n, n);
	for (i = 0; i < n; i++)
		assert_ptr_equal(entry_find(t, e[i].link.hash, i), &e[i]);
	for (i = 0; i < n; i++) { /* last, first, middle of the chains */
		htab_remove(t, &e[i * 7919 % n].link);
		assert_null(
			entry_find(t, e[i * 7919 % n].link.hash, i * 7919 % n));
	}
	check_walk(t, e, n, 0);
	talloc_free(ctx);
}

/* Random insertions and removals, compared with a plain array. */
static void test_random(void **state)
{
	void *ctx = talloc_new(NULL);
	struct entry *e = entries_new(ctx, 0xffff);
	struct htab *t = htab_new(ctx);
	uint8_t in[5000] = {0};
	uint64_t rnd = 20240229;
	uint32_t i, id, count = 0;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < 300000; i++) {
		rnd = rnd * 6364136223846793005 + 1442695040888963407;
		id = (uint32_t)(rnd >> 33) % (uint32_t)sizeof(in);
		assert_ptr_equal(entry_find(t, e[id].link.hash, id),
				 in[id] ? &e[id] : NULL);
		if (in[id]) {
			htab_remove(t, &e[id].link);
			count--;
		} else {
			htab_insert(t, &e[id].link);
			count++;
		}
		in[id] ^= 1;
		if (i % 50000 == 0)
			check_walk(t, e, sizeof(in), count);
	}
	talloc_free(ctx);
}

/* A table by number: every domid and some 32-bit numbers, none mistaken. */
static void test_numbers(void **state)
{
	void *ctx = talloc_new(NULL);
	struct entry *e = talloc_zero_array(ctx, struct entry, 70000);
	struct htab *t = htab_new(ctx);
	uint32_t i;

	(void)state;
	assert_non_null(t);
	for (i = 0; i < 70000; i++) {
		e[i].id = i < 65536 ? i : UINT32_MAX - (i - 65536) * 9973;
		assert_null(htab_find_number(t, e[i].id));
		htab_insert_number(t, &e[i].link, e[i].id);
	}
	for (i = 0; i < 70000; i++)
		assert_ptr_equal(htab_find_number(t, e[i].id), &e[i].link);
	htab_remove(t, &e[7].link);
	assert_null(htab_find_number(t, 7));
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siphash),
		cmocka_unit_test(test_hash_bytes),
		cmocka_unit_test(test_hash_is_stable),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_shrinks),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
