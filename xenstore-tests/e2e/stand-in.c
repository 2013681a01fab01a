/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stand-in: takes the place of a stock xenstored of another release. The test
 * "kinds" links it with that release's libraries and gives it the strings
 * (WORDS) by which the release is recognised. It copies the state it gets to
 * NAME.img and execs the next daemon, STAND_IN_NEXT, like a stock daemon of
 * that release that is updated at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef WORDS
#define WORDS ""
#endif

static const char words[] __attribute__((used)) =
	"/state_dump live-update TRANSACTION_START " WORDS;

static int keep(const char *self)
{
	char name[4096], buf[65536];
	FILE *from, *to;
	size_t n;

	snprintf(name, sizeof(name), "%s/state_dump",
		 getenv("XENSTORED_RUNDIR"));
	from = fopen(name, "re");
	snprintf(name, sizeof(name), "%s.img", self);
	to = fopen(name, "we");
	if (!from || !to)
		return -1;
	while ((n = fread(buf, 1, sizeof(buf), from)))
		if (fwrite(buf, 1, n, to) != n)
			return -1;
	fclose(from);
	return fclose(to);
}

int main(int argc, char **argv)
{
	char *next = getenv("STAND_IN_NEXT");

	if (argc > 1 && !strcmp(argv[argc - 1], "-H")) {
		puts("usage: xenstored, or its stand-in");
		return 0;
	}
	if (!next || keep(argv[0]))
		return 3;
	argv[0] = next;
	execv(next, argv);
	return 4;
}
