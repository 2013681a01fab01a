/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counted: replaces the C library's allocator by one that counts allocations
 * and can make one fail. With the address sanitizer its own allocator stays: no
 * allocation fails, and it looks for leaks itself.
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

/* Makes the nth (from 0) allocation from now on fail; -1: none. */
void counted_fail(int64_t nth);
/* Whether that allocation failed; from now on none fails. */
bool counted_failed(void);

#endif
