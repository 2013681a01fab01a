/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stdfd: standard input, output and error are what every library takes them
 * for.
 */
#ifndef BASE_STDFD_H
#define BASE_STDFD_H

#include "base/err.h"

/*
 * The first thing that a program does: takes those of descriptors 0, 1 and 2
 * that it was started without.  Otherwise the next file or socket gets the
 * number, and messages are written into it.  Whoever uses them gets EBADF, so
 * that lost output is an error.  They stay open over an exec.  Returns 0 or an
 * errno.
 */
int __must_check stdfd_reserve(void);

#endif
