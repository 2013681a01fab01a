/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * framing: where libxl's stream ends, without knowing what is in it.
 *
 *	[xl's file header, its optional data]		xl save writes it
 *	libxl's header
 *	libxl's records: type, length, body		the last one is END
 *	   behind LIBXC_CONTEXT: libxc's two headers
 *	   and libxc's records, the last one END
 *
 * Takes bytes as they come, in pieces of any size, and keeps 64 of them.  Who
 * reads and writes them is stream.c's business.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum framing_state {
	FRAMING_IDENT,	 /* the first 8 bytes, which tell what it is */
	FRAMING_XL,	 /* the rest of xl's file header */
	FRAMING_LIBXL,	 /* the rest of libxl's header */
	FRAMING_RECORD,	 /* the head of a record of libxl */
	FRAMING_LIBXC,	 /* libxc's two headers */
	FRAMING_CRECORD, /* the head of a record of libxc */
	FRAMING_END,
};

struct framing {
	enum framing_state state;
	uint8_t head[64]; /* what there is of the head being read */
	size_t have, need;
	uint64_t skip;	 /* bytes of a body before the next head */
	uint64_t at;	 /* bytes taken so far */
	uint64_t begin;	 /* where the head being read begins */
	uint64_t record; /* libxl's records so far */
	bool big, cbig;	 /* byte order of libxl's, libxc's records */
};

void framing_init(struct framing *f);
/*
 * Takes what belongs to the stream of the len bytes at p: all of them, or
 * less when END is among them.  Returns 0 and how many in ret_used, or EINVAL
 * with what is wrong at which byte.
 */
int __must_check framing_take(struct framing *f, const void *p, size_t len,
			      size_t *ret_used, struct err *err);
/* The last byte of the stream has been taken. */
bool framing_done(const struct framing *f);
/* The input has ended: EINVAL, unless it was done. */
int __must_check framing_finish(const struct framing *f, struct err *err);

#endif
