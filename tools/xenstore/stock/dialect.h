/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dialect: which of the dialects of record.h an image is written in.
 *
 * The version tells only xen2 apart; spec and xen1 both say 1.  The rules, in
 * this order, over all records up to END or to where the framing breaks:
 *
 *	1. version 2: xen2
 *	2. a record of ours (type 0x40000000 and up): spec
 *	3. a record 6, 7 or 8, or a NODE_DATA whose path starts with '@': xen1
 *	4. CONNECTION_DATA whose len fits what xen1 would have in it and not
 *	   what spec would, and none the other way round: xen1
 *	5. else spec
 */
#ifndef STOCK_DIALECT_H
#define STOCK_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* By which rule it is known; the last two are less than proofs. */
enum image_evidence {
	IMAGE_BY_VERSION,
	IMAGE_BY_OUR_RECORD,
	IMAGE_BY_XEN_RECORD,
	IMAGE_BY_CONNECTION,
	IMAGE_BY_NOTHING,
};

struct image_guess {
	unsigned int dialect; /* REC_DIALECT_... */
	enum image_evidence evidence;
	/*
	 * The second descriptor of GLOBAL_DATA, for whoever has it open and
	 * can tell: a socket or -1 in spec, a character device in the others.
	 */
	bool have_fd;
	int32_t second_fd;
};

/*
 * Looks at the len bytes at data, which may be the beginning of an image.
 * Returns 0, or EINVAL with err when the preamble is not one.
 */
int __must_check image_dialect_detect(const void *data, size_t len,
				      struct image_guess *ret, struct err *err);
/* "spec", "xen1", "xen2" */
const char *image_dialect_name(unsigned int dialect);
/* Returns 0, or EINVAL for any other name. */
int __must_check image_dialect_by_name(const char *name,
				       unsigned int *ret_dialect);
/* The evidence in words, "its version" and so on. */
const char *image_evidence_text(enum image_evidence evidence);

#endif
