/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crc64: the checksum of xs-stream's sections: CRC-64 with the polynomial of
 * ECMA-182, reflected, initial value and final XOR all ones (as in xz).  Finds
 * damage, not forgery.
 */
#ifndef CRC64_H
#define CRC64_H

#include <stddef.h>
#include <stdint.h>

/*
 * Continues the checksum crc (0: begins one) with len bytes at p.  Returns the
 * new checksum.
 */
uint64_t crc64(uint64_t crc, const void *p, size_t len);

#endif
