/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts: images in records that are changed, dropped, duplicated and swapped,
 * and what must hold after one was read; for fuzz-restore and fuzz-follow.
 */
#ifndef PARTS_H
#define PARTS_H

#include "base/buf.h"
#include "daemon.h"
#include "image/image.h"

#define RECORDS_MAX 400

struct piece {
	uint32_t type, len;
	uint8_t *body;
};

struct pieces {
	struct piece p[RECORDS_MAX];
	uint32_t n;
};

/* Random numbers from a seed; below n. */
void parts_seed(uint64_t seed);
uint32_t pick(uint32_t n);
/* Appends the records of an image, without its HEADER. */
void take_apart(void *ctx, const struct wbuf *image, struct pieces *ps);
void damage(void *ctx, struct pieces *ps);
/* Writes the records from..to-1 and END. */
void put_together(const struct pieces *ps, uint32_t from, uint32_t to,
		  struct image_writer *w);
/* The store passes its check, also after every transaction is committed. */
void check(struct daemon *d, const char *when);
void commit_all(struct daemon *d);

#endif
