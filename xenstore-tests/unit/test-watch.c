// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Watches: which fire, in which order, with which path; then at random,
 * compared with a model that checks every watch for every change.
 */
#include "test-store.h"

#include <errno.h>

static void add(struct world *w, struct client *c, const char *wpath,
		const char *token, int32_t depth)
{
	char abs[PATH_SIZE];
	struct watch *watch;
	size_t len;

	assert_int_equal(path_absolute(wpath, c->cred.domid, abs, &len), 0);
	assert_int_equal(watch_add(w->s, c, wpath, abs, token, depth, &watch),
			 0);
}

/* Writes "client:path:token " for each hit, in order. */
static void hits_text(const struct watch_hits *hits, char *text)
{
	size_t i;

	*text = 0;
	for (i = 0; i < hits->n; i++)
		text += sprintf(text, "%u:%s:%s ",
				hits->hit[i].watch->client->id,
				hits->hit[i].path, hits->hit[i].watch->token);
}

/*
 * Writes a value (NULL: removes the node) and collects the hits.  The change
 * list owns the paths, so the text is written immediately.
 */
static void hit(struct world *w, const char *path, const char *value,
		const char *want)
{
	struct node_req req = {.store = w->s, .client = &w->root};
	struct watch_hits hits;
	char text[4096];
	int rc;

	req.changes = change_list_new(w->s, w->s);
	if (value)
		rc = node_write(&req, path, strlen(path),
				(const uint8_t *)value, strlen(value));
	else
		rc = node_rm(&req, path, strlen(path));
	assert_int_equal(rc, 0);
	assert_int_equal(watch_match(w->s, req.changes, req.changes, &hits), 0);
	hits_text(&hits, text);
	assert_string_equal(text, want);
	talloc_free(req.changes);
}

static void test_paths(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	add(&w, &w.root, "/a", "t", WATCH_NO_DEPTH);
	add(&w, &w.root, "/", "r", WATCH_NO_DEPTH);
	add(&w, &w.root, "/a/b", "u", WATCH_NO_DEPTH);
	add(&w, &w.root, "rel", "v", WATCH_NO_DEPTH);
	hit(&w, "/a/b/c", "1", "1:/a/b/c:t 1:/a/b/c:r 1:/a/b/c:u ");
	hit(&w, "/ab", "1", "1:/ab:r ");
	hit(&w, "/local/domain/0/rel/x", "1",
	    "1:/local/domain/0/rel/x:r 1:rel/x:v ");
	hit(&w, "/a", NULL, "1:/a/b:u 1:/a:t 1:/a:r ");
	world_fini(&w);
}

static void test_depth(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	add(&w, &w.root, "/a", "0", 0);
	add(&w, &w.root, "/a", "1", 1);
	add(&w, &w.root, "/", "2", 2);
	hit(&w, "/a", "1", "1:/a:0 1:/a:1 1:/a:2 ");
	hit(&w, "/a/b", "1", "1:/a/b:1 1:/a/b:2 ");
	hit(&w, "/a/b/c", "1", "");
	world_fini(&w);
}

static void test_twice_and_gone(void **state)
{
	struct watch *watch;
	struct world w;
	uint64_t digest;

	(void)state;
	world_init(&w);
	digest = w.s->watches->digest;
	add(&w, &w.root, "/a", "t", WATCH_NO_DEPTH);
	assert_int_equal(watch_add(w.s, &w.root, "/a", "/a", "t", -1, &watch),
			 EEXIST);
	add(&w, &w.one, "/a", "t", WATCH_NO_DEPTH);
	assert_int_equal(w.one.account->watches, 1);
	assert_int_equal(watch_remove(w.s, &w.two, "/a", "t"), ENOENT);
	assert_int_equal(watch_remove(w.s, &w.one, "/a", "u"), ENOENT);
	assert_int_equal(watch_remove(w.s, &w.one, "/a", "t"), 0);
	assert_int_equal(w.one.account->watches, 0);
	client_reset(&w.root, w.s);
	assert_int_equal(w.s->watches->count, 0);
	assert_int_equal(w.s->watches->tab->count, 0);
	assert_int_equal(w.s->watches->steps->count, 0);
	assert_true(w.s->watches->digest == digest);
	world_fini(&w);
}

/* ---- at random ---- */

#define WATCHES 40

struct known {
	bool there;
	struct client *client;
	char path[32], token[16];
	uint64_t seq;
};

static void random_path(struct rnd *r, char *path)
{
	unsigned int depth = 1 + rnd(r, 3);

	while (depth--)
		path += sprintf(path, "/%c", 'a' + (int)rnd(r, 3));
}

/* Checks every watch, in the order of setting. */
static void model_hits(const struct known *known, const char *path, char *text)
{
	uint64_t last = 0, best;
	int i, pick;

	*text = 0;
	for (;;) {
		best = UINT64_MAX;
		pick = -1;
		for (i = 0; i < WATCHES; i++)
			if (known[i].there && known[i].seq > last &&
			    known[i].seq < best &&
			    path_within(path, strlen(path), known[i].path,
					strlen(known[i].path))) {
				best = known[i].seq;
				pick = i;
			}
		if (pick < 0)
			return;
		last = best;
		text += sprintf(text, "%u:%s:%s ", known[pick].client->id, path,
				known[pick].token);
	}
}

static void test_random(void **state)
{
	struct known known[WATCHES] = {0};
	char want[4096], path[32];
	uint64_t seq = 0;
	struct world w;
	struct rnd r;
	int i, n;

	(void)state;
	rnd_init(&r, "watch", 5);
	world_init(&w);
	for (n = 0; n < 30000; n++) {
		struct known *k = &known[i = (int)rnd(&r, WATCHES)];

		if (rnd(&r, 3)) {
			random_path(&r, path);
			model_hits(known, path, want);
			hit(&w, path, "x", want);
		} else if (k->there) {
			assert_int_equal(
				watch_remove(w.s, k->client, k->path, k->token),
				0);
			k->there = false;
		} else {
			random_path(&r, k->path);
			sprintf(k->token, "t%d", i);
			k->client = &w.root;
			k->there = true;
			k->seq = ++seq;
			add(&w, k->client, k->path, k->token, WATCH_NO_DEPTH);
		}
	}
	world_check(&w);
	world_fini(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_twice_and_gone),
		cmocka_unit_test(test_random),
	};

	return RUN_TESTS("watch", tests);
}
