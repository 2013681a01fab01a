// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Images of records to bytes and back: every type with random contents in
 * both byte orders; the table against itself.
 */
#include "test-image-sample.h"
#include "test-stock.h"

#define ROUNDS 300

/* -- random records, filled by the table --------------------------------- */

static uint64_t random_between(struct sample_random *rnd, int64_t min,
			       int64_t max)
{
	uint64_t span = (uint64_t)max - (uint64_t)min;

	/* the ends more often than chance would have them */
	switch (sample_below(rnd, 8)) {
	case 0:
		return (uint64_t)min;
	case 1:
		return (uint64_t)max;
	default:
		if (span == UINT64_MAX)
			return sample_next(rnd);
		return (uint64_t)min + sample_below(rnd, span + 1);
	}
}

static void put_member(uint8_t *st, size_t member, size_t size, uint64_t v)
{
	uint8_t v8 = (uint8_t)v;
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;

	switch (size) {
	case 1:
		memcpy(st + member, &v8, size);
		break;
	case 2:
		memcpy(st + member, &v16, size);
		break;
	case 4:
		memcpy(st + member, &v32, size);
		break;
	default:
		memcpy(st + member, &v, sizeof(v));
	}
}

static bool is_length(const struct record_desc *d, const struct field *f)
{
	const struct field *var = d->fields + d->nfixed;

	for (; var < d->fields + d->nfields; var++) {
		if (var->len_member == f->member)
			return true;
	}
	return false;
}

static void fill_fixed(struct sample_random *rnd, const struct record_desc *d,
		       uint8_t *st)
{
	const struct field *f = d->fields;
	const struct field_rule *rule;
	size_t i;

	for (; f < d->fields + d->nfixed; f++) {
		int64_t max = f->max;

		if (f->kind == FIELD_PAD || !field_cond_holds(st, &f->when))
			continue;
		if (is_length(d, f) && max > f->min + 400 &&
		    sample_below(rnd, 50))
			max = f->min + 400;
		if (is_length(d, f) && max > UINT16_MAX)
			max = UINT16_MAX;
		put_member(st, f->member, f->size,
			   random_between(rnd, f->min, max));
	}
	if (d->type == REC_NODE_DATA && sample_below(rnd, 2))
		put_member(st, offsetof(struct rec_node, conn_id), 4, 0);
	for (i = 0; i < d->nrules; i++) {
		int64_t v;

		rule = &d->rules[i];
		v = (int64_t)field_member(st, rule->member, rule->size);
		if (field_cond_holds(st, &rule->when) &&
		    (v < rule->min || v > rule->max))
			put_member(st, rule->member, rule->size,
				   (uint64_t)rule->min);
	}
}

static void *random_bytes(struct sample_random *rnd, void *ctx, uint64_t len)
{
	uint8_t *p = talloc_size(ctx, len + 1);
	uint64_t i;

	assert_non_null(p);
	for (i = 0; i < len; i++)
		p[i] = (uint8_t)sample_next(rnd);
	return p;
}

static void *random_string(struct sample_random *rnd, void *ctx,
			   enum field_kind kind, uint64_t len)
{
	uint8_t *p = random_bytes(rnd, ctx, len);
	uint64_t i;

	for (i = 0; i < len; i++) {
		bool may_end = kind == FIELD_NAMES && i && p[i - 1];

		if (!p[i] && !may_end)
			p[i] = 'x';
	}
	if (len)
		p[len - 1] = 0;
	if (len > 1 && kind == FIELD_NAMES && !p[len - 2])
		p[len - 2] = 'x';
	if (kind == FIELD_PATH)
		p[0] = '/';
	if (kind == FIELD_SPECIAL)
		p[0] = '@';
	return p;
}

static void *random_perms(struct sample_random *rnd, void *ctx, uint64_t n,
			  bool stale)
{
	struct rec_perm *p = talloc_zero_size(ctx, (n + 1) * sizeof(*p));
	uint64_t i;

	assert_non_null(p);
	for (i = 0; i < n; i++) {
		p[i].perm = (uint8_t)("wrbn"[sample_below(rnd, 4)]);
		p[i].domid = (uint16_t)sample_next(rnd);
		p[i].flags = stale ? (uint8_t)sample_below(rnd, 2) : 0;
	}
	return p;
}

/* So many names, each with its NUL. */
static void *random_counted(struct sample_random *rnd, void *ctx, uint64_t n)
{
	uint8_t *p = talloc_size(ctx, n * 10 + 1), *to = p;
	uint64_t len;

	assert_non_null(p);
	for (; n; n--) {
		for (len = 1 + sample_below(rnd, 9); len; len--)
			*to++ = (uint8_t)(1 + sample_below(rnd, 255));
		*to++ = 0;
	}
	return p;
}

static void fill_variable(struct sample_random *rnd, void *ctx,
			  const struct field *f, uint8_t *st, bool stale)
{
	uint64_t n = field_count(st, f);
	void *p;

	if (f->ops && f->ops->is_number) {
		if (field_cond_holds(st, &f->when))
			put_member(st, f->member, f->size, sample_next(rnd));
		return;
	}
	if (f->kind == FIELD_NAMES && n == 1)
		put_member(st, f->len_member, f->len_size, n = 2);
	switch (f->kind) {
	case FIELD_BYTES:
		p = random_bytes(rnd, ctx, n);
		break;
	case FIELD_PERMS:
		p = random_perms(rnd, ctx, n, stale);
		break;
	case FIELD_GENS:
		p = random_bytes(rnd, ctx, n * sizeof(struct rec_generation));
		break;
	case FIELD_OTHER:
		p = f->size == 1 ? random_counted(rnd, ctx, n)
				 : random_bytes(rnd, ctx, n * sizeof(uint32_t));
		break;
	default:
		p = random_string(rnd, ctx, f->kind, n);
	}
	memcpy(st + f->member, &p, sizeof(p));
}

static void fill_record(struct sample_random *rnd, void *ctx,
			const struct record_desc *d, struct record *rec,
			bool stale)
{
	uint8_t *st = (uint8_t *)rec + RECORD_MEMBERS;
	const struct field *f = d->fields + d->nfixed;

	memset(rec, 0, sizeof(*rec));
	rec->type = d->type;
	fill_fixed(rnd, d, st);
	for (; f < d->fields + d->nfields; f++)
		fill_variable(rnd, ctx, f, st, stale);
}

/* -- comparing ----------------------------------------------------------- */

static void check_field(const struct record_desc *d, const struct field *f,
			const uint8_t *got, const uint8_t *want)
{
	size_t item =
		f->kind == FIELD_PERMS ? sizeof(struct rec_perm) : f->size;

	if (f->kind == FIELD_PAD || !field_cond_holds(want, &f->when))
		return;
	if (text_is_number(f)) {
		if (field_member(got, f->member, f->size) !=
		    field_member(want, f->member, f->size))
			fail_msg("%s: %s differs", d->name, f->name);
		return;
	}
	if (field_count(want, f) &&
	    memcmp(field_pointer(got, f), field_pointer(want, f),
		   field_count(want, f) * item))
		fail_msg("%s: %s differs", d->name, f->name);
}

static void check_record(const struct record *got, const struct record *want,
			 const struct image_format *format)
{
	const struct record_desc *d = got->desc;
	size_t i;

	assert_int_equal(got->type, want->type);
	assert_ptr_equal(d, format->find(want->type));
	assert_null(got->suspect);
	for (i = 0; i < d->nfields; i++)
		check_field(d, &d->fields[i],
			    (const uint8_t *)got + RECORD_MEMBERS,
			    (const uint8_t *)want + RECORD_MEMBERS);
}

/* All rows of the format but END; returns how many. */
static size_t rows_of(const struct image_format *format,
		      const struct record_desc *rows[64])
{
	size_t i, n, all = 0;
	const struct record_desc *table = stock_table(&n);

	if (format == &image_format_native)
		n = 0;
	for (i = 0; i < n; i++)
		rows[all++] = &table[i];
	table = record_table(&n);
	for (i = 1; i < n; i++) {
		if (format->find(table[i].type) == &table[i])
			rows[all++] = &table[i];
	}
	table = record_table_optional(&n);
	for (i = 0; format == &image_format_native && i < n; i++)
		rows[all++] = &table[i];
	assert_true(all < 64);
	return all;
}

static void check_round(struct sample_random *rnd, bool big,
			const struct image_format *format)
{
	void *ctx = talloc_new(NULL);
	const struct record_desc *rows[64];
	struct image_writer w;
	struct image_reader r;
	struct record *recs, rec;
	struct err err = {0};
	size_t n, i;
	int rc;

	n = rows_of(format, rows);
	recs = talloc_array(ctx, struct record, (unsigned int)n);
	assert_non_null(recs);
	image_writer_init_as(&w, ctx, big, format);
	for (i = 0; i < n; i++) {
		fill_record(rnd, ctx, rows[i], &recs[i],
			    format != &image_format_native);
		image_write(&w, &recs[i]);
	}
	assert_int_equal(image_writer_finish(&w), 0);
	rc = image_reader_init_as(&r, ctx, w.buf.data, w.buf.len, format, &err);
	assert_int_equal(rc, 0);
	for (i = 0; i < n; i++) {
		if (!image_read(&r, &rec, &rc, &err))
			fail_msg("%s: %s", rows[i]->name, err.text);
		assert_int_equal(rec.index, i);
		check_record(&rec, &recs[i], format);
	}
	assert_false(image_read(&r, &rec, &rc, &err));
	assert_int_equal(rc, 0);
	assert_int_equal(rec.type, REC_END);
	assert_true(r.ended);
	image_reader_fini(&r);
	talloc_free(ctx);
}

static void test_round_trip(void **state)
{
	struct sample_random rnd = sample_seed();
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++)
		check_round(&rnd, i & 1, &image_format_native);
}

static void test_round_trip_xen(void **state)
{
	struct sample_random rnd = sample_seed();
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++)
		check_round(&rnd, i & 1, i & 2 ? &stock_xen1 : &stock_xen2);
}

/* -- the table ----------------------------------------------------------- */

static size_t kind_size(enum field_kind kind)
{
	static const uint8_t sizes[] = {
		[FIELD_U8] = 1,	    [FIELD_U16] = 2,   [FIELD_U32] = 4,
		[FIELD_U64] = 8,    [FIELD_I32] = 4,   [FIELD_BYTES] = 1,
		[FIELD_STRING] = 1, [FIELD_PATH] = 1,  [FIELD_SPECIAL] = 1,
		[FIELD_NAMES] = 1,  [FIELD_PERMS] = 4, [FIELD_GENS] = 16,
	};

	return sizes[kind];
}

/* Every byte of the fixed part belongs to one field of each variant. */
static void check_fixed_part(const struct record_desc *d, const uint8_t *st)
{
	uint8_t used[64] = {0};
	size_t i, j;

	for (i = 0; i < d->nfixed; i++) {
		const struct field *f = &d->fields[i];

		assert_false(field_is_variable(f->kind));
		if (f->kind != FIELD_PAD)
			assert_int_equal(f->size, kind_size(f->kind));
		if (!field_cond_holds(st, &f->when))
			continue;
		for (j = 0; j < f->size; j++)
			used[f->offset + j]++;
	}
	for (i = 0; i < sizeof(used); i++) {
		if (used[i] != (i < d->fixed))
			fail_msg("%s: byte %zu belongs to %u fields", d->name,
				 i, used[i]);
	}
}

static void check_row(const struct record_desc *d)
{
	struct record rec = {0};
	size_t j;

	assert_true(d->scopes && d->name && d->meaning);
	for (j = d->nfixed; j < d->nfields; j++) {
		assert_true(field_is_variable(d->fields[j].kind));
		if (!d->fields[j].ops)
			assert_int_equal(d->fields[j].size,
					 kind_size(d->fields[j].kind));
	}
	check_fixed_part(d, (uint8_t *)&rec + RECORD_MEMBERS);
	rec.conn.type = REC_CONN_SOCKET;
	if (d->type == REC_CONNECTION_DATA)
		check_fixed_part(d, (uint8_t *)&rec + RECORD_MEMBERS);
}

static void check_table(const struct record_desc *table, size_t n)
{
	const struct record_desc *d;
	size_t i;

	for (i = 0; i < n; i++) {
		assert_ptr_equal(record_find(table[i].type), &table[i]);
		d = stock_xen1.find(table[i].type);
		assert_true(table[i].type < REC_MANDATORY ? !!d : !d);
		assert_true(!i || table[i].type > table[i - 1].type);
		check_row(&table[i]);
	}
	assert_null(record_find(table[n - 1].type + 1000));
}

static void test_table(void **state)
{
	const struct record_desc *table, *d;
	size_t n, i;

	(void)state;
	table = record_table(&n);
	check_table(table, n);
	table = record_table_optional(&n);
	check_table(table, n);
	table = stock_table(&n);
	for (i = 0; i < n; i++) {
		d = &table[i];
		assert_ptr_equal(stock_xen1.find(d->type), d);
		assert_ptr_equal(stock_xen2.find(d->type), d);
		assert_true(record_find(d->type) != d);
		assert_true(!i || d->type > table[i - 1].type);
		check_row(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_xen),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
