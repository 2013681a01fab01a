/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-migrate: shared by its files. */
#ifndef FUZZ_MIGRATE_H
#define FUZZ_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST 5

/* A number from 0 to n - 1. */
uint32_t rnd(uint32_t n);
_Noreturn void broken(const char *what, const char *text);
/*
 * Restores the image in a new daemon. True if it was restored; otherwise
 * everything is unchanged. whole: without --trust. *ret_work: what it cost.
 */
bool try_one(const uint8_t *image, size_t len, bool whole, uint64_t *ret_work);

/* ---- fuzz-migrate-made.c ---- */

/* A copy of the image in memory of ctx, with one record changed. */
uint8_t *damage_record(void *ctx, uint8_t *image, size_t *len);
/*
 * Images of the maximum size, for each kind of record: refused at little cost.
 */
void large_images(void);

#endif
