// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table: where the stock daemon differs from a story. A row names the story,
 * the line before, the line that differs, what the stock daemon does instead,
 * and the reason. A line "[4.17]" or "[4.17, 4.20]" before rows names the Xen
 * releases whose stock daemon they are about.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "live.h"

#define FIELDS 5

struct row {
	char *field[FIELDS]; /* story, cause, line, instead, why */
	const char *releases;
	bool other; /* they are about another stock daemon */
	unsigned int met;
	bool told; /* the story was run */
};

static struct row *rows;
static size_t nrows;

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && strchr(" \t\n", s[len - 1]))
		s[--len] = 0;
	return s;
}

static int add(char *line, const char *releases, bool other)
{
	struct row row = {.releases = releases, .other = other};
	char *rest = line, *s;
	int i;

	for (i = 0; i < FIELDS; i++) {
		s = strsep(&rest, i == FIELDS - 1 ? "" : "|");
		if (!s)
			return 1;
		row.field[i] = strdup(trim(s));
	}
	rows = realloc(rows, (nrows + 1) * sizeof(*rows));
	if (!rows)
		abort();
	rows[nrows++] = row;
	return 0;
}

int table_load(const char *file, const char *release)
{
	FILE *f = fopen(file, "r");
	char *releases = NULL;
	char line[1024];
	int rc = !f;

	while (f && !rc && fgets(line, sizeof(line), f)) {
		if (line[0] == '#' || !*trim(line))
			continue;
		if (line[0] != '[') {
			rc = !releases ||
			     add(line, releases,
				 release && !strstr(releases, release));
			continue;
		}
		releases = strndup(line + 1, strcspn(line + 1, "]"));
		if (!releases)
			abort();
	}
	if (f)
		fclose(f);
	if (rc)
		fprintf(stderr, "%s: bad row, or no file\n", file);
	return rc;
}

static bool is_of(const struct row *row, const char *file)
{
	const char *slash = strrchr(file, '/');

	return !strcmp(row->field[0], slash ? slash + 1 : file);
}

void table_told(const char *file)
{
	size_t i;

	for (i = 0; i < nrows; i++)
		rows[i].told |= is_of(&rows[i], file);
}

const char *table_instead(const struct live *l)
{
	char *text = trim(talloc_strdup(l, l->run.text));
	size_t i;

	for (i = 0; i < nrows; i++) {
		struct row *row = &rows[i];

		if (row->other || !is_of(row, l->run.file) ||
		    strcmp(row->field[1], l->cause) ||
		    strcmp(row->field[2], text))
			continue;
		row->met++;
		return row->field[3];
	}
	return NULL;
}

/* A row of a story that is not there could never be met. */
static bool exists(const struct row *row, const char *top)
{
	char *file = talloc_asprintf(NULL, "%s/xenstore-tests/conformance/%s",
				     top, row->field[0]);
	bool ret = file && !access(file, R_OK);

	talloc_free(file);
	return ret;
}

unsigned int table_unmet(const char *top)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < nrows; i++) {
		if (rows[i].met || rows[i].other ||
		    (!rows[i].told && exists(&rows[i], top)))
			continue;
		n++;
		printf("this difference was not met: %s | %s | %s\n",
		       rows[i].field[0], rows[i].field[1], rows[i].field[2]);
	}
	return n;
}

void table_as_document(FILE *out)
{
	size_t i;

	fprintf(out, "| story | after | here | C xenstored | of Xen | why |\n"
		     "|---|---|---|---|---|---|\n");
	for (i = 0; i < nrows; i++)
		fprintf(out, "| %s | `%s` | `%s` | %s%s%s | %s | %s |\n",
			rows[i].field[0], rows[i].field[1], rows[i].field[2],
			*rows[i].field[3] ? "`" : "nothing", rows[i].field[3],
			*rows[i].field[3] ? "`" : "", rows[i].releases,
			rows[i].field[4]);
}
