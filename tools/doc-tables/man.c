/* SPDX-License-Identifier: GPL-2.0-or-later */
/* man: the tables of the man pages, as mdoc. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "control/control.h"
#include "doc-tables.h"
#include "options.h"
#include "store/quota.h"

/* A hyphen that is meant as one, and no control line by accident. */
static void print_text(const char *text)
{
	for (; *text; text++)
		printf(*text == '-'    ? "\\-"
		       : *text == '\\' ? "\\e"
				       : "%c",
		       *text);
}

void print_sentence(const char *phrase)
{
	putchar(toupper((unsigned char)*phrase));
	print_text(phrase + 1);
	printf(".\n");
}

static void print_flags(const struct option_desc *d)
{
	if (d->letter)
		printf("Fl %c , ", d->letter);
	printf("Fl -%s", d->name);
}

void print_man_options(void)
{
	const struct option_desc *table;
	size_t n, i;

	table = options_table(&n);
	for (i = 0; i < n; i++) {
		if (!table[i].meaning)
			continue;
		printf(".It ");
		print_flags(&table[i]);
		if (table[i].arg)
			printf(" Ar %s", table[i].arg);
		printf("\n");
		print_sentence(table[i].meaning);
	}
}

void print_man_old_options(void)
{
	const struct option_desc *table;
	const char *comma = "";
	size_t n, i;

	table = options_table(&n);
	for (i = 0; i < n; i++) {
		if (table[i].meaning || !strcmp(table[i].name, "live-update"))
			continue;
		printf("%s.", comma);
		print_flags(&table[i]);
		comma = " ,\n";
	}
	printf(" .\n");
}

void print_man_quotas(void)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		const struct quota_desc *d = &quota_table[q];

		printf(".It Cm %s\n", d->name);
		print_sentence(d->meaning);
		printf("%u by default", d->hard);
		if (d->soft)
			printf(", a warning is logged from %u", d->soft);
		printf(".\n");
	}
}

void print_man_controls(void)
{
	size_t n, i;
	const struct control_command **all = sorted_controls(&n);

	for (i = 0; i < n; i++) {
		printf(".It Cm %s", all[i]->name);
		if (*all[i]->args) {
			printf(" Li \"");
			print_text(all[i]->args);
			printf("\"");
		}
		printf("\n");
		print_sentence(all[i]->meaning);
	}
}
