/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dummy: a program with the ELF note of an xenstored that can take over, but
 * which cannot.  What it does instead goes by the end of its name: exits,
 * crashes, hangs, lies (says something else than ok or error), copies (leaves
 * the image behind in a file beside it, NAME.img).  AGREEMENT 0: no note, but
 * what a stock xenstored is known by.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef AGREEMENT
#define AGREEMENT 2
#endif

#if AGREEMENT
/* As host/handoff.h describes it, written down once more. */
static const struct {
	uint32_t name_size, desc_size, type;
	char name[12];
	uint32_t version;
} note __attribute__((section(".note.xenstored"), used, aligned(4))) = {
	10, 4, 1, "xenstored", AGREEMENT};
#else
static const char words[] __attribute__((used)) =
	"/state_dump live-update TRANSACTION_START";
#endif

static void lie(void)
{
	const char *env = getenv("XENSTORED_REHEARSE");
	int image, result;

	if (!env || sscanf(env, "%d %d", &image, &result) != 2)
		exit(3);
	if (write(result, "fine", 4) != 4)
		exit(3);
}

static void copy(const char *self)
{
	const char *env = getenv("XENSTORED_REHEARSE");
	char name[4096], buf[65536];
	int image, result;
	off_t at = 0;
	ssize_t n;
	FILE *to;

	snprintf(name, sizeof(name), "%s.img", self);
	if (!env || sscanf(env, "%d %d", &image, &result) != 2)
		exit(3);
	to = fopen(name, "w");
	while (to && (n = pread(image, buf, sizeof(buf), at)) > 0) {
		at += n;
		if (fwrite(buf, 1, (size_t)n, to) != (size_t)n)
			exit(3);
	}
	if (!to || fclose(to))
		exit(3);
}

int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') : NULL;

	name = name ? name + 1 : "exits";
	if (!strncmp(name, "stock-", 6))
		name += 6;
	if (!strcmp(name, "crashes"))
		abort();
	if (!strcmp(name, "lies"))
		lie();
	if (!strcmp(name, "copies"))
		copy(argv[0]);
	while (!strcmp(name, "hangs"))
		pause();
	return 7;
}
