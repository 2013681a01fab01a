// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which watches a change fires, at random: nodes with permissions, requests and
 * transactions, watches of three clients with depths.  The reference checks
 * every watch for every change and takes all permissions from the tree.
 */
#include "test-store.h"

#include <errno.h>

#define STEPS	20000
#define MAX_HIT 4096

struct ref_hit {
	const struct watch *w;
	const char *path;
};

struct ref {
	struct ref_hit hit[MAX_HIT];
	size_t n;
};

/* ---- the reference ---- */

static bool ref_reads(const struct perms *p, const struct client *c)
{
	return p && (perms_for(p, &c->cred) & PERM_READ);
}

static const struct perms *ref_parent(const struct store *s,
				      const struct change_list *l,
				      const struct change *c)
{
	size_t len = path_parent_len(c->path, c->path_len), found;
	uint32_t id = tree_find_deepest(s->tree, c->path, len, &found);
	const struct change *up;

	/* deleted without a change of its own: test-delete.c */
	if (c->up)
		return c->up;
	if (found < len)
		list_for_each (up, &l->head, link)
			if (up->kind == CHANGE_DELETE && up->path_len == len &&
			    !memcmp(up->path, c->path, len))
				return up->before;
	return node_perms(s->tree, tree_node(s->tree, id));
}

static bool ref_allowed(const struct store *s, const struct change_list *l,
			const struct change *c, const struct client *client)
{
	if (client->cred.privileged || ref_reads(c->before, client) ||
	    ref_reads(c->after, client))
		return true;
	return c->path_len > 1 && ref_reads(ref_parent(s, l, c), client);
}

/* Writes the path of a watch; returns its length. */
static size_t abs_of(const struct watch *w, char *abs)
{
	size_t len;

	assert_int_equal(
		path_absolute(w->wpath, w->client->cred.domid, abs, &len), 0);
	return len;
}

static bool ref_concerns(const struct change *c, const struct watch *w)
{
	char abs[PATH_SIZE];
	size_t len = abs_of(w, abs);

	if (!path_within(c->path, c->path_len, abs, len) ||
	    (c->exact && c->path_len != len))
		return false;
	return w->depth == WATCH_NO_DEPTH ||
	       path_depth(c->path, c->path_len) - path_depth(abs, len) <=
		       (unsigned int)w->depth;
}

static void ref_match(struct world *w, const struct change_list *l,
		      struct ref *ref)
{
	struct client *const clients[] = {&w->root, &w->one, &w->two};
	const struct change *c;
	const struct watch *watch;
	uint32_t order, i;

	ref->n = 0;
	/*
	 * each change has its own order, less than the transaction's next
	 * number
	 */
	for (order = 0; order < 10000; order++) {
		list_for_each (c, &l->head, link)
			if (c->fires && c->order == order)
				break;
		if (&c->link == &l->head)
			continue;
		for (i = 0; i < 3; i++)
			list_for_each (watch, &clients[i]->watches, of_client)
				if (ref_concerns(c, watch) &&
				    ref_allowed(w->s, l, c, clients[i])) {
					assert_true(ref->n < MAX_HIT);
					ref->hit[ref->n].w = watch;
					ref->hit[ref->n++].path =
						c->path + watch->rel;
				}
	}
}

/* Checks the hits of an applied list; returns how many there are. */
static size_t compare(struct world *w, struct change_list *l)
{
	static struct ref ref;
	struct watch_hits hits;
	size_t i;

	ref_match(w, l, &ref);
	assert_int_equal(watch_match(w->s, l, l, &hits), 0);
	assert_int_equal(hits.n, ref.n);
	for (i = 0; i < hits.n; i++) {
		assert_ptr_equal(hits.hit[i].watch, ref.hit[i].w);
		assert_string_equal(hits.hit[i].path, ref.hit[i].path);
	}
	return hits.n;
}

/* ---- at random ---- */

struct game {
	struct world w;
	struct rnd r;
	struct tx *tx;
	size_t hits;
};

/* Below /, or relative to the home of client c. */
static void some_path(struct game *g, char *path, bool relative)
{
	static const char *const names[] = {"a", "b", "ab", "local", "1"};
	unsigned int depth = 1 + rnd(&g->r, 5);
	char *p = path;

	while (depth--)
		p += sprintf(p, "/%s", names[rnd(&g->r, 5)]);
	if (relative)
		memmove(path, path + 1, strlen(path));
	else if (!rnd(&g->r, 4))
		sprintf(path, "/local/domain/%u/%s", 1 + rnd(&g->r, 2),
			names[rnd(&g->r, 3)]);
	else if (!rnd(&g->r, 20))
		strcpy(path, "/");
}

static struct client *some_client(struct game *g)
{
	struct client *const clients[] = {&g->w.root, &g->w.one, &g->w.two};

	return clients[rnd(&g->r, 3)];
}

static void set_or_drop_watch(struct game *g)
{
	struct client *c = some_client(g);
	char path[64], abs[PATH_SIZE], token[8];
	struct watch *w;
	size_t len;
	int rc;

	if (!rnd(&g->r, 300) && c != &g->w.root)
		client_reset(c, g->w.s);
	some_path(g, path, !rnd(&g->r, 3));
	if (!rnd(&g->r, 3))
		strcpy(path, "/a"); /* many on one path */
	sprintf(token, "%u", rnd(&g->r, 20));
	assert_int_equal(path_absolute(path, c->cred.domid, abs, &len), 0);
	if (c->nwatches > 30 || (c->nwatches && !rnd(&g->r, 3))) {
		w = list_first(&c->watches, struct watch, of_client);
		(void)abs_of(w, abs);
		assert_int_equal(watch_remove(g->w.s, c, abs, w->token), 0);
		return;
	}
	rc = watch_add(g->w.s, c, path, abs, token,
		       rnd(&g->r, 2) ? WATCH_NO_DEPTH : (int)rnd(&g->r, 4), &w);
	assert_true(!rc || rc == EEXIST);
	assert_true(watch_below(g->w.s, abs, len));
}

static void change(struct game *g)
{
	struct perm p[2] = {
		{(uint16_t)rnd(&g->r, 3), (uint16_t)rnd(&g->r, 2)},
		{(uint16_t)(1 + rnd(&g->r, 2)), (uint16_t)rnd(&g->r, 2)}};
	struct node_req req = {.store = g->w.s, .client = &g->w.root};
	char path[64];
	size_t len;
	int rc;

	some_path(g, path, false);
	len = strlen(path);
	req.tx = g->tx && rnd(&g->r, 3) ? g->tx : NULL;
	req.changes = change_list_new(g->w.s, g->w.s);
	switch (rnd(&g->r, 6)) {
	case 0:
		rc = node_rm(&req, path, len);
		break;
	case 1:
		rc = node_mkdir(&req, path, len);
		break;
	case 2:
	case 3:
		rc = node_set_perms(&req, path, len, p, 1 + rnd(&g->r, 2));
		break;
	default:
		rc = node_write(&req, path, len, (const uint8_t *)path, len);
	}
	if (!rc && !req.tx)
		g->hits += compare(&g->w, req.changes);
	talloc_free(req.changes);
}

static void begin_or_commit(struct game *g)
{
	struct change_list *l;
	int rc;

	if (!g->tx) {
		assert_int_equal(tx_start(g->w.s, &g->w.root, 0, &g->tx), 0);
		return;
	}
	l = change_list_new(g->w.s, g->w.s);
	rc = tx_commit(g->tx, l);
	tx_free(g->tx);
	g->tx = NULL;
	if (!rc) {
		change_apply(l);
		g->hits += compare(&g->w, l);
	}
	talloc_free(l);
}

/* watch_below() is false where nobody watches. */
static void look_below(struct game *g)
{
	struct client *const clients[] = {&g->w.root, &g->w.one, &g->w.two};
	char path[64], abs[PATH_SIZE];
	const struct watch *w;
	bool below = false;
	size_t len;
	int i;

	some_path(g, path, false);
	for (i = 0; i < 3; i++)
		list_for_each (w, &clients[i]->watches, of_client) {
			len = abs_of(w, abs);
			below |= path_within(abs, len, path, strlen(path));
		}
	assert_int_equal(watch_below(g->w.s, path, strlen(path)), below);
}

static void test_random(void **state)
{
	struct game g = {.hits = 0};
	int i;

	(void)state;
	rnd_init(&g.r, "watch-match", 11);
	world_init(&g.w);
	for (i = 0; i < STEPS; i++) {
		unsigned int what = rnd(&g.r, 20);

		if (what < 4)
			set_or_drop_watch(&g);
		else if (what == 4)
			begin_or_commit(&g);
		else if (what == 5)
			look_below(&g);
		else
			change(&g);
	}
	printf("# watch-match: %zu hits\n", g.hits);
	assert_true(g.hits > STEPS / 2);
	world_check(&g.w);
	if (g.tx)
		tx_free(g.tx);
	client_reset(&g.w.root, g.w.s);
	client_reset(&g.w.one, g.w.s);
	client_reset(&g.w.two, g.w.s);
	assert_int_equal(g.w.s->watches->count, 0);
	assert_int_equal(g.w.s->watches->steps->count, 0);
	world_fini(&g.w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return RUN_TESTS("watch-match", tests);
}
