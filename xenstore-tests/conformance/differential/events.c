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

bool events_filter(struct events *e, events_goes *goes, void *arg)
{
	struct events all = *e;
	size_t at = 0, from;
	const uint8_t *p;
	uint32_t len;

	e->len = 0;
	e->n = 0;
	while (at < all.len) {
		from = at;
		p = events_next(&all, &at, &len);
		if (goes(arg, p, len))
			continue;
		memmove(e->data + e->len, all.data + from, at - from);
		e->len += at - from;
		e->n++;
	}
	return e->n < all.n;
}

/* arg: what has been kept. */
static bool repeated(void *arg, const uint8_t *body, uint32_t len)
{
	return body[0] == '@' && events_count(arg, body, len);
}

bool events_drop_repeated(struct events *a, struct events *b)
{
	bool any = events_filter(a, repeated, a);

	return events_filter(b, repeated, b) || any;
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
