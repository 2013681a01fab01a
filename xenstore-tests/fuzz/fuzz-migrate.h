/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-migrate: what its files share. */
#ifndef FUZZ_MIGRATE_H
#define FUZZ_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST 5

/* 0 to n - 1 */
uint32_t rnd(uint32_t n);
_Noreturn void broken(const char *what, const char *text);
/*
 * Gives the image to a new daemon.  True when it was taken; else all is as it
 * was before.  whole: without --trust.  *ret_work: what that cost.
 */
bool try_one(const uint8_t *image, size_t len, bool whole, uint64_t *ret_work);

/* ---- fuzz-migrate-made.c ---- */

/* Another image in memory of ctx, one record of which is not what it was. */
uint8_t *damage_record(void *ctx, uint8_t *image, size_t *len);
/* As large as can be, of each kind of record: refused, and cheaply. */
void large_images(void);

#endif
