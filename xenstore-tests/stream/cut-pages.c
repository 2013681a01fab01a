// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cut-pages: makes a recorded stream of xl save small enough to keep. Of the
 * guest's memory three pages remain, as zeros; all other records stay unchanged
 * and in place. Standard input to standard output.
 *
 * Used once, when the streams in data/ were recorded (README.md there); no test
 * calls it. Little-endian streams of libxl 2 and libxc 3 only.
 */
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_DATA  1u
#define PAGES_KEPT 3

static void need(void *p, size_t len)
{
	if (fread(p, 1, len, stdin) != len) {
		fprintf(stderr, "cut-pages: the stream ends too early\n");
		exit(1);
	}
}

static void copy(size_t len)
{
	char c[8192];
	size_t n;

	for (; len; len -= n) {
		n = len < sizeof(c) ? len : sizeof(c);
		need(c, n);
		fwrite(c, 1, n, stdout);
	}
}

static void drop(size_t len)
{
	char c[8192];
	size_t n;

	for (; len; len -= n) {
		n = len < sizeof(c) ? len : sizeof(c);
		need(c, n);
	}
}

/* Keeps one page of this record: count, its pfn, and zeros. */
static void cut(size_t len)
{
	static const char zeros[4096];
	uint32_t head[2] = {PAGE_DATA, 8 + 8 + 4096};
	uint32_t count[2] = {1, 0};
	uint64_t pfn;

	drop(8);
	need(&pfn, sizeof(pfn));
	drop(len - 16);
	pfn &= 0xfffffffffffffull; /* an ordinary page */
	fwrite(head, 1, sizeof(head), stdout);
	fwrite(count, 1, sizeof(count), stdout);
	fwrite(&pfn, 1, sizeof(pfn), stdout);
	fwrite(zeros, 1, sizeof(zeros), stdout);
}

static void libxc(void)
{
	uint32_t rec[2];
	int kept = 0;
	size_t len;

	copy(40);
	do {
		need(rec, sizeof(rec));
		len = ((size_t)rec[1] + 7) & ~(size_t)7;
		if (rec[0] != PAGE_DATA) {
			fwrite(rec, 1, sizeof(rec), stdout);
			copy(len);
		} else if (kept++ < PAGES_KEPT) {
			cut(len);
		} else {
			drop(len);
		}
	} while (rec[0]);
}

int main(void)
{
	uint32_t head[12], rec[2];

	need(head, sizeof(head)); /* xl's */
	fwrite(head, 1, sizeof(head), stdout);
	copy(head[11]);
	copy(16); /* libxl's */
	do {
		need(rec, sizeof(rec));
		fwrite(rec, 1, sizeof(rec), stdout);
		copy(((size_t)rec[1] + 7) & ~(size_t)7);
		if (rec[0] == 1)
			libxc();
	} while (rec[0]);
	return 0;
}
