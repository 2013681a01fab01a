/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dialect: which format an image has.
 *
 * Only xen2 has a version of its own; spec and xen1 both say 1.  The rules, in
 * this order, over all records up to END or to invalid framing:
 *
 *	1. version 2: xen2
 *	2. one of our extension records (type 0x40000000 and up): spec
 *	3. a record 6, 7 or 8, or a NODE_DATA whose path starts with '@': xen1
 *	4. some CONNECTION_DATA has a len that fits xen1 and not spec, and none
 *	   the other way round: xen1
 *	5. else spec
 */
#ifndef STOCK_DIALECT_H
#define STOCK_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stock/format.h"

/* All formats: spec, xen1, xen2. */
#define IMAGE_FORMATS 3u
extern const struct image_format *const image_formats[IMAGE_FORMATS];

/* The rule that decided; the last two are not proofs. */
enum image_evidence {
	IMAGE_BY_VERSION,
	IMAGE_BY_OUR_RECORD,
	IMAGE_BY_XEN_RECORD,
	IMAGE_BY_CONNECTION,
	IMAGE_BY_NOTHING,
};

struct image_guess {
	const struct image_format *format;
	enum image_evidence evidence;
};

/*
 * Looks at the len bytes at data, which may be the beginning of an image.
 * Returns 0, or EINVAL with err when the preamble is invalid; *ret is then
 * spec, IMAGE_BY_NOTHING.
 */
int __must_check image_dialect_detect(const void *data, size_t len,
				      struct image_guess *ret, struct err *err);
/* The format of that name; NULL: there is none. */
const struct image_format *image_dialect_by_name(const char *name);
/* The evidence in words, "its version" and so on. */
const char *image_evidence_text(enum image_evidence evidence);

#endif
