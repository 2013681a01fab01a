/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-ox: damaged dumps of oxenstored.
 *
 * Each round damages lines, fields and bytes of a copy. Either it is refused
 * with a line and a reason, or the image made of it can be read. A daemon then
 * takes over from the dump: either that is refused with a reason, or the store
 * passes its check and has the same digest after an update. Memory use stays in
 * proportion to the size of the dump.
 *
 *   fuzz-ox COUNT SEED DUMP
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "image/image.h"
#include "still-host.h"
#include "stock/ox-dump.h"
#include "stock/take-over.h"

#define DUMP_MAX  65536u
#define LINES_MAX 200u

/* Behind the dump: what the given one does not have. */
static const char more[] =
	"watch,0,40696e74726f64756365446f6d61696e,74,1\n"
	"watch,5,64617461,,0\n"
	"store,2f612062,6e30,\n"
	"store,2f40666f6f,6e39393939390072353030303000723100,\n"
	"dom,6,99,3,18,more\n";

static uint64_t rng;
static unsigned long round_now, n_refused, n_read, n_taken;

static uint32_t pick(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 16) % n;
}

static _Noreturn void broken(const char *what, const char *text)
{
	printf("fuzz-ox: round %lu: %s: %s\n"
	       "run alone: make check-fuzz-ox N= SEED=\n",
	       round_now, what, text);
	printf("0 passed, 1 failed\n");
	exit(1);
}

/* ---- damage ---- */

struct lines {
	const char *p[LINES_MAX + 1]; /* where each begins, and the end */
	uint32_t n;
};

static void find_lines(struct lines *l, const char *p, size_t len)
{
	const char *end = p + len, *nl;

	l->n = 0;
	while (p < end && l->n < LINES_MAX) {
		l->p[l->n++] = p;
		nl = memchr(p, '\n', (size_t)(end - p));
		p = nl ? nl + 1 : end;
	}
	l->p[l->n] = end;
}

static size_t append(char *to, size_t len, const char *from, const char *end)
{
	size_t n = (size_t)(end - from);

	if (len + n > DUMP_MAX)
		return len;
	memcpy(to + len, from, n);
	return len + n;
}

/* Drops, repeats or moves a line. */
static size_t spoil_lines(char *p, size_t len)
{
	static char old[DUMP_MAX];
	struct lines l;
	uint32_t i, which, to, how = pick(3);
	size_t n = 0;

	memcpy(old, p, len);
	find_lines(&l, old, len);
	which = pick(l.n);
	to = pick(l.n);
	for (i = 0; i < l.n; i++) {
		if (i == to && how)
			n = append(p, n, l.p[which], l.p[which + 1]);
		if (i != which || how == 1)
			n = append(p, n, l.p[i], l.p[i + 1]);
	}
	return n;
}

static size_t spoil_bytes(char *p, size_t len)
{
	static const char wild[] = "0123456789abcdef,,,-\n2f00 gx~\xff";
	size_t at = pick((uint32_t)len), n = 1 + pick(40);

	switch (pick(4)) {
	case 0:
		p[at] = wild[pick(sizeof(wild))];
		return len;
	case 1: /* a piece removed */
		if (at + n > len)
			return len;
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	case 2: /* a digit more, or a field */
		if (len == DUMP_MAX)
			return len;
		memmove(p + at + 1, p + at, len - at);
		p[at] = wild[pick(sizeof(wild))];
		return len + 1;
	default:
		return pick(8) ? len : at + 1;
	}
}

/* ---- what must hold ---- */

struct sink {
	struct image_writer w;
};

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct sink *s = arg;

	(void)err;
	image_write(&s->w, rec);
	return 0;
}

static void read_image(void *ctx, const struct wbuf *image)
{
	struct image_reader r;
	struct record rec;
	struct err err = {0};
	int rc = image_reader_init(&r, ctx, image->data, image->len, &err);

	while (!rc && image_read(&r, &rec, &rc, &err))
		;
	image_reader_fini(&r);
	if (rc)
		broken("read, but its image is refused", err.text);
}

static void read_dump(void *ctx, const char *p, size_t len)
{
	struct image_losses losses;
	struct err err = {0};
	struct sink s;
	void *mine = talloc_new(ctx);
	struct ox_dump d = {
		.data = p, .len = len, .header = true, .put = put, .arg = &s};
	int rc;

	image_writer_init(&s.w, ctx, false);
	rc = ox_dump_read(mine, &d, &losses, &err);
	if (talloc_total_size(mine) > 64 * len + (1 << 16))
		broken("memory", "out of proportion to the dump");
	if (!rc) {
		n_read++;
		if (image_writer_finish(&s.w))
			broken("memory", "out of memory");
		read_image(ctx, &s.w.buf);
	} else {
		n_refused++;
		if (rc != EINVAL && rc != EEXIST)
			broken("refused with another errno", err.text);
		if (!strstr(err.text, "line "))
			broken("refused without a line", err.text);
	}
	wbuf_fini(&s.w.buf);
}

static struct daemon *new_daemon(void *ctx, struct still_host *host)
{
	struct config config = {0};
	struct err err;
	struct daemon *d = daemon_new(ctx, &host->host, NULL, &config, &err);

	if (!d)
		broken("memory", err.text);
	return d;
}

static void take_over(void *ctx, const char *p, size_t len)
{
	static struct still_host host;
	struct state_dump_options opt = {0};
	struct state_restored from;
	struct state_counts counts;
	struct daemon *d, *next;
	struct wbuf image;
	struct err err = {0};

	still_host_init(&host);
	d = new_daemon(ctx, &host);
	if (stock_take_over(d, p, len, &from, &err)) {
		if (!*err.text)
			broken("refused", "without a reason");
		daemon_free(d);
		return;
	}
	n_taken++;
	if (state_check(d, &err))
		broken("taken over", err.text);
	wbuf_init(&image, ctx);
	if (state_dump(d, &opt, state_into_wbuf, &image, &counts, &err))
		broken("taken over, but no image of it", err.text);
	next = new_daemon(ctx, &host);
	if (state_restore(next, image.data, image.len, &from, &err))
		broken("taken over, but not restored", err.text);
	if (state_digest(next) != state_digest(d))
		broken("taken over, then updated", "another digest");
	daemon_free(next);
	daemon_free(d);
	wbuf_fini(&image);
}

static void round_of(const char *whole, size_t len)
{
	static char p[DUMP_MAX];
	void *ctx = talloc_new(NULL);
	uint32_t n = pick(4);
	char *exact;

	memcpy(p, whole, len);
	while (n-- && len > 1)
		len = pick(2) ? spoil_lines(p, len) : spoil_bytes(p, len);
	exact = malloc(len); /* a sanitizer notices any byte beyond */
	if (!exact)
		broken("memory", "out of memory");
	memcpy(exact, p, len);
	read_dump(ctx, exact, len);
	take_over(ctx, exact, len);
	free(exact);
	talloc_free(ctx);
}

int main(int argc, char **argv)
{
	static char whole[DUMP_MAX];
	unsigned long count;
	size_t len;
	FILE *f;

	if (argc != 4)
		broken("usage", "fuzz-ox COUNT SEED DUMP");
	f = fopen(argv[3], "re");
	if (!f)
		broken(argv[3], strerror(errno));
	len = fread(whole, 1, sizeof(whole) - sizeof(more), f);
	fclose(f);
	memcpy(whole + len, more, sizeof(more) - 1);
	len += sizeof(more) - 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = strtoul(argv[1], NULL, 10);
	rng = strtoul(argv[2], NULL, 10) * 0x9e3779b97f4a7c15ull + 1;
	printf("fuzz-ox: %lu rounds, seed %s\n", count, argv[2]);
	for (round_now = 0; round_now < count; round_now++)
		round_of(whole, len);
	printf("fuzz-ox: %lu read, %lu refused; %lu taken over\n", n_read,
	       n_refused, n_taken);
	/* if none or all were read, nothing was tested */
	if (!n_read || !n_refused || !n_taken)
		broken("read", "none or all of them; nothing was tested");
	printf("1 passed, 0 failed\n");
	return 0;
}
