// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transactions at random, compared with a simple model that copies whole maps.
 *
 * Three transactions and requests outside of them are interleaved.  A commit
 * that succeeds must be equivalent to doing all its requests at that moment,
 * with the same replies.  One that fails changes nothing, and may fail only if
 * something else changed the same part of the tree meanwhile.
 */
#include "test-store.h"

#include <errno.h>

#define TOPS   3  /* /a /b /c, each with three below, and three below those */
#define PATHS  39 /* 3 + 9 + 27 */
#define TXS    3
#define OPS    24
#define ANSWER 160

enum what {
	READ,
	LIST,
	PERMS,
	WRITE,
	MKDIR,
	RM,
	SET,
	WHATS
};

struct op {
	enum what what;
	int path;
	uint32_t value;
	char answer[ANSWER];
};

/* The map: the node at each path, and when its name was added. */
struct model {
	struct {
		bool there;
		uint32_t value; /* 0: empty */
		uint32_t perm;
		uint64_t added;
	} at[PATHS];
	uint64_t clock;
};

struct run {
	struct world w;
	struct rnd r;
	struct model now;
	uint64_t changed[TOPS]; /* clock of the last change below each */
	uint64_t events;
	struct open_tx {
		struct tx *tx;
		struct op op[OPS];
		int n;
		uint64_t began;
	} open[TXS];
	unsigned int committed, conflicts;
	bool deep; /* mostly creates nodes with missing parents */
};

static int parent_of(int path)
{
	if (path < 3)
		return -1;
	return path < 12 ? (path - 3) / 3 : 3 + (path - 12) / 3;
}

static int top_of(int path)
{
	while (parent_of(path) >= 0)
		path = parent_of(path);
	return path;
}

static char letter(int path)
{
	return (char)('a' + (path < 3	 ? path
			     : path < 12 ? (path - 3) % 3
					 : (path - 12) % 3));
}

static void path_text(int path, char *text)
{
	if (parent_of(path) >= 0) {
		path_text(parent_of(path), text);
		text += strlen(text);
	}
	sprintf(text, "/%c", letter(path));
}

/* ---- the model ---- */

static void model_create(struct model *m, int path, uint32_t value)
{
	int up = parent_of(path);

	if (up >= 0 && !m->at[up].there)
		model_create(m, up, 0);
	m->at[path].there = true;
	m->at[path].value = value;
	m->at[path].perm = up >= 0 ? m->at[up].perm : 0;
	m->at[path].added = ++m->clock;
}

static void model_rm(struct model *m, int path)
{
	int i;

	m->at[path].there = false;
	for (i = 0; i < PATHS; i++)
		if (parent_of(i) == path && m->at[i].there)
			model_rm(m, i);
}

static void model_list(const struct model *m, int path, char *text)
{
	uint64_t last = 0;
	int i, pick;

	for (;;) {
		for (i = 0, pick = -1; i < PATHS; i++)
			if (m->at[i].there && parent_of(i) == path &&
			    m->at[i].added > last &&
			    (pick < 0 || m->at[i].added < m->at[pick].added))
				pick = i;
		if (pick < 0)
			return;
		last = m->at[pick].added;
		text += sprintf(text, "%c ", letter(pick));
	}
}

static void model_do(struct model *m, const struct op *op, char *answer)
{
	bool there = m->at[op->path].there;

	strcpy(answer, "OK ");
	if (op->what == WRITE && there)
		m->at[op->path].value = op->value;
	else if (op->what == WRITE)
		model_create(m, op->path, op->value);
	else if (op->what == MKDIR && !there)
		model_create(m, op->path, 0);
	else if (op->what == RM && there)
		model_rm(m, op->path);
	else if (op->what == RM)
		strcpy(answer, "absent"); /* ENOENT or OK, without effect */
	else if (!there && op->what != MKDIR)
		strcpy(answer, "ENOENT");
	else if (op->what == SET)
		m->at[op->path].perm = op->value;
	else if (op->what == LIST)
		model_list(m, op->path, answer + 3);
	else if (op->what == PERMS)
		sprintf(answer + 3, "%u", m->at[op->path].perm);
	else if (op->what == READ && m->at[op->path].value)
		sprintf(answer + 3, "value %u", m->at[op->path].value);
}

/* ---- the store ---- */

static int ask_perms(struct run *r, struct tx *tx, const char *path, char *text)
{
	struct node_req req = {.store = r->w.s, .client = &r->w.root, .tx = tx};
	const struct perms *p;
	int rc = node_get_perms(&req, path, strlen(path), &p);

	if (!rc)
		sprintf(text, "%u", p->n > 1 ? p->p[1].domid : 0);
	return rc;
}

/* The node exists or, in a transaction, did so when it was first touched. */
static bool seen_there(struct run *r, struct tx *tx, const char *path)
{
	const struct tx_node *e;

	if (!tx)
		return tree_find(r->w.s->tree, path, strlen(path));
	e = tx_node_find(tx, path, strlen(path));
	return e && e->base_perms;
}

static void store_do(struct run *r, struct tx *tx, struct op *op)
{
	static const enum verb verbs[WHATS] = {[WRITE] = VERB_WRITE,
					       [MKDIR] = VERB_MKDIR,
					       [RM] = VERB_RM,
					       [SET] = VERB_PERMS};
	struct perm p[2] = {{0, 0}, {(uint16_t)op->value, PERM_READ}};
	char path[32], value[32] = "", *text = op->answer + 3;
	struct client *c = &r->w.root;
	bool absent = false, there;
	const struct tx_node *e;
	int rc;

	path_text(op->path, path);
	strcpy(op->answer, "OK ");
	if (op->what == READ) {
		rc = get(&r->w, c, tx, path, text, ANSWER - 3);
	} else if (op->what == LIST) {
		rc = list_names(&r->w, c, tx, path, text, ANSWER - 3);
	} else if (op->what == PERMS) {
		rc = ask_perms(r, tx, path, text);
	} else {
		e = tx ? tx_node_find(tx, path, strlen(path)) : NULL;
		there = e ? e->perms != NULL : seen_there(r, NULL, path);
		if (op->what == WRITE)
			sprintf(value, "value %u", op->value);
		rc = change_node(&r->w, c, tx, verbs[op->what], path, value, p,
				 op->value ? 2 : 1);
		if (tx && !e)
			there = seen_there(r, tx, path);
		absent = op->what == RM && !there;
	}
	if (rc && rc != ENOENT)
		fail_msg("%s: %d is answered %d", path, op->what, rc);
	if (absent)
		strcpy(op->answer, "absent");
	else if (rc)
		strcpy(op->answer, "ENOENT");
}

/* Compares the store with the model, for every path. */
static void compare(struct run *r)
{
	struct op op = {0};
	char want[ANSWER];

	for (op.path = 0; op.path < PATHS; op.path++)
		for (op.what = READ; op.what <= PERMS; op.what++) {
			store_do(r, NULL, &op);
			model_do(&r->now, &op, want);
			assert_string_equal(op.answer, want);
		}
}

static void random_op(struct run *r, struct op *op)
{
	op->what = (enum what)rnd(&r->r, WHATS);
	op->path = (int)rnd(&r->r, PATHS);
	op->value = 1 + rnd(&r->r, 1000);
	if (r->deep && rnd(&r->r, 8)) {
		static const enum what mostly[] = {WRITE, MKDIR, LIST, RM};

		op->what = mostly[rnd(&r->r, 4)];
		/* below /a, or /a and what is in it */
		if (op->what == WRITE || op->what == MKDIR)
			op->path = 12 + (int)rnd(&r->r, 9);
		else
			op->path =
				(int)rnd(&r->r, 4) ? 3 + (int)rnd(&r->r, 3) : 0;
		if (op->what == LIST)
			op->path = 0;
	}
	if (op->what == SET)
		op->value %= 4;
}

/* Notes under each top-level directory what one instant changed. */
static void note(struct run *r, const struct op *op, int n)
{
	int i;

	r->events++;
	for (i = 0; i < n; i++)
		if (op[i].what >= WRITE)
			r->changed[top_of(op[i].path)] = r->events;
}

static void outside(struct run *r)
{
	char want[ANSWER];
	struct op op;

	random_op(r, &op);
	store_do(r, NULL, &op);
	model_do(&r->now, &op, want);
	assert_string_equal(op.answer, want);
	note(r, &op, 1);
}

/* Something changed in a part of the tree that the transaction touched. */
static bool disturbed(const struct run *r, const struct open_tx *t)
{
	int i;

	for (i = 0; i < t->n; i++)
		if (r->changed[top_of(t->op[i].path)] > t->began)
			return true;
	return false;
}

static void finish(struct run *r, struct open_tx *t)
{
	struct model then = r->now;
	char want[ANSWER];
	int i, rc;

	if (!rnd(&r->r, 8)) {
		tx_free(t->tx);
		t->tx = NULL;
		compare(r);
		return;
	}
	rc = commit(&r->w, t->tx);
	t->tx = NULL;
	if (rc) {
		assert_int_equal(rc, EAGAIN);
		assert_true(disturbed(r, t));
		r->conflicts++;
		compare(r);
		return;
	}
	for (i = 0; i < t->n; i++) {
		model_do(&then, &t->op[i], want);
		assert_string_equal(t->op[i].answer, want);
	}
	r->now = then;
	note(r, t->op, t->n);
	r->committed++;
	compare(r);
}

static void step(struct run *r)
{
	struct open_tx *t = &r->open[rnd(&r->r, TXS)];

	if (!rnd(&r->r, 6)) {
		outside(r);
	} else if (!t->tx) {
		assert_int_equal(tx_start(r->w.s, &r->w.root, 0, &t->tx), 0);
		t->n = 0;
		t->began = r->events;
	} else if (t->n == (r->deep ? 3 : OPS) || !rnd(&r->r, 6)) {
		finish(r, t);
	} else {
		random_op(r, &t->op[t->n]);
		store_do(r, t->tx, &t->op[t->n++]);
	}
}

static void run_model(bool deep)
{
	struct run *r = calloc(1, sizeof(*r));
	int i;

	assert_non_null(r);
	rnd_init(&r->r, "transaction", 6);
	r->deep = deep;
	world_init(&r->w);
	for (i = 1; i <= 60000; i++) {
		step(r);
		if (!(i % 1000))
			world_check(&r->w);
	}
	printf("# transaction: %u committed, %u conflicts\n", r->committed,
	       r->conflicts);
	assert_true(r->committed > 1000 && r->conflicts > 100);
	world_fini(&r->w);
	free(r);
}

static void test_model(void **state)
{
	(void)state;
	run_model(false);
}

static void test_model_deep(void **state)
{
	(void)state;
	run_model(true);
}

static void test_ids(void **state)
{
	struct world w;
	struct tx *tx, *other;

	(void)state;
	world_init(&w);
	assert_int_equal(tx_start(w.s, &w.one, 0, &tx), 0);
	assert_int_equal(tx->id, 1);
	assert_int_equal(tx_restore(w.s, &w.one, 1, &other), EEXIST);
	assert_int_equal(tx_restore(w.s, &w.one, 0, &other), EEXIST);
	assert_int_equal(tx_restore(w.s, &w.one, 2, &other), 0);
	/* ids in use and 0 are skipped, also when the counter wraps */
	assert_int_equal(tx_start(w.s, &w.one, 0, &tx), 0);
	assert_int_equal(tx->id, 3);
	w.one.next_tx_id = INT32_MAX;
	assert_int_equal(tx_start(w.s, &w.one, 0, &tx), 0);
	assert_int_equal(tx->id, INT32_MAX);
	assert_int_equal(tx_start(w.s, &w.one, 0, &tx), 0);
	assert_int_equal(tx->id, 4);
	/* a counter from another daemon is not continued */
	w.one.next_tx_id = UINT32_MAX;
	assert_int_equal(tx_start(w.s, &w.one, 0, &tx), 0);
	assert_int_equal(tx->id, 5);
	assert_int_equal(w.one.account->transactions, 6);
	assert_ptr_equal(tx_find(&w.one, 5), tx);
	assert_null(tx_find(&w.two, 4));
	client_reset(&w.one, w.s);
	assert_int_equal(w.one.account->transactions, 0);
	world_fini(&w);
}

/* A hundred pairs of transactions that both create the same two parents. */
static void test_parents_alike(void **state)
{
	struct world w;
	struct tx *tx[2];
	char path[64];
	uint64_t before;
	int i, k;

	(void)state;
	world_init(&w);
	for (i = 0; i < 100; i++) {
		for (k = 0; k < 2; k++) {
			assert_int_equal(tx_start(w.s, &w.root, 0, &tx[k]), 0);
			sprintf(path, "/n/%d/x/%c", i, 'a' + k);
			assert_int_equal(change_node(&w, &w.root, tx[k],
						     VERB_WRITE, path, "v",
						     NULL, 0),
					 0);
		}
		/* in both orders */
		before = w.root.account->nodes;
		assert_int_equal(tx_own_nodes(tx[0]), i ? 3 : 4);
		assert_int_equal(commit(&w, tx[i % 2]), 0);
		assert_int_equal(tx_own_nodes(tx[1 - i % 2]), 1);
		assert_int_equal(commit(&w, tx[1 - i % 2]), 0);
		assert_int_equal(w.root.account->nodes, before + (i ? 4 : 5));
		world_check(&w);
	}
	world_fini(&w);
}

/* What an image may say of such a parent, and what is impossible. */
static void test_parents_restored(void **state)
{
	static const struct {
		uint32_t did;
		bool perms, value;
		int rc;
	} cases[] = {
		{TX_IMPLIED | TX_ABSENT | TX_CREATED | TX_PARENT, true, false,
		 0},
		{TX_IMPLIED | TX_ABSENT | TX_CREATED, true, true, EINVAL},
		{TX_IMPLIED | TX_ABSENT, false, false, EINVAL},
		{TX_IMPLIED | TX_CREATED, true, false, EINVAL},
		{TX_IMPLIED | TX_ABSENT | TX_CREATED | TX_VALUE, true, false,
		 EINVAL},
		{TX_IMPLIED | TX_ABSENT | TX_CREATED | TX_LISTED, true, false,
		 EINVAL},
		{TX_IMPLIED | TX_ABSENT | TX_CREATED | TX_WRITTEN, true, false,
		 EINVAL},
	};
	const struct perm nobody = {0, 0};
	struct world w;
	struct tx_node *n;
	struct tx *tx;
	size_t i;

	(void)state;
	world_init(&w);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tx_restore(w.s, &w.root, 1, &tx), 0);
		assert_int_equal(tx_node_new(tx, "/p", 2, &n), 0);
		n->did = cases[i].did | TX_BASED;
		n->created_seq = 1;
		tx->next_seq = 2;
		if (cases[i].perms)
			n->perms = perms_intern(w.s->perms, &nobody, 1);
		if (cases[i].value)
			assert_int_equal(
				tx_put_value(tx, n, (const uint8_t *)"v", 1),
				0);
		assert_int_equal(tx_restored(tx), cases[i].rc);
		tx_free(tx);
	}
	world_fini(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_model_deep),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_parents_alike),
		cmocka_unit_test(test_parents_restored),
	};

	return RUN_TESTS("transaction", tests);
}
