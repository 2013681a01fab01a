/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * framing: finds the end of libxl's stream without knowing its content.
 *
 *	[xl's file header, its optional data]		xl save writes it
 *	libxl's header
 *	libxl's records: type, length, body		the last one is END
 *	   after LIBXC_CONTEXT: libxc's two headers
 *	   and libxc's records, the last one END
 *
 * Takes the bytes in pieces of any size and keeps up to 64 of them.  Called by
 * stream.c, which reads and writes them.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum framing_state {
	FRAMING_IDENT,	 /* the first 8 bytes, which tell the format */
	FRAMING_XL,	 /* the rest of xl's file header */
	FRAMING_LIBXL,	 /* the rest of libxl's header */
	FRAMING_RECORD,	 /* the head of a record of libxl */
	FRAMING_LIBXC,	 /* libxc's two headers */
	FRAMING_CRECORD, /* the head of a record of libxc */
	FRAMING_END,
};

struct framing {
	enum framing_state state;
	uint8_t head[64];  /* the head being read */
	size_t have, need; /* its bytes so far, in all */
	uint64_t skip;	   /* bytes of the body before the next head */
	uint64_t at;	   /* bytes taken so far */
	uint64_t begin;	   /* offset of the head being read */
	uint64_t record;   /* libxl's records so far */
	bool big, cbig;	   /* byte order of libxl's, libxc's records */
};

/* Begins a stream. */
void framing_init(struct framing *f);
/*
 * Takes the next len bytes at p, up to END.  Returns 0 with the number taken in
 * *ret_used, or EINVAL with err naming the byte.
 */
int __must_check framing_take(struct framing *f, const void *p, size_t len,
			      size_t *ret_used, struct err *err);
/* Whether the whole stream has been taken. */
bool framing_done(const struct framing *f);
/* At the end of the input: EINVAL with err, unless the stream is complete. */
int __must_check framing_finish(const struct framing *f, struct err *err);

#endif
