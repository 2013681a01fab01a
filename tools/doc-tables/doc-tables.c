/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc-tables NAME: prints the generated part of that name.  Run by
 * tools/check-docs.
 */
#include "doc-tables.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	void (*print)(void);
} parts[] = {
	{"field tables", print_records},
	{"requests", print_requests},
	{"compatibility", print_compatibility},
	{"errors", print_errors},
	{"control commands", print_controls},
	{"quotas", print_quotas},
	{"options", print_options},
	{"man options", print_man_options},
	{"man old options", print_man_old_options},
	{"man quotas", print_man_quotas},
	{"man control commands", print_man_controls},
};

static int failed;

void doc_missing(const char *what, const char *name)
{
	fprintf(stderr, "doc-tables: no %s for %s in its table\n", what, name);
	failed = 1;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(name, parts[i].name) != 0)
			continue;
		parts[i].print();
		return ferror(stdout) || fclose(stdout) ? 1 : failed;
	}
	fprintf(stderr, "doc-tables: unknown part: %s\n", name);
	return 2;
}
