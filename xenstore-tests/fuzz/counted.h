/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counted: allocations that are counted and refused, in place of the C
 * library's.  A build with the address sanitizer has its own: nothing is
 * refused there, and it looks for leaks itself.
 */
#ifndef COUNTED_H
#define COUNTED_H

#include <stdbool.h>
#include <stdint.h>

#ifndef __SANITIZE_ADDRESS__
#define COUNTED true
#else
#define COUNTED false
#endif

extern int64_t counted_blocks; /* that are in use */

/* The nth (from 0) allocation from now on fails; -1: none does. */
void counted_fail(int64_t nth);
/* Whether that came to pass; none fails any more. */
bool counted_failed(void);

#endif
