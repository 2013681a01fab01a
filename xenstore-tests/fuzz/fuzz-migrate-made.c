/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-migrate-made: well-formed images with hostile contents; see
 * fuzz-migrate.c.
 */
#include "fuzz-migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "image/image.h"
#include "image/table.h"
#include "migrate/vet.h"

/* deeper than a guest's path may be */
#define DEEP                                                                   \
	"/local/domain/5/data/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x" \
	"/y/z/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z"

static const char *const paths[] = {
	DEEP,
	"/",
	"/tool/x",
	"/local/domain/5",
	"/local/domain/5/vm",
	"/local/domain/7/data",
	"/local/domain/0/backend/vif/5/0",
	"/local/domain/0/backend/vif/7/0",
	"/libxl/5",
	"/libxl/7",
	"/vm/other",
	"@releaseDomain",
	"//5/data",
	"/local//domain/5/data",
	"/local/domain/5/",
};

static const uint16_t domids[] = {0,	  5,	  7,	  0x7ff0, 0x7ff4,
				  0x7ff5, 0x7fff, 0x8005, 0xffff};

#define SOME(a) ((a)[rnd(sizeof(a) / sizeof((a)[0]))])

static void damage_node(struct rec_node *node, struct rec_perm *perm)
{
	if (rnd(2)) {
		node->path = SOME(paths);
		node->path_len = (uint16_t)(strlen(node->path) + 1);
	}
	if (node->perm_count > 3 || rnd(2))
		return;
	memcpy(perm, node->perms, node->perm_count * sizeof(*perm));
	node->perms = perm;
	perm[node->perm_count] = (struct rec_perm){'r', 0, SOME(domids)};
	if (rnd(2))
		node->perm_count++;
	else if (node->perm_count)
		perm[rnd(node->perm_count)].domid = SOME(domids);
	perm[0].perm = (uint8_t)("nrwb"[rnd(4)]);
}

static void damage_fields(struct record *rec, struct rec_perm *perm)
{
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		rec->conn.tdomid = SOME(domids);
		if (rnd(2))
			rec->conn.domid = SOME(domids);
		break;
	case REC_NODE_DATA:
		damage_node(&rec->node, perm);
		break;
	case REC_WATCH_DATA:
		rec->watch.wpath = SOME(paths);
		rec->watch.wpath_len = (uint16_t)(strlen(rec->watch.wpath) + 1);
		break;
	case REC_TX_NODE:
		rec->tx_node.did ^= (uint16_t)(1u << rnd(11));
		if (rnd(3))
			break;
		rec->tx_node.path = SOME(paths);
		rec->tx_node.path_len =
			(uint16_t)(strlen(rec->tx_node.path) + 1);
		break;
	case REC_TX_BASE:
		rec->tx_base.path = SOME(paths);
		rec->tx_base.path_len =
			(uint16_t)(strlen(rec->tx_base.path) + 1);
		break;
	case REC_QUOTA:
		rec->quota.value = rnd(2) ? 0 : rnd(2000);
		rec->quota.domid = rnd(2) ? 5 : SOME(domids);
		break;
	case REC_DOM_FEATURES:
		rec->features.features = rnd(32);
		rec->features.domid = rnd(2) ? 5 : SOME(domids);
		break;
	case REC_DOMAIN_STATE:
		rec->domain.domid = SOME(domids);
		break;
	default:
		break;
	}
}

uint8_t *damage_record(void *ctx, uint8_t *image, size_t *len)
{
	uint32_t which = rnd(64), at = 0, more;
	struct image_reader reader;
	struct image_writer w;
	struct rec_perm perm[8];
	struct record rec;
	struct err err;
	int rc;

	image_writer_init(&w, ctx, false);
	if (image_reader_init(&reader, ctx, image, *len, &err))
		broken("cannot be read", err.text);
	while (image_read(&reader, &rec, &rc, &err)) {
		if (at++ % 32 == which % 32)
			damage_fields(&rec, perm);
		/* leaves it out, writes it once or twice */
		more = at == which ? rnd(3) : 1;
		while (more--)
			image_write(&w, &rec);
	}
	image_reader_fini(&reader);
	if (image_writer_finish(&w))
		broken("no image was made", "out of memory");
	*len = w.buf.len;
	talloc_free(image);
	return w.buf.data;
}

/* ---- images of the maximum size ---- */

static void put_some(struct image_writer *w, const char *kind, uint32_t i)
{
	static const struct rec_perm own = {'n', 0, GUEST}, dom0 = {'n', 0, 0};
	static uint8_t value[2000];
	struct record rec = {.type = REC_NODE_DATA};
	char path[96], token[32];
	int n = snprintf(path, sizeof(path), "/local/domain/5/data/%u", i);

	rec.node.path = path;
	rec.node.path_len = (uint16_t)(n + 1);
	rec.node.perms = strstr(kind, "own") ? &own : &dom0;
	rec.node.perm_count = 1;
	rec.node.value = value;
	if (strstr(kind, "large"))
		rec.node.value_len = sizeof(value);
	if (strstr(kind, "pending")) {
		rec.node.conn_id = 1;
		rec.node.tx_id = 1;
		rec.node.access = REC_NODE_WRITTEN;
	} else if (!strcmp(kind, "watches")) {
		rec.type = REC_WATCH_DATA;
		snprintf(token, sizeof(token), "%u", i);
		rec.watch = (struct rec_watch){
			.conn_id = 1,
			.wpath = "/a",
			.wpath_len = 3,
			.token = token,
			.token_len = (uint16_t)(strlen(token) + 1)};
	} else if (!strcmp(kind, "touched")) {
		rec.type = REC_TX_NODE;
		memset(&rec.tx_node, 0, sizeof(rec.tx_node));
		rec.tx_node.conn_id = rec.tx_node.tx_id = 1;
		rec.tx_node.path = path;
		rec.tx_node.path_len = (uint16_t)(n + 1);
	} else if (!strcmp(kind, "transactions")) {
		rec.type = REC_TRANSACTION_DATA;
		rec.tx = (struct rec_tx){1, i + 1};
	} else if (!strcmp(kind, "unknown")) {
		image_write_raw(w, 0x80001234u, NULL, 0);
		return;
	}
	image_write(w, &rec);
}

static void make_large(void *ctx, struct image_writer *w, const char *kind,
		       size_t size)
{
	struct record rec = {.type = REC_HEADER};
	uint32_t i;

	image_writer_init(w, ctx, false);
	rec.header.scope = REC_SCOPE_MIGRATION;
	rec.header.writer = "";
	rec.header.writer_len = 1;
	image_write(w, &rec);
	rec = (struct record){.type = REC_CONNECTION_DATA};
	rec.conn.conn_id = 1;
	rec.conn.domid = GUEST;
	rec.conn.tdomid = 0x7ff4;
	rec.conn.evtchn = 3;
	image_write(w, &rec);
	rec = (struct record){.type = REC_TRANSACTION_DATA};
	rec.tx = (struct rec_tx){1, 1};
	if (strcmp(kind, "transactions"))
		image_write(w, &rec);
	for (i = 0; !w->buf.failed && w->buf.len < size; i++)
		put_some(w, kind, i);
	/* an image that reaches this point is refused all the same */
	image_write(w, &rec);
	if (image_writer_finish(w))
		broken("no image was made", "out of memory");
}

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* The amount of work is bounded, and so is the amount of copying. */
void large_images(void)
{
	static const char *const kinds[] = {"watches",
					    "own nodes",
					    "large own nodes",
					    "toolstack's nodes",
					    "large toolstack's nodes",
					    "pending",
					    "touched",
					    "transactions",
					    "unknown"};
	static const size_t sizes[] = {VET_BYTES - 4096, 64u << 20};
	const uint64_t most = VET_RECORDS + VET_BYTES / 256 + 1000;
	void *ctx = talloc_new(NULL);
	double from, best, ms;
	struct image_writer w;
	size_t i, k, n;
	uint64_t work;

	for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			make_large(ctx, &w, kinds[i], sizes[k]);
			for (best = 1e9, n = 0; n < 3; n++) {
				from = cpu_ms();
				if (try_one(w.buf.data, w.buf.len, true, &work))
					broken("too large, but restored",
					       kinds[i]);
				ms = cpu_ms() - from;
				best = ms < best ? ms : best;
			}
			printf("%9zu bytes of %-24s refused: %6llu work, "
			       "%.2f ms\n",
			       w.buf.len, kinds[i], (unsigned long long)work,
			       best);
			if (work > most)
				broken("refusing an image cost too much",
				       kinds[i]);
			wbuf_fini(&w.buf);
		}
	talloc_free(ctx);
}
