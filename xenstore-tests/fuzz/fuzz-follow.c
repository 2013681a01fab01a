// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-follow: damaged streams from a daemon to the successor that it loads
 * beside itself (state/copy.h, follow.h).
 *
 * The stream of a daemon with all kinds of state, which changes meanwhile, is
 * damaged as in fuzz-restore and cut into other pieces. Each is either refused
 * with a reason, or leaves a store that passes its check after every piece. The
 * last piece has no digest, so none is accepted as a whole: only its reason
 * tells how far it came.
 *
 *   fuzz-follow [COUNT [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "parts.h"
#include "rich.h"
#include "state/copy.h"
#include "state/follow.h"
#include "still-host.h"
#include "store/change.h"
#include "store/observer.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"

struct stream {
	void *ctx;
	struct pieces ps;
};

static int take(void *arg, const void *data, size_t len, const int *fds,
		size_t nfds, struct err *err)
{
	struct stream *s = arg;
	struct wbuf image = {.data = talloc_memdup(s->ctx, data, len),
			     .len = len};

	(void)fds;
	(void)nfds;
	(void)err;
	take_apart(s->ctx, &image, &s->ps);
	return 0;
}

static int same_fd(void *arg, int number)
{
	(void)arg;
	return number;
}

/* ---- the whole stream ---- */

static void change(struct daemon *d, const char *path, int what)
{
	struct store *s = d->store;
	struct change_list *l = change_list_new(d, s);
	size_t len = strlen(path);
	uint32_t id = tree_find(s->tree, path, len);
	struct perms *root = node_perms(s->tree, tree_node(s->tree, NODE_ROOT));
	bool all;
	int rc = 0;

	if (what == 'c')
		change_create(l, path, len, NODE_NONE, root, NULL, 0);
	else if (what == 'v')
		change_value(l, path, len, id, (const uint8_t *)path, len);
	else if (what == 'p')
		change_perms(l, path, len, id, root);
	else
		rc = change_delete_some(l, id, what == 's' ? 2 : UINT32_MAX,
					&all);
	if (rc || change_prepare(l))
		rich_broken("change", path);
	change_apply(l);
	talloc_free(l);
}

static void changes(struct daemon *d)
{
	struct conn *c = list_first(&d->conns.all, struct conn, all);
	struct watch *w;

	change(d, "/a/x", 'c');
	change(d, "/a/x", 'v');
	change(d, "/a/x", 'p');
	change(d, "/a/c", 's');
	change(d, "/a/b", 'd');
	perms_strip(d->store->perms, 7, 0);
	observe(d->store, strip, 7);
	if (watch_add(d->store, &c->client, "/n", "/n", "t", 3, &w))
		rich_broken("watch", "not added");
	watch_free(d->store, w);
}

static void make_stream(struct stream *s)
{
	struct daemon *d = rich_daemon();
	const struct state_dump_options opt = {0};
	struct state_counts counts;
	struct copy_progress n;
	struct err err = {0};
	struct copy *cp;
	bool all = false;
	int rc = copy_begin(d, take, s, &cp, &err);

	while (!rc && !all)
		rc = copy_step(cp, 4, &all, &err);
	if (!rc) {
		changes(d);
		rc = copy_cut(cp, &opt, take, s, &counts, &err);
	}
	if (rc)
		rich_broken("the undamaged stream", err.text);
	copy_progress(cp, &n);
	if (n.nodes != counts.nodes + 2 || n.effects < 8)
		rich_broken("the undamaged stream", "is not as expected");
	copy_end(cp);
	daemon_free(d);
}

/* ---- damaged ones ---- */

/* Returns true if all but the last piece was taken. */
static bool one(const struct pieces *whole)
{
	struct daemon *d = rich_empty();
	void *ctx = talloc_new(NULL);
	struct state_restored *ret = talloc_zero(ctx, struct state_restored);
	struct pieces *ps = talloc_memdup(ctx, whole, sizeof(*whole));
	uint32_t n = 1 + pick(3), from = 0, to;
	struct image_writer w;
	struct err err = {0};
	struct follow *f;
	int rc;

	while (n-- && ps->n > 1)
		damage(ctx, ps);
	rc = follow_begin(d, same_fd, NULL, &f, &err);
	for (; !rc && from < ps->n; from = to) {
		to = from + 1 + pick(40);
		if (to > ps->n)
			to = ps->n;
		image_writer_init(&w, ctx, false);
		put_together(ps, from, to, &w);
		if (to < ps->n)
			rc = follow_piece(f, w.buf.data, w.buf.len, &err);
		else
			rc = follow_cut(f, w.buf.data, w.buf.len, ret, &err);
		if (!rc)
			check(d, "after a piece");
		(void)follow_map(f, pick(2));
	}
	if (rc && !err.text[0])
		rich_broken("refused", "without a reason");
	if (!rc)
		rich_broken("a stream without a digest", "is accepted");
	commit_all(d);
	daemon_free(d);
	talloc_free(ctx);
	return strstr(err.text, "HEADER") != NULL;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long i, taken = 0;
	struct stream *s = talloc_zero(NULL, struct stream);

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("fuzz-follow: %lu streams, seed %lu\n", count, seed);
	s->ctx = s;
	((struct still_host *)(void *)rich_host())->evtchn_fd = 4;
	make_stream(s);
	parts_seed(seed);
	for (i = 0; i < count; i++)
		taken += one(&s->ps);
	talloc_free(s);
	printf("fuzz-follow: %lu of %lu taken but for the missing digest\n",
	       taken, count);
	if (!taken || taken == count)
		rich_broken("taken", "none or all of them; nothing was tested");
	printf("1 passed, 0 failed\n");
	return 0;
}
