// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-update: live updates in the middle of a story; called by story.c.
 *
 * The old daemon is freed before the new one exists (the runner has freed
 * memory overwritten), and the new one may not touch any client or domain.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "state/state.h"
#include "store/check.h"
#include "store/path.h"
#include "store/store.h"
#include "store/tree.h"
#include "story-run.h"
#include "transport/conn.h"
#include "wire/wire.h"

struct sink {
	struct run *r;
	struct sh_bytes *to;
};

static int into_bytes(void *arg, const void *data, size_t len, struct err *err)
{
	struct sink *s = arg;

	(void)err;
	sh_bytes_put(s->r, s->to, data, len);
	return 0;
}

/* STORY_IMAGES=DIR: keeps every image there, for other tests. */
static int keep(struct run *r, const struct sh_bytes *image)
{
	const char *dir = getenv("STORY_IMAGES");
	static unsigned int n;
	char name[512];
	FILE *f;

	if (!dir)
		return 0;
	snprintf(name, sizeof(name), "%s/%06u", dir, n++);
	f = fopen(name, "we");
	if (!f || fwrite(image->p, 1, image->len, f) != image->len || fclose(f))
		return run_fail(r, "%s: %s", name, strerror(errno));
	return 0;
}

int update_dump(struct run *r, bool big_endian, bool bare, struct sh_bytes *ret)
{
	struct state_dump_options opt = {.big_endian = big_endian,
					 .no_extensions = bare};
	struct sink sink = {r, ret};
	struct state_counts counts;
	struct err err = {0};

	memset(ret, 0, sizeof(*ret));
	if (state_dump(r->d, &opt, into_bytes, &sink, &counts, &err))
		return run_fail(r, "no image was made: %s", err.text);
	/* no spare bytes at the end, so that a read beyond it is noticed */
	ret->p = talloc_realloc_size(r, ret->p, ret->len);
	r->ret->updates++;
	return keep(r, ret);
}

/* A successor on host h, or NULL (after run_fail) if the image is refused. */
static struct daemon *restored(struct run *r, struct script_host *h,
			       const struct sh_bytes *image)
{
	struct config config = {0};
	struct state_restored ret = {0};
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, &h->host, &r->log, &config, &err);

	if (!d) {
		run_fail(r, "no successor was made: %s", err.text);
		return NULL;
	}
	if (state_restore(d, image->p, image->len, &ret, &err)) {
		run_fail(r, "the successor refuses the image: %s", err.text);
		daemon_free(d);
		return NULL;
	}
	if (ret.have_log)
		log_restore(&r->log, ret.log_switches, ret.log_path);
	return d;
}

bool update_touched(const struct sh_effects *a, const struct sh_effects *b)
{
	return a->writes != b->writes || a->bytes != b->bytes ||
	       a->notifies != b->notifies || a->closes != b->closes ||
	       a->accepts != b->accepts || a->reads != b->reads;
}

int update_from(struct run *r, const struct sh_bytes *image)
{
	struct sh_effects before = r->h->did;

	daemon_free(r->d);
	r->d = NULL;
	sh_exec(r->h);
	story_log_init(r);
	r->d = restored(r, r->h, image);
	if (!r->d)
		return 1;
	if (update_touched(&before, &r->h->did))
		return run_fail(r, "the successor touched a client or domain");
	return 0;
}

int update_now(struct run *r, bool big_endian, bool handoff)
{
	struct sh_effects before;
	struct sh_bytes image;
	uint64_t digest;
	int rc;

	r->h->no_handoff = !handoff;
	rc = update_dump(r, big_endian, false, &image);
	if (rc)
		return rc;
	digest = state_digest(r->d);
	rc = update_from(r, &image);
	talloc_free(image.p);
	if (rc)
		return rc;
	if (state_digest(r->d) != digest)
		return run_fail(r, "the digest changed across an update");
	before = r->h->did;
	state_resume(r->d);
	if (update_touched(&before, &r->h->did))
		return run_fail(
			r,
			"the successor touched a client or domain too early");
	return run_check(r);
}

/* ---- the spec image without extensions ---- */

static int same_node(struct run *r, const struct store *a,
		     const struct store *b, uint32_t x, uint32_t y)
{
	const struct node *n = tree_node(a->tree, x), *m;
	const struct perms *p = node_perms(a->tree, n), *q;
	char path[PATH_SIZE], other[PATH_SIZE];

	tree_path(a->tree, x, path);
	if (!y)
		return run_fail(r, "spec image: node %s is missing", path);
	m = tree_node(b->tree, y);
	q = node_perms(b->tree, m);
	tree_path(b->tree, y, other);
	if (strcmp(path, other))
		return run_fail(r, "spec image: expected node %s, seen %s",
				path, other);
	if (n->value_len != m->value_len ||
	    memcmp(node_value(n), node_value(m), n->value_len))
		return run_fail(r, "spec image: %s has another value", path);
	if (p->n != q->n || memcmp(p->p, q->p, p->n * sizeof(p->p[0])))
		return run_fail(r, "spec image: %s has other permissions",
				path);
	return 0;
}

static int same_nodes(struct run *r, const struct store *a,
		      const struct store *b)
{
	uint32_t x = NODE_ROOT, y = NODE_ROOT;
	int rc = 0;

	while (x && !rc) {
		rc = same_node(r, a, b, x, y);
		x = tree_next(a->tree, NODE_ROOT, x);
		y = y ? tree_next(b->tree, NODE_ROOT, y) : NODE_NONE;
	}
	if (!rc && y)
		return run_fail(r, "spec image: more nodes than before");
	return rc;
}

/* A new client in a copy of the story's world is served. */
static int serves(struct run *copy)
{
	static const char *const asks[][2] = {
		{"WRITE", "WRITE"}, {"READ", "READ"}, {"RM", "RM"}};
	struct word w[3] = {{0}}, answer = {0};
	struct peer *p = peer_new(copy, "fresh");
	size_t i;

	p->fd = sh_connect(copy->h, false);
	w[1].p = talloc_strdup(copy, "/tool/fresh");
	w[2].p = talloc_strdup(copy, "value");
	w[1].len = strlen(w[1].p);
	w[2].len = strlen(w[2].p);
	for (i = 0; i < 3; i++) {
		w[0].p = talloc_strdup(copy, asks[i][0]);
		answer.p = talloc_strdup(copy, i == 1 ? "value" : "OK");
		answer.len = strlen(answer.p);
		if (peer_request(copy, p, w, i ? 2 : 3, SIZE_MAX) ||
		    run_settle(copy) || peer_expect(copy, p, &answer, 1))
			return 1;
	}
	return 0;
}

static int try_copy(struct run *r, struct run *copy,
		    const struct sh_bytes *image)
{
	struct err err = {0};

	copy->h->no_handoff = true;
	sh_exec(copy->h);
	copy->d = restored(copy, copy->h, image);
	if (!copy->d)
		return 1;
	if (store_check(copy->d->store, &err))
		return run_fail(copy, "spec image: %s", err.text);
	if (same_nodes(copy, r->d->store, copy->d->store))
		return 1;
	state_resume(copy->d);
	return run_settle(copy) || serves(copy) || run_check(copy);
}

int update_strip(struct run *r)
{
	struct run *copy = talloc_zero(r, struct run);
	struct sh_bytes image;
	int rc;

	copy->file = r->file;
	copy->line = r->line;
	copy->mode = r->mode;
	story_log_init(copy);
	copy->ret = r->ret;
	copy->ret_ctx = r->ret_ctx;
	list_init(&copy->peers);
	list_init(&copy->vars);
	copy->h = sh_clone(copy, r->h);
	rc = update_dump(r, false, true, &image);
	if (!rc)
		rc = try_copy(r, copy, &image);
	if (rc && copy->failed)
		run_fail(r, "%s", copy->failed);
	if (copy->d)
		daemon_free(copy->d);
	talloc_free(copy);
	talloc_free(image.p);
	return rc;
}

/* ---- cut images ---- */

static int refuse(struct run *r, const uint8_t *image, size_t len)
{
	struct script_host *h = sh_clone(r, r->h);
	struct config config = {0};
	struct state_restored ret;
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, &h->host, NULL, &config, &err);
	uint8_t *exact = talloc_memdup(r, image, len);
	int rc = d ? state_restore(d, exact, len, &ret, &err) : 1;

	if (d)
		daemon_free(d);
	talloc_free(exact);
	talloc_free(h);
	if (!rc)
		return run_fail(r,
				"an image cut off after %zu bytes was restored",
				len);
	if (!strstr(err.text, len < 16 ? "preamble" : "record"))
		return run_fail(
			r,
			"cut off after %zu bytes: the error names no record: "
			"%s",
			len, err.text);
	r->ret->updates++;
	return 0;
}

#define EVERY_BYTE 1500u

/*
 * Cuts a small image at every byte; a large one near its ends and at some
 * between.
 */
int update_truncate(struct run *r)
{
	struct sh_bytes image;
	size_t len, step;
	int rc = update_dump(r, false, false, &image);

	step = image.len > 4 * EVERY_BYTE ? image.len / EVERY_BYTE * 2 + 1 : 2;
	for (len = 0; len < image.len && !rc; len++) {
		if (len > EVERY_BYTE && len + EVERY_BYTE / 4 < image.len)
			len += step - 1;
		rc = refuse(r, image.p, len);
	}
	talloc_free(image.p);
	return rc;
}
