/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol: the generated parts of docs/misc/xenstore.md, as Markdown. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "control/control.h"
#include "doc-tables.h"
#include "update/update.h"
#include "migrate/migrate.h"
#include "ops/ops.h"
#include "options.h"
#include "store/quota.h"

#define ERRNO_LAST 133
#define LINE_WIDTH 80

/* Escapes bars, which would end the cell. */
static void print_cell(const char *text, const char *quote)
{
	if (!*text)
		quote = "";
	printf("| %s", quote);
	for (; *text; text++)
		printf(*text == '|' ? "\\|" : "%c", *text);
	printf("%s ", quote);
}

/* ---- requests ---- */

static const char *who(unsigned int flags)
{
	bool change = flags & OP_CHANGE;

	if (flags & OP_PRIV)
		return change ? "privileged, not read-only" : "privileged";
	return change ? "all, not read-only" : "all";
}

static const char *in_tx(unsigned int flags)
{
	if (flags & OP_TX)
		return "inside";
	return flags & OP_NO_TX ? "ignored" : "outside";
}

/* Whether the request is in the table of these: OP_COMPAT or 0. */
static bool is_op(uint32_t type, unsigned int compat)
{
	const struct op *op = &op_table[type];

	return op->handle && (op->flags & OP_COMPAT) == compat;
}

static void print_meanings(unsigned int compat)
{
	uint32_t type;

	printf("\n| request | meaning |\n|---|---|\n");
	for (type = 0; type < WIRE_TYPE_COUNT; type++) {
		if (!is_op(type, compat))
			continue;
		printf("| %s ", wire_type_name(type));
		print_cell(op_table[type].meaning ?: "?", "");
		printf("|\n");
	}
	printf("\n");
}

static void print_ops(unsigned int compat)
{
	uint32_t type;

	printf("\n| type | request | payload | reply | who | transaction | "
	       "errors |\n|---|---|---|---|---|---|---|\n");
	for (type = 0; type < WIRE_TYPE_COUNT; type++) {
		const struct op *op = &op_table[type];
		const char *name = wire_type_name(type);

		if (!is_op(type, compat))
			continue;
		if (!op->meaning || !op->errors)
			doc_missing("meaning", name);
		printf("| %u | %s ", type, name);
		print_cell(op->args, "`");
		print_cell(*op->reply ? op->reply : "OK|", "`");
		printf("| %s | %s ", who(op->flags), in_tx(op->flags));
		print_cell(op->errors ?: "?", "");
		printf("|\n");
	}
	print_meanings(compat);
}

void print_requests(void)
{
	print_ops(0);
}

void print_compatibility(void)
{
	print_ops(OP_COMPAT);
}

void print_errors(void)
{
	const char *comma = "";
	int code, column = 0;

	printf("\n");
	for (code = 1; code <= ERRNO_LAST; code++) {
		const char *name = wire_error_name(code);

		if (wire_error_code(name) != code)
			continue;
		if (column > LINE_WIDTH) {
			comma = ",\n";
			column = 0;
		}
		column += printf("%s%s", comma, name);
		comma = ", ";
	}
	printf(".\n\n");
}

/* ---- control commands ---- */

static int by_name(const void *a, const void *b)
{
	const struct control_command *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

const struct control_command **sorted_controls(size_t *ret_n)
{
	struct daemon *d = talloc_zero(NULL, struct daemon);
	const struct control_command **all;
	const struct control_commands *t;
	size_t n = 0, i;

	control_init(d);
	if (update_init(d) || migrate_init(d))
		exit(1);
	for (t = d->commands; t; t = t->more)
		n += t->n;
	all = talloc_array(d, const struct control_command *, (unsigned int)n);
	if (!all)
		exit(1);
	n = 0;
	for (t = d->commands; t; t = t->more)
		for (i = 0; i < t->n; i++)
			all[n++] = &t->command[i];
	qsort(all, n, sizeof(*all), by_name);
	*ret_n = n;
	return all;
}

void print_controls(void)
{
	size_t n, i;
	const struct control_command **all = sorted_controls(&n);

	printf("\n| command | arguments | meaning |\n|---|---|---|\n");
	for (i = 0; i < n; i++) {
		printf("| %s ", all[i]->name);
		print_cell(all[i]->args, "`");
		print_cell(all[i]->meaning, "");
		printf("|\n");
	}
	printf("\n");
}

/* ---- quotas and options ---- */

void print_quotas(void)
{
	unsigned int q;

	printf("\n| quota | default | soft limit | meaning |\n"
	       "|---|---|---|---|\n");
	for (q = 0; q < QUOTA_COUNT; q++) {
		const struct quota_desc *d = &quota_table[q];

		printf("| %s%s%s | %u ", d->name, d->old ? ", old name " : "",
		       d->old ? d->old : "", d->hard);
		if (d->soft)
			printf("| %u ", d->soft);
		else
			printf("| ");
		print_cell(d->meaning, "");
		printf("|\n");
	}
	printf("\n");
}

static void print_option(const struct option_desc *d)
{
	printf("| ");
	if (d->letter)
		printf("-%c, ", d->letter);
	printf("--%s ", d->name);
	print_cell(d->arg ? d->arg : "", "`");
	print_cell(d->meaning ? d->meaning : "accepted, has no effect", "");
	printf("|\n");
}

void print_options(void)
{
	const struct option_desc *table;
	size_t n, i;

	table = options_table(&n);
	printf("\n| option | argument | meaning |\n|---|---|---|\n");
	for (i = 0; i < n; i++)
		if (table[i].meaning)
			print_option(&table[i]);
	for (i = 0; i < n; i++)
		if (!table[i].meaning && strcmp(table[i].name, "live-update"))
			print_option(&table[i]);
	printf("\n");
}
