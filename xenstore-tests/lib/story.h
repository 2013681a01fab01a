/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story: a test of the daemon told in lines.
 *
 * A story is a text file; each line is something that happens (a request, a
 * death, a full socket) or something that must be seen (a reply, an event,
 * silence).  It is told in several modes, in all of which a client must see
 * the same bytes.  The language is described in conformance/README.md.
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
	STORY_STRIP,	/* after every line the bare spec image is tried */
	STORY_TRUNCATE, /* the last image is cut everywhere */
	STORY_MODES
};

extern const char *const story_mode_name[STORY_MODES];

struct story_result {
	unsigned int lines;   /* told, loops counted each time */
	unsigned int updates; /* images made and tried */
	uint64_t digest;      /* of the daemon at the end */
	char *seen;	      /* what all peers received, readable */
	char *failed;	      /* NULL, or what went wrong and where */
};

/* The whole file, in talloc memory of ctx; NULL: it cannot be read. */
char *story_read(const void *ctx, const char *file);
/*
 * Tells the story of text (its name is file) in one mode.  Strings in ret
 * belong to talloc context ctx.
 */
void story_tell(const void *ctx, const char *file, const char *text,
		enum story_mode mode, struct story_result *ret);

#endif
