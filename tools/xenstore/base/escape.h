/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape: untrusted bytes as safe text for a terminal or a file.
 *
 * Tokens, values, program names, error texts and the content of images may
 * contain line breaks, terminal sequences and incomplete characters.  Whatever
 * is logged, traced, reported or printed is escaped in one or both of two ways:
 *
 *	a piece (ESCAPE_FIELD, ESCAPE_QUOTED) before it goes into a line, so
 *	that the original can be told from the result;
 *	the whole line (ESCAPE_LINE, ESCAPE_TEXT) where it is written, for
 *	pieces that were not escaped: a backslash stays, so that nothing is
 *	escaped twice.
 *
 * A byte that is not printable ASCII becomes \xNN.  Called by log, err, image/
 * and the programs; knows nothing of the daemon.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

#define ESCAPE_SIZE 8 /* room for one escaped byte and a NUL */

enum escape {
	ESCAPE_FIELD,  /* also \\, quote and space; no bytes become "" */
	ESCAPE_QUOTED, /* also \\ and quote; the caller adds the quotes */
	ESCAPE_LINE,   /* nothing else */
	ESCAPE_TEXT    /* several lines: line breaks and tabs stay */
};

/*
 * Writes one byte into out, escaped, without a NUL.  hex: the prefix of the two
 * digits, at most four characters, such as "\\x".  Returns the length.
 */
size_t escape_byte(char out[ESCAPE_SIZE], uint8_t c, enum escape how,
		   const char *hex);
/*
 * Writes len bytes into out, escaped and with a NUL.  out has size bytes, at
 * least 8; "..." replaces what does not fit.  Returns the length.
 */
size_t escape(char *out, size_t size, const void *p, size_t len,
	      enum escape how);
/* Room for one escaped string. */
struct escaped {
	char text[640];
};
/* Escapes s into *e and returns e->text, for use as an argument of printf. */
const char *escape_str(struct escaped *e, const char *s, enum escape how);
#define ESCAPE_MOST 1024u
/* Escapes s in place (ESCAPE_LINE); s has size bytes, at most ESCAPE_MOST. */
void escape_line(char *s, size_t size);

#endif
