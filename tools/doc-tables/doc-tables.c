/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc-tables: the field tables of docs/designs/xenstore-migration.md, from
 * the one table of records.  Run by tools/check-docs.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "image/table.h"

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

	return names[f->kind];
}

static void print_when(const struct record_desc *d, const struct field *f)
{
	unsigned int i;

	if (f->when.op == COND_ALWAYS)
		return;
	for (i = 0; i < d->nfixed; i++)
		if (d->fields[i].member == f->when.member &&
		    d->fields[i].kind != FIELD_PAD)
			break;
	printf(" (when %s %s %" PRIu32 ")",
	       i < d->nfixed ? d->fields[i].name : "?",
	       f->when.op == COND_EQ ? "is" : "is not", f->when.value);
}

static void print_record(const struct record_desc *d)
{
	unsigned int i;

	printf("### %s, type 0x%" PRIx32 "\n\n%s%s.", d->name, d->type,
	       d->meaning, d->scopes == 1 ? " (live update only)" : "");
	if (!d->nfields) {
		printf(" The body is empty.\n\n");
		return;
	}
	printf("\n\n| offset | type | field | meaning |\n|---|---|---|---|\n");
	for (i = 0; i < d->nfields; i++) {
		const struct field *f = &d->fields[i];

		if (i < d->nfixed)
			printf("| %u ", f->offset);
		else if (i == d->nfixed)
			printf("| %u ", d->fixed);
		else
			printf("| behind it ");
		printf("| %s | %s | %s", kind_name(f), f->name, f->meaning);
		if (f->kind == FIELD_PAD && f->size != 4)
			printf(" (%u bytes)", f->size);
		print_when(d, f);
		printf(" |\n");
	}
	printf("\n");
}

int main(void)
{
	size_t i, n;
	const struct record_desc *table = record_table(&n);
	bool optional = false, mandatory = false;

	printf("## Records of the specification\n\n");
	for (i = 0; i < n; i++) {
		if (table[i].type >= REC_MANDATORY && !mandatory) {
			printf("## Mandatory extension records\n\n");
			mandatory = true;
		}
		if (table[i].type >= REC_OPTIONAL && !optional) {
			printf("## Optional extension records\n\n");
			optional = true;
		}
		print_record(&table[i]);
	}
	return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
