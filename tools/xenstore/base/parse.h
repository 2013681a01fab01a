/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse: strict conversion of text to numbers.
 *
 * Decimal digits only: no sign, no space, no hexadecimal, nothing after the
 * number.  A number out of range is an error, never a wrapped value.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Converts all of the NUL-terminated text s.  Returns 0 and sets *ret_val;
 * EINVAL when s is not a decimal number; ERANGE when it is larger than max.
 */
int __must_check parse_u64(const char *s, uint64_t max, uint64_t *ret_val);
int __must_check parse_u32(const char *s, uint32_t max, uint32_t *ret_val);

#endif
