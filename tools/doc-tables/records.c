/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records: the field tables of docs/design/xenstore-migration.md, from the
 * table of records.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "doc-tables.h"
#include "stock/format.h"

static const char *kind_name(const struct field *f)
{
	static const char *const names[] = {
		[FIELD_U8] = "u8",
		[FIELD_U16] = "u16",
		[FIELD_U32] = "u32",
		[FIELD_U64] = "u64",
		[FIELD_I32] = "i32",
		[FIELD_PAD] = "pad",
		[FIELD_BYTES] = "bytes",
		[FIELD_STRING] = "string",
		[FIELD_PATH] = "path",
		[FIELD_SPECIAL] = "@name",
		[FIELD_NAMES] = "strings",
		[FIELD_PERMS] = "permissions",
		[FIELD_GENS] = "pairs of u64",
	};

	return f->ops ? f->ops->type : names[f->kind];
}

/* The name of the fixed field with that member. */
static const char *member_name(const struct record_desc *d, unsigned int member)
{
	unsigned int i;

	for (i = 0; i < d->nfixed; i++)
		if (d->fields[i].member == member &&
		    d->fields[i].kind != FIELD_PAD)
			return d->fields[i].name;
	return "?";
}

static void print_when(const struct record_desc *d, const struct field_cond *c,
		       const char *before, const char *after)
{
	if (c->op == COND_ALWAYS)
		return;
	printf("%swhen %s %s %" PRIu32 "%s", before, member_name(d, c->member),
	       c->op == COND_EQ ? "is" : "is not", c->value, after);
}

static void print_range(int64_t min, int64_t max, int64_t highest)
{
	if (min == max)
		printf("%" PRId64, min);
	else if (max == highest)
		printf("%" PRId64 " or more", min);
	else
		printf("%" PRId64 " to %" PRId64, min, max);
}

/* The allowed values, if not all; the length of a variable part. */
static void print_limits(const struct record_desc *d, const struct field *f)
{
	int64_t lowest = f->kind == FIELD_I32 ? INT32_MIN : 0;
	int64_t highest = f->kind == FIELD_I32
				  ? INT32_MAX
				  : (int64_t)((1ull << f->size * 8 % 64) - 1);

	if (f->kind == FIELD_PAD) {
		printf("%u bytes", f->size);
	} else if (f->ops) {
		printf("%s", f->ops->limits);
	} else if (field_is_variable(f->kind)) {
		printf("%s%s", member_name(d, f->len_member),
		       f->kind == FIELD_PERMS || f->kind == FIELD_GENS
			       ? " of them"
			       : " bytes");
	} else if (f->size < 8 && (f->min > lowest || f->max < highest)) {
		print_range(f->min, f->max, highest);
	}
}

static void print_rules(const struct record_desc *d)
{
	unsigned int i;

	for (i = 0; i < d->nrules; i++) {
		const struct field_rule *r = &d->rules[i];

		print_when(d, &r->when, i ? "- " : "\n- ", ": ");
		printf("%s is ", member_name(d, r->member));
		print_range(r->min, r->max,
			    (int64_t)((1ull << r->size * 8 % 64) - 1));
		printf(" (%s)\n", r->meaning);
	}
}

static void print_record(const struct record_desc *d)
{
	unsigned int i;

	printf("### %s, type 0x%" PRIx32 "\n\n%c%s%s.", d->name, d->type,
	       toupper((unsigned char)*d->meaning), d->meaning + 1,
	       d->scopes == 1 ? " (live update only)" : "");
	if (!d->nfields) {
		printf(" The body is empty.\n\n");
		return;
	}
	printf("\n\n| offset | type | field | limits | meaning |\n"
	       "|---|---|---|---|---|\n");
	for (i = 0; i < d->nfields; i++) {
		const struct field *f = &d->fields[i];

		if (i < d->nfixed)
			printf("| %u ", f->offset);
		else if (i == d->nfixed)
			printf("| %u ", d->fixed);
		else
			printf("| after it ");
		printf("| %s | %s | ", kind_name(f), f->name);
		print_limits(d, f);
		printf(" | %s", f->meaning);
		print_when(d, &f->when, " (", ")");
		printf(" |\n");
	}
	print_rules(d);
	printf("\n");
}

static void print_stock(void)
{
	size_t i, n;
	const struct record_desc *table = stock_table(&n);

	printf("## Records of Xen's dialects\n\n"
	       "Only records that differ from the specification. END, "
	       "WATCH_DATA, TRANSACTION_DATA and\nNODE_DATA do not.\n\n");
	for (i = 0; i < n; i++)
		print_record(&table[i]);
}

void print_records(void)
{
	size_t i, n;
	const struct record_desc *table = record_table(&n);
	bool mandatory = false;

	printf("## Records of the specification\n\n");
	for (i = 0; i < n; i++) {
		if (table[i].type >= REC_MANDATORY && !mandatory) {
			printf("## Mandatory extension records\n\n");
			mandatory = true;
		}
		print_record(&table[i]);
	}
	printf("## Optional extension records\n\n");
	table = record_table_optional(&n);
	for (i = 0; i < n; i++)
		print_record(&table[i]);
	print_stock();
}
