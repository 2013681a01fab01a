// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * req-steps: every request with each of its allocations failing once: as dom0
 * and as a guest, outside a transaction, in one that has touched nothing and in
 * one that has done everything.
 *
 * Either the reply is ENOMEM and the committed state is unchanged, or reply and
 * state are the right ones. If even the reply cannot be allocated, the
 * connection ends and the state is one of the two. The store check passes, an
 * update succeeds, and so does the end of the transaction, with one result or
 * the other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "counted.h"
#include "state/state.h"
#include "ops/ops.h"
#include "rich.h"
#include "still-host.h"
#include "store/check.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn.h"

#define GUEST 5
#define LONG  600 /* bytes of a value with its own block */

struct request {
	uint32_t type;
	const char *text; /* '|': NUL; '+' at the end: a long value */
	bool dom0;	  /* sent by dom0 only */
	/*
	 * succeeds although something may be left behind, which is logged:
	 * death.c
	 */
	bool remains;
};

/* "~" stands for the guest's home; "~/" is dropped if the guest itself asks. */
static const struct request requests[] = {
	{WIRE_DIRECTORY, "~/dir|", false, false},
	{WIRE_DIRECTORY_PART, "~/dir|0|", false, false},
	{WIRE_READ, "~/long|", false, false},
	{WIRE_READ, "~/none/at/all|", false, false},
	{WIRE_GET_PERMS, "~/dir|", false, false},
	{WIRE_GET_PERMS, "@releaseDomain|", false, false},
	{WIRE_WATCH, "~/dir|new|", false, false},
	{WIRE_UNWATCH, "~|token|", false, false},
	{WIRE_TRANSACTION_START, "|", false, false},
	{WIRE_TRANSACTION_END, "T|", false, false},
	{WIRE_TRANSACTION_END, "F|", false, false},
	{WIRE_WRITE, "~/long|short", false, false},
	{WIRE_WRITE, "~/dir/a|+", false, false},
	{WIRE_WRITE, "~/new/with/parents|+", false, false},
	{WIRE_MKDIR, "~/dir/new|", false, false},
	{WIRE_RM, "~/dir/a|", false, false},
	{WIRE_RM, "~/dir|", false, false},
	{WIRE_RM, "~/long|", false, false},
	{WIRE_SET_PERMS, "~/dir|n5|r7|w9|", false, false},
	{WIRE_RESET_WATCHES, "|", false, false},
	{WIRE_GET_DOMAIN_PATH, "5|", false, false},
	{WIRE_GET_FEATURE, "", false, false},
	{WIRE_INTRODUCE, "6|1|7|", true, false},
	{WIRE_INTRODUCE, "5|1|4|", true, false},
	{WIRE_RELEASE, "5|", true, true},
	{WIRE_IS_DOMAIN_INTRODUCED, "5|", true, false},
	{WIRE_RESUME, "5|", true, false},
	{WIRE_SET_TARGET, "5|0|", true, false},
	{WIRE_SET_FEATURE, "8|1|", true, false},
	{WIRE_GET_QUOTA, "", true, false},
	{WIRE_GET_QUOTA, "5|nodes|", true, false},
	{WIRE_SET_QUOTA, "5|nodes|77|", true, false},
	{WIRE_SET_QUOTA, "nodes|88|", true, false},
	{WIRE_SET_PERMS, "@releaseDomain|n0|r5|r6|", true, false},
	{WIRE_CONTROL, "check|", true, false},
	{WIRE_CONTROL, "quota|5|", true, false},
	{WIRE_CONTROL, "print|text|", true, false},
};

/* The requests of the transaction that has done everything. */
static const struct request before[] = {
	{WIRE_WRITE, "~/made/before|+", false, false},
	{WIRE_WRITE, "~/dir/b|+", false, false},
	{WIRE_RM, "~/dir/c|", false, false},
	{WIRE_DIRECTORY, "~/dir|", false, false},
	{WIRE_READ, "~/dir/d/e|", false, false},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static unsigned long passed;

struct world {
	struct daemon *d;
	struct conn *dom0, *guest;
};

/* ---- one request ---- */

static size_t payload(const char *text, bool guest, uint8_t *to)
{
	size_t len = 0;

	for (; *text; text++) {
		if (*text == '~' && guest && text[1] == '/')
			text++;
		else if (*text == '~')
			len += (size_t)sprintf((char *)to + len,
					       "/local/domain/%d", GUEST);
		else if (*text == '+')
			len += (size_t)sprintf((char *)to + len, "%0*d", LONG,
					       1);
		else
			to[len++] = *text == '|' ? 0 : (uint8_t)*text;
	}
	return len;
}

static const struct out *last_reply(const struct conn *c)
{
	const struct out *o, *last = NULL;

	list_for_each (o, &c->out, next)
		if (!o->event)
			last = o;
	return last;
}

/* The reply; NULL if the connection has ended for lack of memory. */
static const struct out *ask(struct world *w, struct conn *c, uint32_t tx_id,
			     const struct request *r)
{
	static uint8_t bytes[WIRE_PAYLOAD_MAX];
	struct wire_header hdr = {.type = r->type, .req_id = 3, .tx_id = tx_id};

	hdr.len = (uint32_t)payload(r->text, c == w->guest, bytes);
	c->req = hdr;
	ops_request(w->d, c, &hdr, bytes);
	return conn_serves(c) ? last_reply(c) : NULL;
}

static const char *reply_text(const struct out *o)
{
	return (const char *)o->data + WIRE_HEADER_SIZE;
}

static bool is_error(const struct out *o, const char *name)
{
	struct wire_header hdr;

	wire_get_header(o->data, &hdr);
	return hdr.type == WIRE_ERROR &&
	       (!name || !strcmp(reply_text(o), name));
}

/* ---- the world ---- */

static void must(struct world *w, struct conn *c, uint32_t tx_id,
		 const struct request *r)
{
	const struct out *o = ask(w, c, tx_id, r);

	if (!o || (is_error(o, NULL) && !is_error(o, "ENOENT")))
		rich_broken(r->text, o ? reply_text(o) : "no reply");
}

static void build(struct world *w)
{
	static const struct request nodes[] = {
		{WIRE_INTRODUCE, "5|1|4|", true, false},
		{WIRE_WRITE, "~/long|+", true, false},
		{WIRE_WRITE, "~/dir/a|1", true, false},
		{WIRE_WRITE, "~/dir/b|2", true, false},
		{WIRE_WRITE, "~/dir/c/below|+", true, false},
		{WIRE_WRITE, "~/dir/d/e|+", true, false},
		{WIRE_SET_PERMS, "~|n5|", true, false},
		{WIRE_SET_PERMS, "~/long|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir/a|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir/b|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir/c|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir/c/below|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir/d|n5|", true, false},
		{WIRE_SET_PERMS, "~/dir/d/e|n5|", true, false},
	};
	static const struct request watch = {WIRE_WATCH, "~|token|", false,
					     false};
	struct cred socket = {0, PERMS_DOMID_INVALID, true};
	size_t i;

	((struct still_host *)(void *)rich_host())->domid = GUEST;
	w->d = rich_empty();
	w->dom0 = conn_new(w->d, CONN_SOCKET, &socket, 0);
	w->guest = NULL;
	w->dom0->fd = 9;
	for (i = 0; i < COUNT(nodes); i++)
		must(w, w->dom0, 0, &nodes[i]);
	w->guest = list_entry(w->d->conns.all.prev, struct conn, all);
	if (w->guest->client.cred.domid != GUEST)
		rich_broken("the guest", "is not the last connection");
	must(w, w->dom0, 0, &watch);
	must(w, w->guest, 0, &watch);
}

enum where {
	OUTSIDE,
	FRESH,
	USED,
	WHERES
};

static uint32_t begin(struct world *w, struct conn *c, enum where where)
{
	static const struct request start = {WIRE_TRANSACTION_START, "|", false,
					     false};
	uint32_t id;
	size_t i;

	if (where == OUTSIDE)
		return 0;
	must(w, c, 0, &start);
	id = list_first(&c->client.txs, struct tx, of_client)->id;
	for (i = 0; where == USED && i < COUNT(before); i++)
		must(w, c, id, &before[i]);
	return id;
}

/* ---- what must hold ---- */

static unsigned long failures;

static void broken(const char *what, const char *why)
{
	printf("not ok %s: %s\n", what, why);
	failures++;
}

/* The digest of committed state; and of clients and what they have. */
static uint64_t committed(const struct world *w)
{
	const struct store *s = w->d->store;
	uint64_t h = tree_digest(s->tree);
	unsigned int i;

	for (i = 0; i < SPECIAL_COUNT; i++)
		h = hash_mix(h, s->special[i].perms->digest);
	return h;
}

static uint64_t state(const struct world *w)
{
	const struct store *s = w->d->store;
	uint64_t h = hash_mix(committed(w), s->watches->count);

	h = hash_mix(h, hash_bytes(&s->limits, sizeof(s->limits)));
	return hash_mix(h, w->d->conns.n);
}

static void update(struct world *w, const char *what)
{
	const struct state_dump_options opt = {0};
	void *ctx = talloc_new(NULL);
	struct config config = {0};
	static struct state_restored ret;
	struct state_counts counts;
	struct err err = {0};
	struct daemon *next;
	struct wbuf image;

	wbuf_init(&image, ctx);
	if (state_dump(w->d, &opt, state_into_wbuf, &image, &counts, &err))
		broken(what, err.text);
	next = daemon_new(NULL, rich_host(), NULL, &config, &err);
	if (!next || state_restore(next, image.data, image.len, &ret, &err))
		broken(what, err.text);
	else if (!ret.proven)
		broken(what, "the update is not proved");
	daemon_free(next);
	talloc_free(ctx);
}

struct right {
	uint64_t committed, state;
	uint8_t reply[WIRE_HEADER_SIZE + WIRE_PAYLOAD_MAX];
	size_t len;
};

static void judge(struct world *w, const struct request *r, const struct out *o,
		  const struct right *was, const struct right *right,
		  const char *what)
{
	uint64_t is = o ? state(w) : committed(w);
	struct err err = {0};

	if (store_check(w->d->store, &err))
		broken(what, err.text);
	if (!o && !r->remains && is != was->committed && is != right->committed)
		broken(what, "no reply, but another state");
	if (o && is_error(o, "ENOMEM")) {
		if (is != was->state)
			broken(what, "ENOMEM, but the state has changed");
	} else if (o && (o->len != right->len ||
			 memcmp(o->data, right->reply, o->len))) {
		broken(what, reply_text(o));
	} else if (o && is != right->state && !r->remains) {
		broken(what, "succeeded, but the state is wrong");
	}
	update(w, what);
}

/* Ends the transaction: whatever the result, nothing is half done. */
static void end(struct world *w, struct conn *c, uint32_t tx_id,
		const char *what)
{
	static const struct request commit = {WIRE_TRANSACTION_END, "T|", false,
					      false};
	uint64_t was = committed(w);
	const struct out *o;
	struct err err = {0};

	if (!tx_find(&c->client, tx_id) || !conn_serves(c))
		return;
	o = ask(w, c, tx_id, &commit);
	if (!o || (is_error(o, NULL) && committed(w) != was))
		broken(what, "the transaction is half done");
	if (store_check(w->d->store, &err))
		broken(what, err.text);
	update(w, what);
}

/* False if no allocation was left to fail; *right is the right result then. */
static bool one(const struct request *r, bool guest, enum where where,
		int64_t nth, struct right *right)
{
	static const char *const in[] = {"", " in a new transaction",
					 " in a transaction"};
	unsigned long before_this = failures;
	int64_t blocks = counted_blocks;
	static struct right was;
	const struct out *o;
	struct world w;
	struct conn *c;
	char what[120];
	uint32_t tx_id;
	bool failed;

	snprintf(what, sizeof(what), "%s %s of %s%s, allocation %lld",
		 wire_type_name(r->type), r->text, guest ? "a guest" : "dom0",
		 in[where], (long long)nth);
	build(&w);
	c = guest ? w.guest : w.dom0;
	tx_id = begin(&w, c, where);
	was.state = state(&w);
	was.committed = committed(&w);
	counted_fail(nth);
	o = ask(&w, c, tx_id, r);
	failed = counted_failed();
	if (nth < 0) {
		if (!o || is_error(o, "ENOMEM") ||
		    o->len > sizeof(right->reply))
			broken(what, "gets no reply");
		right->state = state(&w);
		right->committed = committed(&w);
		right->len = o->len;
		memcpy(right->reply, o->data, o->len);
	}
	judge(&w, r, o, &was, right, what);
	end(&w, c, tx_id, what);
	daemon_free(w.d);
	if (counted_blocks != blocks)
		broken(what, "leaks memory");
	passed += failures == before_this;
	return failed;
}

/* A client connects and disconnects, or is refused. */
static bool connection(int64_t nth)
{
	struct cred cred = {0, PERMS_DOMID_INVALID, true};
	unsigned long before_this = failures;
	int64_t blocks = counted_blocks;
	struct world w;
	struct conn *c;
	uint64_t was;
	bool failed;

	build(&w);
	was = state(&w);
	counted_fail(nth);
	c = conn_new(w.d, CONN_SOCKET, &cred, 0);
	failed = counted_failed();
	if (!c && !failed)
		broken("a new connection", "is refused");
	if (c)
		conn_close(c);
	if (!c && state(&w) != was)
		broken("a new connection", "is refused but not closed");
	update(&w, "a new connection");
	daemon_free(w.d);
	if (counted_blocks != blocks)
		broken("a new connection", "leaks memory");
	passed += failures == before_this;
	return failed;
}

int main(void)
{
	static struct right right;
	unsigned int guest, where;
	size_t i;
	int64_t n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)strerror(ENOMEM); /* its buffer is no leak */
	for (i = 0; i < COUNT(requests); i++) {
		for (guest = 0; guest < (requests[i].dom0 ? 1u : 2u); guest++) {
			for (where = OUTSIDE; where < WHERES; where++) {
				one(&requests[i], guest, where, -1, &right);
				for (n = 0;
				     one(&requests[i], guest, where, n, &right);
				     n++)
					;
			}
		}
	}
	for (n = 0; connection(n); n++)
		;
	if (passed < 500 && COUNTED)
		broken("allocations", "too few");
	printf("req-steps: %lu requests, each with another allocation failing\n",
	       passed);
	if (failures)
		printf("run alone: make check-req-steps\n");
	printf("%lu passed, %lu failed\n", passed, failures);
	return failures != 0;
}
