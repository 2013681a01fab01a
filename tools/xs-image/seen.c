// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * seen: see xs-image.h.  Keeps hashes of 128 bits, 32 to 64 bytes for each
 * thing.  The hash has a random key, so that nobody can make an image whose
 * things collide.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <talloc.h>

#include "xs-image.h"

#include "base/hash.h"

struct seen {
	struct hash_key key[2];
	struct digest *slot; /* 0, 0: empty */
	size_t n, size;	     /* size: a power of two */
};

#define FIRST_SIZE 1024u

/* The slots are from calloc(): talloc limits the size of an allocation. */
static int seen_free(struct seen *s)
{
	free(s->slot);
	return 0;
}

struct seen *seen_new(const void *ctx)
{
	struct seen *s = talloc_zero(ctx, struct seen);

	if (!s)
		return NULL;
	/* glibc has no getrandom() before 2.25 */
	if (syscall(SYS_getrandom, s->key, sizeof(s->key), 0) != sizeof(s->key))
		memset(s->key, 0x5a, sizeof(s->key));
	s->size = FIRST_SIZE;
	s->slot = calloc(FIRST_SIZE, sizeof(*s->slot));
	talloc_set_destructor(s, seen_free);
	if (s->slot)
		return s;
	talloc_free(s);
	return NULL;
}

static uint64_t hash_one(const struct hash_key *key, const struct thing *t)
{
	uint64_t parts[5] = {t->kind, t->a, t->b, 0, 0};

	if (t->p_len)
		parts[3] = hash_keyed(key, t->p, t->p_len);
	if (t->q_len)
		parts[4] = hash_keyed(key, t->q, t->q_len);
	return hash_keyed(key, parts, sizeof(parts));
}

struct digest thing_digest(const struct seen *s, const struct thing *t)
{
	struct digest d = {hash_one(&s->key[0], t), hash_one(&s->key[1], t)};

	d.b |= !d.a && !d.b;
	return d;
}

static struct digest *place(const struct seen *s, const struct digest *d)
{
	size_t i = d->a & (s->size - 1);

	while ((s->slot[i].a || s->slot[i].b) &&
	       (s->slot[i].a != d->a || s->slot[i].b != d->b))
		i = (i + 1) & (s->size - 1);
	return &s->slot[i];
}

static bool is_free(const struct digest *d)
{
	return !d->a && !d->b;
}

static int grow(struct seen *s)
{
	struct digest *old = s->slot;
	size_t i, size = s->size;

	s->slot = calloc(size * 2, sizeof(*old));
	if (!s->slot) {
		s->slot = old;
		return ENOMEM;
	}
	s->size = size * 2;
	for (i = 0; i < size; i++) {
		if (!is_free(&old[i]))
			*place(s, &old[i]) = old[i];
	}
	free(old);
	return 0;
}

int seen_add(struct seen *s, const struct thing *t)
{
	struct digest d = thing_digest(s, t), *at = place(s, &d);

	if (!is_free(at))
		return EEXIST;
	if (s->n * 2 >= s->size) {
		if (grow(s))
			return ENOMEM;
		at = place(s, &d);
	}
	*at = d;
	s->n++;
	return 0;
}

bool seen_has(const struct seen *s, const struct thing *t)
{
	struct digest d = thing_digest(s, t);

	return !is_free(place(s, &d));
}
