/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-store: a store with clients and nothing else, for the tests of the pure
 * rooms.  Each verb is one request: list, verb, (apply,) free.
 */
#ifndef TEST_STORE_H
#define TEST_STORE_H

#include "test-seed.h"

#include <talloc.h>

#include "store/check.h"
#include "store/node.h"
#include "store/path.h"
#include "store/store.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"

struct world {
	struct store *s;
	struct client root, one, two; /* dom0; domains 1 and 2 */
	struct watch_hits *hits;      /* if set: the last request's */
};

static inline void world_init(struct world *w)
{
	const struct hash_key key = {1, 2};
	struct cred cred = {0, PERMS_DOMID_INVALID, true};

	memset(w, 0, sizeof(*w));
	w->s = store_new(NULL, &key, 0);
	assert_non_null(w->s);
	assert_int_equal(client_init(&w->root, w->s, 1, &cred), 0);
	cred.privileged = false;
	cred.domid = 1;
	assert_int_equal(client_init(&w->one, w->s, 2, &cred), 0);
	cred.domid = 2;
	assert_int_equal(client_init(&w->two, w->s, 3, &cred), 0);
}

static inline void world_fini(struct world *w)
{
	client_reset(&w->root, w->s);
	client_reset(&w->one, w->s);
	client_reset(&w->two, w->s);
	talloc_free(w->s);
}

static inline void world_check(const struct world *w)
{
	struct err err = {0};

	if (store_check(w->s, &err))
		fail_msg("%s", err.text);
}

enum verb {
	VERB_WRITE,
	VERB_MKDIR,
	VERB_RM,
	VERB_PERMS
};

/* One request that changes something; p and n only for VERB_PERMS. */
static inline int change_node(struct world *w, struct client *c, struct tx *tx,
			      enum verb verb, const char *path,
			      const char *value, const struct perm *p,
			      uint32_t n)
{
	struct node_req req = {.store = w->s, .client = c, .tx = tx};
	size_t len = strlen(path);
	int rc = -1;

	req.changes = change_list_new(w->s, w->s);
	assert_non_null(req.changes);
	switch (verb) {
	case VERB_WRITE:
		rc = node_write(&req, path, len, (const uint8_t *)value,
				strlen(value));
		break;
	case VERB_MKDIR:
		rc = node_mkdir(&req, path, len);
		break;
	case VERB_RM:
		rc = node_rm(&req, path, len);
		break;
	case VERB_PERMS:
		rc = node_set_perms(&req, path, len, p, n);
		break;
	}
	if (w->hits && !rc)
		assert_int_equal(watch_match(w->s, req.changes, w->s, w->hits),
				 0);
	talloc_free(req.changes);
	return rc;
}

static inline int put(struct world *w, const char *path, const char *value)
{
	return change_node(w, &w->root, NULL, VERB_WRITE, path, value, NULL, 0);
}

static inline int rm(struct world *w, const char *path)
{
	return change_node(w, &w->root, NULL, VERB_RM, path, NULL, NULL, 0);
}

static inline int set_owner(struct world *w, const char *path, uint16_t domid)
{
	struct perm p = {domid, 0};

	return change_node(w, &w->root, NULL, VERB_PERMS, path, NULL, &p, 1);
}

/* Reads into text, with a NUL; returns the errno. */
static inline int get(struct world *w, struct client *c, struct tx *tx,
		      const char *path, char *text, size_t size)
{
	struct node_req req = {.store = w->s, .client = c, .tx = tx};
	const uint8_t *value;
	size_t len;
	int rc = node_read(&req, path, strlen(path), &value, &len);

	text[0] = 0;
	if (rc)
		return rc;
	assert_true(len < size);
	if (len)
		memcpy(text, value, len);
	text[len] = 0;
	return 0;
}

/* Writes the names with a space after each. */
static inline int list_names(struct world *w, struct client *c, struct tx *tx,
			     const char *path, char *text, size_t size)
{
	struct node_req req = {.store = w->s, .client = c, .tx = tx};
	struct wbuf out;
	size_t i;
	int rc;

	wbuf_init_fixed(&out, text, size - 1);
	rc = node_list(&req, path, strlen(path), size - 1, &out);
	for (i = 0; i < out.len; i++)
		if (!text[i])
			text[i] = ' ';
	text[out.len] = 0;
	return rc;
}

static inline int commit(struct world *w, struct tx *tx)
{
	struct change_list *l = change_list_new(w->s, w->s);
	int rc = tx_commit(tx, l);

	tx_free(tx);
	if (!rc) {
		change_apply(l);
		if (w->hits)
			assert_int_equal(watch_match(w->s, l, w->s, w->hits),
					 0);
	}
	talloc_free(l);
	return rc;
}

#endif
