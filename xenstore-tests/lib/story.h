/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story: a test of the daemon as a text file. Each line is something that
 * happens (a request, a death, a full socket) or something that must be seen (a
 * reply, an event, silence). A story runs in several modes, and in all of them
 * a client must see the same bytes. conformance/README.md describes the
 * language.
 */
#ifndef STORY_H
#define STORY_H

#include <stddef.h>
#include <stdint.h>

enum story_mode {
	STORY_PLAIN,
	STORY_UPDATE,	/* a live update after every line */
	STORY_SWAPPED,	/* the same, image in the other byte order */
	STORY_REBIND,	/* the same, no descriptor handed over */
	STORY_MANAGE,	/* the same, to a build for another Xen and back */
	STORY_BESIDE,	/* a successor is loaded beside: each line happens while
			   the walk has stopped at a slice, and a cut follows */
	STORY_SLICED,	/* the same, over many lines */
	STORY_STRIP,	/* the spec image is tried after every line */
	STORY_TRUNCATE, /* the last image is cut at every byte */
	STORY_MODES
};

extern const char *const story_mode_name[STORY_MODES];

struct story_result {
	unsigned int lines;   /* run, each pass of a loop counted */
	unsigned int updates; /* images made and restored */
	uint64_t digest;      /* of the daemon at the end */
	char *seen;	      /* what all peers received, readable */
	char *failed;	      /* NULL, or what went wrong and where */
};

/* Reads the whole file into talloc memory of ctx; NULL on error. */
char *story_read(const void *ctx, const char *file);
/*
 * Runs the story in text (file is its name) in one mode. Strings in ret belong
 * to talloc context ctx.
 */
void story_tell(const void *ctx, const char *file, const char *text,
		enum story_mode mode, struct story_result *ret);

#endif
