// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state/copy.h and follow.h: a daemon is sent to another while it changes, with
 * the walk stopped at every place.  After the cut both must write the same
 * image, byte for byte.
 */
#include "test-seed.h"

#include <errno.h>
#include <talloc.h>

#include "base/array.h"
#include "base/buf.h"
#include "image/image.h"
#include "state/copy.h"
#include "state/follow.h"
#include "still-host.h"
#include "store/change.h"
#include "store/check.h"
#include "store/observer.h"
#include "store/path.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"

#define CONNS 12
#define GUEST 7u

struct pair {
	struct still_host host[2];
	struct daemon *d[2];
	struct copy *copy;
	struct follow *follow;
	struct conn *conn[CONNS];
	int next_fd;
	uint32_t kinds[8]; /* NODE_EFFECT records seen, by kind */
	uint64_t watches;
};

/* static: a still_host has a page, which is aligned. */
static struct pair *new_pair(void)
{
	static struct pair p;

	memset(&p, 0, sizeof(p));
	return &p;
}

static struct daemon *new_daemon(struct still_host *h)
{
	struct config config = {0};
	struct err err = {0};
	struct daemon *d;

	still_host_init(h);
	h->evtchn_fd = 4;
	d = daemon_new(NULL, &h->host, NULL, &config, &err);
	assert_non_null(d);
	assert_int_equal(host_call(d->host, evtchn_bind_death, &d->death_port),
			 0);
	return d;
}

static int same_fd(void *arg, int number)
{
	(void)arg;
	return number;
}

static void count_kinds(struct pair *p, const void *data, size_t len)
{
	struct image_reader r;
	struct record rec;
	struct err err;
	int rc;

	assert_int_equal(image_reader_init(&r, p->d[0], data, len, &err), 0);
	while (image_read(&r, &rec, &rc, &err))
		if (rec.type == REC_NODE_EFFECT)
			p->kinds[rec.node_effect.kind]++;
	assert_int_equal(rc, 0);
	image_reader_fini(&r);
}

static int send_piece(void *arg, const void *data, size_t len, const int *fds,
		      size_t nfds, struct err *err)
{
	struct pair *p = arg;

	(void)fds;
	(void)nfds;
	count_kinds(p, data, len);
	if (follow_piece(p->follow, data, len, err))
		fail_msg("refused: %s", err->text);
	return 0;
}

static int send_last(void *arg, const void *data, size_t len, const int *fds,
		     size_t nfds, struct err *err)
{
	struct pair *p = arg;
	struct state_restored ret;

	(void)fds;
	(void)nfds;
	if (follow_cut(p->follow, data, len, &ret, err))
		fail_msg("the cut is refused: %s", err->text);
	assert_true(ret.proven);
	return 0;
}

static void begin(struct pair *p)
{
	struct err err = {0};

	p->d[1] = new_daemon(&p->host[1]);
	assert_int_equal(follow_begin(p->d[1], same_fd, NULL, &p->follow, &err),
			 0);
	assert_int_equal(copy_begin(p->d[0], send_piece, p, &p->copy, &err), 0);
	assert_int_equal(copy_begin(p->d[0], send_piece, p, &p->copy, &err),
			 EBUSY);
}

static void dump(struct daemon *d, struct wbuf *out)
{
	const struct state_dump_options opt = {.to_file = true};
	struct state_counts counts;
	struct err err = {0};

	wbuf_init(out, d);
	assert_int_equal(
		state_dump(d, &opt, state_into_wbuf, out, &counts, &err), 0);
}

static void check(const struct daemon *d)
{
	struct err err = {0};

	if (store_check(d->store, &err))
		fail_msg("%s", err.text);
}

/* The second daemon becomes the first one. */
static void cut(struct pair *p)
{
	const struct state_dump_options opt = {0};
	struct state_counts counts;
	struct err err = {0};
	struct wbuf image[2];
	struct conn *c;
	int i, n = 0;

	if (copy_cut(p->copy, &opt, send_last, p, &counts, &err))
		fail_msg("%s", err.text);
	copy_end(p->copy);
	p->copy = NULL;
	check(p->d[1]);
	for (i = 0; i < 2; i++)
		dump(p->d[i], &image[i]);
	assert_int_equal(image[0].len, image[1].len);
	assert_memory_equal(image[0].data, image[1].data, image[0].len);
	daemon_free(p->d[0]);
	p->d[0] = p->d[1];
	p->host[0] = p->host[1];
	p->d[0]->host = &p->host[0].host;
	memset(p->conn, 0, sizeof(p->conn));
	list_for_each (c, &p->d[0]->conns.all, all)
		p->conn[n++] = c;
}

/* ---- random changes ---- */

static size_t random_path(struct rnd *r, char *path)
{
	uint32_t depth = 1 + rnd(r, 5);
	size_t len = 0;

	while (depth--)
		len += (size_t)sprintf(path + len, "/%c",
				       (char)('a' + rnd(r, 4)));
	return len;
}

static struct perms *random_perms(struct pair *p, struct rnd *r)
{
	struct perm list[3] = {{(uint16_t)rnd(r, 3), (uint16_t)rnd(r, 4)},
			       {(uint16_t)(GUEST + rnd(r, 2)), PERM_READ},
			       {GUEST + 2, PERM_WRITE}};
	struct perms *perms =
		perms_intern(p->d[0]->store->perms, list, 1 + rnd(r, 3));

	assert_non_null(perms);
	return perms;
}

static void write_node(struct pair *p, struct rnd *r)
{
	struct store *s = p->d[0]->store;
	struct change_list *l = change_list_new(s, s);
	struct perms *perms = random_perms(p, r);
	uint8_t value[600];
	size_t at, len, n = rnd(r, 4) ? rnd(r, 12) : rnd(r, sizeof(value));
	char path[64];
	uint32_t id;

	memset(value, (int)rnd(r, 256), sizeof(value));
	len = random_path(r, path);
	id = tree_find(s->tree, path, len);
	if (id) {
		if (rnd(r, 3))
			change_value(l, path, len, id, value, n);
		else
			change_perms(l, path, len, id, perms);
	}
	for (at = 2; !id && at <= len; at += 2)
		if (!tree_find(s->tree, path, at))
			change_create(l, path, at, NODE_NONE, perms, value, n);
	assert_int_equal(change_prepare(l), 0);
	change_apply(l);
	talloc_free(l);
	perms_unref(s->perms, perms);
}

/* As the end of a domain removes its nodes, or as RM. */
static void remove_some(struct pair *p, struct rnd *r)
{
	struct store *s = p->d[0]->store;
	struct change_list *l = change_list_new(s, s);
	char path[64];
	size_t len = random_path(r, path);
	uint32_t id = tree_find(s->tree, path, len);
	bool all;

	if (id) {
		assert_int_equal(change_delete_some(l, id,
						    rnd(r, 2) ? 2 + rnd(r, 9)
							      : UINT32_MAX,
						    &all),
				 0);
		assert_int_equal(change_prepare(l), 0);
		change_apply(l);
	}
	talloc_free(l);
}

static void change_watch(struct pair *p, struct rnd *r, struct conn *c)
{
	struct store *s = p->d[0]->store;
	char path[64], token[8];
	struct watch *w;

	path[random_path(r, path)] = '\0';
	snprintf(token, sizeof(token), "%u", rnd(r, 3));
	if (!rnd(r, 12))
		watch_drop_all(s, &c->client);
	else if (watch_add(s, &c->client, path, path, token,
			   rnd(r, 3) ? WATCH_NO_DEPTH : (int)rnd(r, 3), &w))
		assert_int_equal(watch_remove(s, &c->client, path, token), 0);
}

static void change_conn(struct pair *p, struct rnd *r)
{
	struct cred cred = {0, PERMS_DOMID_INVALID, true};
	struct conn **c = &p->conn[rnd(r, CONNS)];

	if (!*c) {
		*c = conn_new(p->d[0], CONN_SOCKET, &cred, 0);
		assert_non_null(*c);
		(*c)->fd = 10 + p->next_fd++;
		return;
	}
	if (!rnd(r, 9)) {
		conn_close(*c);
		conn_reap(p->d[0]);
		*c = NULL;
	} else if (!rnd(r, 4)) {
		(*c)->client.next_tx_id++;
	} else {
		change_watch(p, r, *c);
	}
}

static void strip(struct pair *p, struct rnd *r)
{
	uint16_t domid = (uint16_t)(GUEST + rnd(r, 3));

	perms_strip(p->d[0]->store->perms, domid, 0);
	observe(p->d[0]->store, strip, domid);
}

static void change(struct pair *p, struct rnd *r)
{
	switch (rnd(r, 12)) {
	case 0:
	case 1:
		remove_some(p, r);
		break;
	case 2:
	case 3:
	case 4:
		change_conn(p, r);
		break;
	case 5:
		if (!rnd(r, 8))
			strip(p, r);
		break;
	default:
		write_node(p, r);
	}
}

/* ---- tests ---- */

static void equal_after_each_cut(void **state)
{
	struct pair *p = new_pair();
	struct err err = {0};
	uint32_t i, cuts = 0;
	struct rnd r;
	bool all;

	(void)state;
	rnd_init(&r, "copies", 20261128);
	p->d[0] = new_daemon(&p->host[0]);
	while (cuts < 400) {
		begin(p);
		all = false;
		for (i = rnd(&r, 300); !all || i; i -= !!i) {
			change(p, &r);
			if (rnd(&r, 3))
				continue;
			if (copy_step(p->copy, 1 + rnd(&r, 4) * rnd(&r, 9),
				      &all, &err))
				fail_msg("%s", err.text);
			follow_map(p->follow, rnd(&r, 2));
		}
		cut(p);
		cuts++;
	}
	for (i = 0; i <= REC_NODE_STRIPPED; i++)
		if (!p->kinds[i])
			fail_msg("no effect of kind %u", i);
	daemon_free(p->d[0]);
}

/* A copy that is given up leaves nothing that the next one takes for sent. */
static void given_up_and_begun_again(void **state)
{
	struct pair *p = new_pair();
	struct err err = {0};
	uint32_t i, k;
	struct rnd r;
	bool all;

	(void)state;
	rnd_init(&r, "given up", 20261129);
	p->d[0] = new_daemon(&p->host[0]);
	for (k = 0; k < 200; k++) {
		begin(p);
		for (i = 0; i < rnd(&r, 60); i++) {
			change(p, &r);
			assert_int_equal(copy_step(p->copy, 1, &all, &err), 0);
		}
		if (rnd(&r, 2)) {
			copy_end(p->copy);
			daemon_free(p->d[1]);
		} else {
			cut(p);
		}
	}
	daemon_free(p->d[0]);
}

static int fails(void *arg, const void *data, size_t len, const int *fds,
		 size_t nfds, struct err *err)
{
	(void)arg;
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
	return err_set(err, EPIPE, "the other end has gone");
}

/* The failure is kept, and the daemon goes on. */
static void failing_sink(void **state)
{
	struct pair *p = new_pair();
	struct err err = {0};
	struct copy *copy;
	struct rnd r;
	bool all;
	int i;

	(void)state;
	rnd_init(&r, "failing", 1);
	p->d[0] = new_daemon(&p->host[0]);
	assert_int_equal(copy_begin(p->d[0], fails, NULL, &copy, &err), 0);
	assert_int_equal(copy_step(copy, 1, &all, &err), EPIPE);
	assert_string_equal(err.text, "the other end has gone");
	for (i = 0; i < 500; i++)
		change(p, &r);
	assert_int_equal(copy_step(copy, 1, &all, &err), EPIPE);
	copy_end(copy);
	check(p->d[0]);
	daemon_free(p->d[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_after_each_cut),
		cmocka_unit_test(given_up_and_begun_again),
		cmocka_unit_test(failing_sink),
	};

	return RUN_TESTS("copy", tests);
}
