/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dummy: a program with the ELF note of an xenstored that can take over, but
 * which cannot.  What it does instead goes by the end of its name: exits,
 * crashes, hangs, lies (says something else than ok or error).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As host/handoff.h describes it, written down once more. */
static const struct {
	uint32_t name_size, desc_size, type;
	char name[12];
	uint32_t version;
} note __attribute__((section(".note.xenstored"), used, aligned(4))) = {
	10, 4, 1, "xenstored", 1};

static void lie(void)
{
	const char *env = getenv("XENSTORED_REHEARSE");
	int image, result;

	if (!env || sscanf(env, "%d %d", &image, &result) != 2)
		exit(3);
	if (write(result, "fine", 4) != 4)
		exit(3);
}

int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '/') : NULL;

	name = name ? name + 1 : "exits";
	if (!strcmp(name, "crashes"))
		abort();
	if (!strcmp(name, "lies"))
		lie();
	while (!strcmp(name, "hangs"))
		pause();
	return 7;
}
