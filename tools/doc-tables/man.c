/* SPDX-License-Identifier: GPL-2.0-or-later */
/* man: the generated parts of the man pages, as mdoc. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "control/control.h"
#include "doc-tables.h"
#include "options.h"
#include "store/quota.h"

#define TEXT_WIDTH 80

/* Escapes what mdoc would interpret.  Returns the number of bytes printed. */
static size_t print_char(char c)
{
	return (size_t)(c == '-'    ? printf("\\-")
			: c == '\\' ? printf("\\e")
				    : printf("%c", c));
}

static void print_text(const char *text)
{
	while (*text)
		print_char(*text++);
}

/* The width of a word with its escapes and one character after it. */
static size_t word_width(const char *word)
{
	size_t n = 1;

	for (; *word && *word != ' '; word++)
		n += *word == '-' || *word == '\\' ? 2 : 1;
	return n;
}

/* Breaks lines that would be too long for mandoc -Tlint. */
void print_sentence(const char *phrase)
{
	size_t column = print_char((char)toupper((unsigned char)*phrase));

	while (*++phrase) {
		if (*phrase == ' ' &&
		    column + word_width(phrase + 1) >= TEXT_WIDTH) {
			putchar('\n');
			column = 0;
		} else {
			column += print_char(*phrase);
		}
	}
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
