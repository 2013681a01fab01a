/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events: those that a connection received since the last check. Used by
 * exec.c.
 */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int events_keep(struct events *e, const struct message *m)
{
	size_t need = e->len + sizeof(m->len) + m->len;

	if (need > e->size) {
		uint8_t *data = realloc(e->data, need * 2);

		if (!data)
			return ENOMEM;
		e->data = data;
		e->size = need * 2;
	}
	memcpy(e->data + e->len, &m->len, sizeof(m->len));
	memcpy(e->data + e->len + sizeof(m->len), m->body, m->len);
	e->len = need;
	e->n++;
	return 0;
}

void events_drop(struct conn *c)
{
	int side;

	for (side = 0; side < SIDES; side++) {
		c->events[side].len = 0;
		c->events[side].n = 0;
	}
}

bool events_same(const struct events *a, const struct events *b)
{
	return a->len == b->len &&
	       (!a->len || !memcmp(a->data, b->data, a->len));
}

const uint8_t *events_next(const struct events *e, size_t *at,
			   uint32_t *ret_len)
{
	const uint8_t *p = e->data + *at + sizeof(*ret_len);

	memcpy(ret_len, e->data + *at, sizeof(*ret_len));
	*at += sizeof(*ret_len) + *ret_len;
	return p;
}

uint32_t events_count(const struct events *e, const uint8_t *body, uint32_t len)
{
	uint32_t n = 0, other_len;
	size_t at = 0;

	while (at < e->len) {
		const uint8_t *other = events_next(e, &at, &other_len);

		n += other_len == len && !memcmp(other, body, len);
	}
	return n;
}

/* Keeps the first of each special event; true if there were more. */
static bool drop_repeated(struct events *e)
{
	struct events seen = *e;
	size_t at = 0, from;
	uint32_t len;

	e->len = 0;
	e->n = 0;
	while (at < seen.len) {
		const uint8_t *p;

		from = at;
		p = events_next(&seen, &at, &len);
		if (p[0] == '@' && events_count(e, p, len))
			continue;
		memmove(e->data + e->len, seen.data + from, at - from);
		e->len += at - from;
		e->n++;
	}
	return e->len != seen.len;
}

bool events_drop_repeated(struct events *a, struct events *b)
{
	bool any = drop_repeated(a);

	return drop_repeated(b) || any;
}

bool events_same_set(const struct events *a, const struct events *b)
{
	size_t at = 0;
	uint32_t len;

	if (a->len != b->len || a->n != b->n)
		return false;
	while (at < a->len) {
		const uint8_t *p = events_next(a, &at, &len);

		if (events_count(a, p, len) != events_count(b, p, len))
			return false;
	}
	return true;
}
