/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-restore: damaged images into a daemon.
 *
 * The image of a daemon with something of everything is taken apart and put
 * together again with records changed, dropped, doubled and exchanged, and
 * without the header whose digest would give it all away.  Each result is
 * either refused with a reason or restores a store that passes its check, and
 * goes on passing it when every transaction is committed.
 *
 *	fuzz-restore [COUNT [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "domain/domain.h"
#include "image/image.h"
#include "lu/lu-image.h"
#include "store/check.h"
#include "store/node.h"
#include "store/watch.h"
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

/* ---- a host that does nothing ---- */

static uint8_t page[4096];

static uint64_t no_now(struct host *h)
{
	(void)h;
	return 100000;
}

static int no_random(struct host *h, void *buf, size_t len)
{
	(void)h;
	memset(buf, 3, len);
	return 0;
}

static int no_poll(struct host *h, int fd, uint32_t what, uint64_t tag)
{
	(void)h;
	(void)fd;
	(void)what;
	(void)tag;
	return 0;
}

static int no_map(struct host *h, uint16_t domid, void **ret_page)
{
	(void)h;
	(void)domid;
	*ret_page = page;
	return 0;
}

static int no_dom0(struct host *h, void **ret_page, uint32_t *ret_port)
{
	*ret_port = 1;
	return no_map(h, 0, ret_page);
}

static int no_bind(struct host *h, uint16_t domid, uint32_t remote,
		   uint32_t *ret_port)
{
	(void)h;
	(void)domid;
	*ret_port = remote;
	return 0;
}

static int no_death(struct host *h, uint32_t *ret_port)
{
	(void)h;
	*ret_port = 2;
	return 0;
}

static void no_handoff(struct host *h, int32_t *evtchn_fd, int32_t *epoll_fd)
{
	(void)h;
	*evtchn_fd = -1;
	*epoll_fd = -1;
}

static int no_adopt(struct host *h, int32_t evtchn_fd, int32_t epoll_fd,
		    bool *ret_ports, bool *ret_polled, struct err *err)
{
	(void)h;
	(void)err;
	*ret_ports = evtchn_fd >= 0;
	*ret_polled = epoll_fd >= 0;
	return 0;
}

static const struct host_ops ops = {
	.now_ms = no_now,
	.random = no_random,
	.poll_add = no_poll,
	.poll_set = no_poll,
	.ring_map = no_map,
	.dom0_ring = no_dom0,
	.evtchn_bind = no_bind,
	.evtchn_bind_death = no_death,
	.lu_handoff = no_handoff,
	.lu_adopt = no_adopt,
};

static struct host host = {&ops};

static _Noreturn void broken(const char *what, const char *text)
{
	printf("fuzz-restore: %s: %s\n", what, text);
	exit(1);
}

/* ---- a daemon with something of everything ---- */

static struct daemon *new_daemon(void)
{
	struct config config = {0};
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, &host, NULL, &config, &err);

	if (!d)
		broken("no daemon", err.text);
	return d;
}

static void run(struct daemon *d, struct conn *c, struct tx *tx, char verb,
		const char *path)
{
	struct node_req req = {
		.store = d->store, .client = &c->client, .tx = tx};
	uint8_t names[4096];
	struct wbuf out;
	size_t len = strlen(path);
	int rc = 0;

	req.changes = change_list_new(d, d->store);
	wbuf_init_fixed(&out, names, sizeof(names));
	if (verb == 'w')
		rc = node_write(&req, path, len, (const uint8_t *)path, len);
	else if (verb == 'r')
		rc = node_rm(&req, path, len);
	else
		rc = node_list(&req, path, len, sizeof(names), &out);
	talloc_free(req.changes);
	(void)rc; /* some are refused, and leave their trace all the same */
}

static void transactions(struct daemon *d, struct conn *c)
{
	struct tx *tx;
	int rc = tx_start(d->store, &c->client, 0, &tx);

	if (rc)
		broken("no transaction", strerror(rc));
	run(d, c, tx, 'w', "/a/b");
	run(d, c, tx, 'w', "/a/new/deep/leaf");
	run(d, c, tx, 'l', "/a");
	run(d, c, tx, 'r', "/a/c");
	run(d, c, tx, 'r', "/gone");
	run(d, c, tx, 'w', "/a/c/again");
	rc = tx_start(d->store, &c->client, 0, &tx);
	if (rc)
		broken("no transaction", strerror(rc));
	run(d, c, tx, 'r', "/a");
	run(d, c, tx, 'w', "/a/x");
	run(d, c, tx, 'r', "/");
}

static struct daemon *rich_daemon(void)
{
	struct cred socket = {0, PERMS_DOMID_INVALID, true};
	struct cred guest = {5, PERMS_DOMID_INVALID, false};
	struct daemon *d = new_daemon();
	struct conn *c = conn_new(d, CONN_SOCKET, &socket, 0);
	struct conn *g = conn_new(d, CONN_RING, &guest, 0);
	struct domain *dom = domain_new(d, 5);
	struct watch *w;
	int rc;

	c->fd = 9;
	g->domain = dom;
	dom->conn = g;
	g->remote_port = 4;
	run(d, c, NULL, 'w', "/a/b");
	run(d, c, NULL, 'w', "/a/c/d/e");
	run(d, c, NULL, 'w', "/a/c/f");
	run(d, c, NULL, 'w', "/local/domain/5/data");
	rc = watch_add(d->store, &g->client, "data", "/local/domain/5/data",
		       "t", 2, &w);
	if (rc)
		broken("no watch", strerror(rc));
	transactions(d, c);
	transactions(d, g);
	conn_event(c, "/a", "token");
	conn_event(g, "data", "t");
	c->in = talloc_memdup(c, "half", 4);
	c->in_len = 4;
	return d;
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

static int into_buf(void *arg, const void *data, size_t len, struct err *err)
{
	(void)err;
	wbuf_bytes(arg, data, len);
	return 0;
}

static void take_apart(void *ctx, const struct wbuf *image, struct pieces *ps)
{
	struct image_reader r;
	struct record rec;
	struct err err;

	if (image_reader_init(&r, ctx, image->data, image->len, &err))
		broken("own image", err.text);
	while (!image_read(&r, &rec, &err) && ps->n < RECORDS_MAX) {
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
	case 1: /* doubled somewhere */
		if (ps->n == RECORDS_MAX)
			return;
		memmove(&ps->p[j + 1], &ps->p[j],
			(ps->n - j) * sizeof(ps->p[0]));
		ps->p[j] = ps->p[i + (i >= j)];
		ps->n++;
		return;
	case 2: /* exchanged */
		tmp = *p;
		*p = ps->p[j];
		ps->p[j] = tmp;
		return;
	default: /* changed, in a copy of its own */
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
		broken("no memory", "image");
}

/* ---- what must hold ---- */

static void check(struct daemon *d, const char *when)
{
	struct err err = {0};

	if (store_check(d->store, &err))
		broken(when, err.text);
}

static void commit_all(struct daemon *d)
{
	struct change_list *l;
	struct conn *c;
	struct tx *tx;

	list_for_each (c, &d->conns, all) {
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

/* Returns true when the image was taken. */
static bool one(const struct pieces *whole)
{
	struct daemon *d = new_daemon();
	void *ctx = talloc_new(NULL);
	struct lu_restored *ret = talloc_zero(ctx, struct lu_restored);
	struct pieces *ps = talloc_memdup(ctx, whole, sizeof(*whole));
	uint32_t n = 1 + pick(3);
	struct image_writer w;
	struct err err = {0};
	int rc;

	while (n-- && ps->n > 1)
		damage(ctx, ps);
	image_writer_init(&w, ctx, false);
	put_together(ps, &w);
	rc = (pick(4) ? lu_restore : lu_restore_file)(d, w.buf.data, w.buf.len,
						      ret, &err);
	if (rc && !err.text[0])
		broken("refused", "without a reason");
	if (!rc) {
		check(d, "after the restore");
		commit_all(d);
	}
	daemon_free(d);
	talloc_free(ctx);
	return !rc;
}

/* Nothing but END is a valid image: of a daemon with "/" and no sockets. */
static void end_alone(void *ctx)
{
	struct daemon *d = new_daemon();
	struct lu_restored *ret = talloc_zero(ctx, struct lu_restored);
	struct image_writer w;
	struct err err = {0};

	image_writer_init(&w, ctx, false);
	if (image_writer_finish(&w) ||
	    lu_restore(d, w.buf.data, w.buf.len, ret, &err))
		broken("END alone", err.text);
	check(d, "END alone");
	if (ret->counts.nodes != 1 || ret->counts.conns || d->rw_fd != -1 ||
	    d->ro_fd != -1)
		broken("END alone", "is not an empty daemon");
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
	struct lu_dump_options opt = {0};
	struct lu_counts counts;
	struct err err = {0};
	struct wbuf image;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("fuzz-restore: %lu images, seed %lu\n", count, seed);
	wbuf_init(&image, ctx);
	if (lu_dump(d, &opt, into_buf, &image, &counts, &err))
		broken("dump", err.text);
	daemon_free(d);
	take_apart(ctx, &image, whole);
	end_alone(ctx);
	rng = seed * 0x9e3779b97f4a7c15ull + 1;
	for (i = 0; i < count; i++)
		taken += one(whole);
	talloc_free(ctx);
	printf("fuzz-restore: %lu of %lu taken, the others refused\n", taken,
	       count);
	/* if none or all were taken, this has tested nothing */
	if (!taken || taken == count)
		broken("taken", "none or all");
	printf("1 passed, 0 failed\n");
	return 0;
}
