/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts: see parts.h. */
#include "parts.h"

#include <string.h>
#include <talloc.h>

#include "rich.h"
#include "store/change.h"
#include "store/check.h"
#include "store/store.h"
#include "store/transaction.h"
#include "transport/conn.h"
#include "transport/event.h"

static uint64_t rng;

void parts_seed(uint64_t seed)
{
	rng = seed * 0x9e3779b97f4a7c15ull + 1;
}

uint32_t pick(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16) % n;
}

void take_apart(void *ctx, const struct wbuf *image, struct pieces *ps)
{
	struct image_reader r;
	struct record rec;
	struct err err;
	int rc;

	if (image_reader_init(&r, ctx, image->data, image->len, &err))
		rich_broken("the undamaged image", err.text);
	while (image_read(&r, &rec, &rc, &err) && ps->n < RECORDS_MAX) {
		if (rec.type == REC_HEADER)
			continue;
		ps->p[ps->n].type = rec.type;
		ps->p[ps->n].len = rec.len;
		ps->p[ps->n++].body = talloc_memdup(ctx, rec.body, rec.len);
	}
	image_reader_fini(&r);
}

void damage(void *ctx, struct pieces *ps)
{
	static const uint32_t wild[] = {0,	1,	2,	    0x7f,
					0xff,	0xffff, 0x7fffffff, 0xffffffff,
					0x1000, 7,	5};
	uint32_t i = pick(ps->n), j = pick(ps->n), at, v;
	struct piece tmp, *p = &ps->p[i];

	switch (pick(6)) {
	case 0: /* dropped */
		memmove(p, p + 1, (ps->n - i - 1) * sizeof(*p));
		ps->n--;
		return;
	case 1: /* duplicated somewhere */
		if (ps->n == RECORDS_MAX)
			return;
		memmove(&ps->p[j + 1], &ps->p[j],
			(ps->n - j) * sizeof(ps->p[0]));
		ps->p[j] = ps->p[i + (i >= j)];
		ps->n++;
		return;
	case 2: /* swapped */
		tmp = *p;
		*p = ps->p[j];
		ps->p[j] = tmp;
		return;
	default: /* changed, in a copy */
		if (p->len < 4)
			return;
		p->body = talloc_memdup(ctx, p->body, p->len);
		at = pick(p->len - 3);
		v = wild[pick(sizeof(wild) / sizeof(wild[0]))];
		memcpy(p->body + at, &v, 1u << pick(3));
	}
}

void put_together(const struct pieces *ps, uint32_t from, uint32_t to,
		  struct image_writer *w)
{
	uint32_t i;

	for (i = from; i < to; i++)
		image_write_raw(w, ps->p[i].type, ps->p[i].body, ps->p[i].len);
	if (image_writer_finish(w))
		rich_broken("image", "out of memory");
}

/* ---- what must hold ---- */

void check(struct daemon *d, const char *when)
{
	struct err err = {0};

	if (store_check(d->store, &err))
		rich_broken(when, err.text);
}

void commit_all(struct daemon *d)
{
	struct change_list *l;
	struct conn *c;
	struct tx *tx;

	list_for_each (c, &d->conns.all, all) {
		while ((tx = list_first(&c->client.txs, struct tx,
					of_client))) {
			l = change_list_new(d, d->store);
			if (!tx_commit(tx, l)) {
				change_apply(l);
				event_fire(d, l);
			}
			talloc_free(l);
			tx_free(tx);
			check(d, "after a commit");
		}
	}
}
