/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crc64: the checksum of xs-stream's sections: CRC-64 with the polynomial of
 * ECMA-182, bits reflected, begun and ended with all ones (the one that xz
 * uses).  Finds damage, not forgery.
 */
#ifndef CRC64_H
#define CRC64_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what crc was of (0: of nothing) and then len bytes at p. */
uint64_t crc64(uint64_t crc, const void *p, size_t len);

#endif
