// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crc64: see crc64.h.  Uses four tables, so that a save does not wait for it.
 * The first call fills them; the program has one thread.
 */
#include "crc64.h"

#include "base/bytes.h"

#define POLYNOMIAL 0xc96c5795d7870f42ull

static uint64_t tables[4][256];

static void make_tables(void)
{
	uint64_t c;
	int i, bit, t;

	for (i = 0; i < 256; i++) {
		c = (uint64_t)i;
		for (bit = 0; bit < 8; bit++)
			c = (c >> 1) ^ (c & 1 ? POLYNOMIAL : 0);
		tables[0][i] = c;
	}
	for (t = 1; t < 4; t++) {
		for (i = 0; i < 256; i++) {
			c = tables[t - 1][i];
			tables[t][i] = (c >> 8) ^ tables[0][c & 0xff];
		}
	}
}

uint64_t crc64(uint64_t crc, const void *p, size_t len)
{
	const uint8_t *b = p;
	uint32_t w;

	if (!tables[0][1])
		make_tables();
	crc = ~crc;
	for (; len >= 4; len -= 4, b += 4) {
		w = (uint32_t)crc ^ bytes_get_u32(b, false);
		crc = (crc >> 32) ^ tables[3][w & 0xff] ^
		      tables[2][(w >> 8) & 0xff] ^ tables[1][(w >> 16) & 0xff] ^
		      tables[0][w >> 24];
	}
	for (; len; len--, b++)
		crc = (crc >> 8) ^ tables[0][(crc ^ *b) & 0xff];
	return ~crc;
}
