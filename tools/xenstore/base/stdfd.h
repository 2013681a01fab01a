/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stdfd: makes sure that descriptors 0, 1 and 2 are never anything else than
 * standard input, output and error.
 */
#ifndef BASE_STDFD_H
#define BASE_STDFD_H

#include "base/err.h"

/*
 * Opens each of descriptors 0, 1 and 2 that is closed; the first call of a
 * program.  Otherwise the next file or socket would get the number, and
 * messages would be written into it.  Using such a descriptor fails with EBADF,
 * so that lost output is an error.  They stay open across exec.  Returns 0 or
 * an errno.
 */
int __must_check stdfd_reserve(void);

#endif
