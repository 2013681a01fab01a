// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run-stories: runs the given stories in every mode, or in the one that
 * STORY_MODE names, and prints what went wrong. STORY_LOG=1 shows the daemon's
 * log. Called by `make check-stories`.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "story.h"

/* What a client receives must not depend on the mode. */
static char *compare(const void *ctx, const char *file, enum story_mode mode,
		     const struct story_result *plain,
		     const struct story_result *res)
{
	size_t at = 0;

	if (strcmp(plain->seen, res->seen)) {
		while (plain->seen[at] == res->seen[at])
			at++;
		return talloc_asprintf(ctx,
				       "%s: [%s] clients received other bytes "
				       "than in mode plain, from byte %zu:\n  "
				       "expected ...%.60s\n  seen ...%.60s",
				       file, story_mode_name[mode], at,
				       plain->seen + at, res->seen + at);
	}
	/* the handles are not known to both builds */
	if (mode != STORY_MANAGE && plain->digest != res->digest)
		return talloc_asprintf(ctx,
				       "%s: [%s] the daemon's state at the end "
				       "differs from mode plain",
				       file, story_mode_name[mode]);
	return NULL;
}

/* Chooses the modes to run; false if there is no such mode. */
static bool choose(const char *only, bool run[STORY_MODES], unsigned int *ret_n)
{
	unsigned int m;
	bool found = !only || !*only;

	*ret_n = 0;
	for (m = 0; m < STORY_MODES; m++) {
		run[m] = !only || !*only || !strcmp(only, story_mode_name[m]);
		found |= run[m];
		/* plain always runs: the others are compared with it */
		run[m] |= m == STORY_PLAIN;
		*ret_n += run[m];
	}
	return found;
}

/* Returns whether the story passed in all its modes. */
static int tell(const char *file, const bool run[STORY_MODES],
		unsigned int *lines)
{
	struct story_result plain = {0}, res;
	void *ctx = talloc_new(NULL);
	char *text = story_read(ctx, file);
	unsigned int updates = 0, m;
	int ok = text != NULL;

	for (m = 0; m < STORY_MODES && ok; m++) {
		if (!run[m])
			continue;
		story_tell(ctx, file, text, (enum story_mode)m, &res);
		if (!m)
			plain = res;
		if (!res.failed)
			res.failed = compare(ctx, file, (enum story_mode)m,
					     &plain, &res);
		if (res.failed)
			printf("%s\nrun alone: STORY_MODE=%s %s %s\n",
			       res.failed, story_mode_name[m],
			       program_invocation_name, file);
		ok = !res.failed;
		updates += res.updates;
	}
	if (!text)
		printf("%s: cannot read the story\n", file);
	printf("%-4s %s: %u lines, %u images\n", ok ? "ok" : "FAIL", file,
	       plain.lines, updates);
	*lines += plain.lines;
	talloc_free(ctx);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int passed = 0, failed = 0, lines = 0, modes;
	bool run[STORY_MODES];
	int i;

	if (!choose(getenv("STORY_MODE"), run, &modes)) {
		fprintf(stderr, "STORY_MODE=%s: there is no such mode\n",
			getenv("STORY_MODE"));
		return 2;
	}

	/* freed memory is overwritten, so a successor finds nothing left */
	mallopt(M_PERTURB, 0xa5);
	setenv("TZ", "UTC0", 1); /* of the log's lines */
	for (i = 1; i < argc; i++) {
		if (tell(argv[i], run, &lines))
			passed++;
		else
			failed++;
		fflush(stdout);
	}
	printf("stories: %u passed, %u failed (%u lines, %u mode%s)\n", passed,
	       failed, lines, modes, modes == 1 ? "" : "s");
	return failed || !passed;
}
