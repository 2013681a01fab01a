/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-restore: restores damaged images of a whole daemon.
 *
 * The image of a daemon with all kinds of state is taken apart and put together
 * again with records changed, dropped, duplicated and swapped, and without the
 * header, whose digest would reveal the damage. Each result is either refused
 * with a reason, or restores a store that passes its check, also after every
 * transaction is committed.
 *
 *   fuzz-restore [COUNT [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "image/image.h"
#include "state/state.h"
#include "rich.h"
#include "store/check.h"
#include "store/change.h"
#include "store/store.h"
#include "store/transaction.h"
#include "transport/conn.h"
#include "transport/event.h"

#define RECORDS_MAX 400

static uint64_t rng;

static uint32_t pick(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16) % n;
}

/* ---- images in pieces ---- */

struct piece {
	uint32_t type, len;
	uint8_t *body;
};

struct pieces {
	struct piece p[RECORDS_MAX];
	uint32_t n;
};

static void take_apart(void *ctx, const struct wbuf *image, struct pieces *ps)
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

static void damage(void *ctx, struct pieces *ps)
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

static void put_together(const struct pieces *ps, struct image_writer *w)
{
	uint32_t i;

	for (i = 0; i < ps->n; i++)
		image_write_raw(w, ps->p[i].type, ps->p[i].body, ps->p[i].len);
	if (image_writer_finish(w))
		rich_broken("image", "out of memory");
}

/* ---- what must hold ---- */

static void check(struct daemon *d, const char *when)
{
	struct err err = {0};

	if (store_check(d->store, &err))
		rich_broken(when, err.text);
}

static void commit_all(struct daemon *d)
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

/* Returns true if the image was restored. */
static bool one(const struct pieces *whole)
{
	struct daemon *d = rich_empty();
	void *ctx = talloc_new(NULL);
	struct state_restored *ret = talloc_zero(ctx, struct state_restored);
	struct pieces *ps = talloc_memdup(ctx, whole, sizeof(*whole));
	uint32_t n = 1 + pick(3);
	struct image_writer w;
	struct err err = {0};
	int rc;

	while (n-- && ps->n > 1)
		damage(ctx, ps);
	image_writer_init(&w, ctx, false);
	put_together(ps, &w);
	rc = (pick(4) ? state_restore : state_restore_file)(
		d, w.buf.data, w.buf.len, ret, &err);
	if (rc && !err.text[0])
		rich_broken("refused", "without a reason");
	if (!rc) {
		check(d, "after the restore");
		commit_all(d);
	}
	daemon_free(d);
	talloc_free(ctx);
	return !rc;
}

/* END alone is a valid image: a daemon with "/" and no sockets. */
static void end_alone(void *ctx)
{
	struct daemon *d = rich_empty();
	struct state_restored *ret = talloc_zero(ctx, struct state_restored);
	struct image_writer w;
	struct err err = {0};

	image_writer_init(&w, ctx, false);
	if (image_writer_finish(&w) ||
	    state_restore(d, w.buf.data, w.buf.len, ret, &err))
		rich_broken("END alone", err.text);
	check(d, "END alone");
	if (ret->counts.nodes != 1 || ret->counts.conns ||
	    d->conns.rw_fd != -1 || d->conns.ro_fd != -1)
		rich_broken("END alone", "is not an empty daemon");
	daemon_free(d);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long i, taken = 0;
	void *ctx = talloc_new(NULL);
	struct pieces *whole = talloc_zero(ctx, struct pieces);
	struct daemon *d = rich_daemon();
	struct state_dump_options opt = {0};
	struct state_counts counts;
	struct err err = {0};
	struct wbuf image;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("fuzz-restore: %lu images, seed %lu\n", count, seed);
	wbuf_init(&image, ctx);
	if (state_dump(d, &opt, state_into_wbuf, &image, &counts, &err))
		rich_broken("dump", err.text);
	daemon_free(d);
	take_apart(ctx, &image, whole);
	end_alone(ctx);
	rng = seed * 0x9e3779b97f4a7c15ull + 1;
	for (i = 0; i < count; i++)
		taken += one(whole);
	talloc_free(ctx);
	printf("fuzz-restore: %lu of %lu restored, the others refused\n", taken,
	       count);
	/* if none or all were restored, nothing was tested */
	if (!taken || taken == count)
		rich_broken("restored",
			    "none or all of them; nothing was tested");
	printf("1 passed, 0 failed\n");
	return 0;
}
