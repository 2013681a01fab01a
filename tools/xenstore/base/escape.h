/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape: bytes that somebody else chose, as text for a terminal or a file.
 *
 * Tokens, values, names of programs, error texts and whatever an image says
 * may hold line breaks, terminal sequences and half characters.  All that is
 * logged, traced, reported or printed goes through here, in one of two ways:
 *
 *	a piece (ESCAPE_FIELD, ESCAPE_QUOTED) before it is put into a line, so
 *	that what it was can be told from the result;
 *	the line itself (ESCAPE_LINE, ESCAPE_TEXT) by whoever puts it out, for
 *	pieces that were not: a backslash stays, so nothing is escaped twice.
 *
 * A byte that is not printable ASCII becomes \xNN.  Called by log, err, image/
 * and the programs; knows no daemon.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#define ESCAPE_SIZE 8 /* of one byte, with a NUL */

enum escape {
	ESCAPE_FIELD,  /* also \\, quote and blank; nothing at all is "" */
	ESCAPE_QUOTED, /* also \\ and quote; the quotes are the caller's */
	ESCAPE_LINE,   /* no more */
	ESCAPE_TEXT    /* lines: line breaks and tabs stay */
};

/*
 * One byte into out, without a NUL.  hex: what stands before the two digits,
 * at most four characters: "\\x".  Returns how many characters there are.
 */
size_t escape_byte(char out[ESCAPE_SIZE], uint8_t c, enum escape how,
		   const char *hex);
/*
 * len bytes into out, which has size bytes (at least 8) and gets a NUL; what
 * does not fit is left out, and "..." says so.  Returns its length.
 */
size_t escape(char *out, size_t size, const void *p, size_t len,
	      enum escape how);
/* A string that is printed, and what keeps its place: for a few pieces. */
struct escaped {
	char text[640];
};
const char *escape_str(struct escaped *e, const char *s, enum escape how);
/* ESCAPE_LINE of a string in its place, which has size bytes: ESCAPE_MOST. */
#define ESCAPE_MOST 1024u
void escape_line(char *s, size_t size);

#endif
