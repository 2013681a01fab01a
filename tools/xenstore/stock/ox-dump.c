/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ox-dump: see ox-dump.h.
 *
 * Two readings: connections, which watches may precede, then watches and nodes,
 * which are kept and sorted.  Lines are taken apart by ox-line.c, nodes by
 * ox-node.c.
 */
#include "stock/ox-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#define WRITER	       "oxenstored, converted"
#define FIRST_RESERVED 0x7ff0u /* domids from here on are reserved */
#define NO_TARGET      0x7ff4u /* DOMID_INVALID */
/* a key of the table of connections is a domid, or this and a descriptor */
#define KEY_FD 0x80000000u

/* A connection. */
struct known {
	struct hlink link;
	uint32_t key, conn_id, nwatches;
	uint64_t line;
	uint16_t domid; /* of a client: 0 */
};

int ox_no_memory(struct ox_reading *r)
{
	return err_set(r->err, ENOMEM, "no memory");
}

int ox_put(struct ox_reading *r, const struct record *rec)
{
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		r->header.conns++;
		break;
	case REC_WATCH_DATA:
		r->header.watches++;
		break;
	case REC_NODE_DATA:
		r->header.nodes++;
		break;
	}
	return r->counting ? 0 : r->d->put(r->d->arg, rec, r->err);
}

int ox_twice(struct ox_reading *r, uint64_t first, const char *what)
{
	(void)ox_wrong(&r->line, r->err, "%s: is in line %" PRIu64 " already",
		       what, first);
	return EEXIST;
}

void ox_no_more(struct ox_reading *r, unsigned int known)
{
	if (r->line.n > known)
		r->losses->n[LOSS_FIELDS]++;
}

/* ---- connections ---- */

static int put_global(struct ox_reading *r)
{
	struct record rec = {.type = REC_GLOBAL_DATA};
	uint64_t fd;
	int rc;

	if (r->global)
		return ox_twice(r, r->global, "the listening socket");
	r->global = r->line.number;
	rc = ox_number(&r->line, 1, "listening socket", INT32_MAX, &fd, r->err);
	if (rc)
		return rc;
	rec.global.rw_fd = (int32_t)fd;
	rec.global.ro_fd = -1;
	ox_no_more(r, 2);
	return ox_put(r, &rec);
}

static int put_evtchn(struct ox_reading *r)
{
	struct record rec = {.type = REC_HANDOFF};
	uint64_t fd, port;
	int rc;

	if (r->evtchn)
		return ox_twice(r, r->evtchn, "the event channel device");
	r->evtchn = r->line.number;
	rc = ox_number(&r->line, 1, "descriptor", INT32_MAX, &fd, r->err);
	if (!rc)
		rc = ox_number(&r->line, 2, "VIRQ port", UINT32_MAX, &port,
			       r->err);
	if (rc)
		return rc;
	rec.handoff.evtchn_fd = (int32_t)fd;
	rec.handoff.epoll_fd = -1;
	rec.handoff.virq_port = (uint32_t)port;
	ox_no_more(r, 3);
	return ox_put(r, &rec);
}

static struct known *find_conn(const struct ox_reading *r, uint32_t key)
{
	struct hlink *l = htab_find_number(r->conns, key);

	for (; l; l = l->next) {
		struct known *k = (struct known *)l; /* its first member */

		if (k->key == key)
			return k;
	}
	return NULL;
}

static int new_conn(struct ox_reading *r, uint32_t key, const char *what,
		    struct known **ret)
{
	struct known *k = find_conn(r, key);

	if (k)
		return ox_twice(r, k->line, what);
	k = talloc_zero(r->conns, struct known);
	if (!k)
		return ox_no_memory(r);
	k->key = key;
	k->line = r->line.number;
	k->conn_id = ++r->nconns;
	htab_insert_number(r->conns, &k->link, key);
	*ret = k;
	return 0;
}

static int put_ring(struct ox_reading *r, const struct known *k, uint64_t gfn,
		    uint32_t far, uint32_t local)
{
	struct record rec = {.type = REC_CONNECTION_DATA};
	int rc;

	rec.conn.conn_id = k->conn_id;
	rec.conn.type = REC_CONN_RING;
	rec.conn.domid = k->domid;
	rec.conn.tdomid = NO_TARGET;
	rec.conn.evtchn = far;
	rc = ox_put(r, &rec);
	if (rc)
		return rc;
	rec = (struct record){.type = REC_DOMAIN_STATE};
	rec.domain.domid = k->domid;
	rec.domain.flags = REC_DOM_INTRODUCED;
	rec.domain.conn_id = k->conn_id;
	rec.domain.local_port = local;
	rc = ox_put(r, &rec);
	/* dom0's ring has no number: the kernel offers it as a file */
	if (rc || !gfn)
		return rc;
	rec = (struct record){.type = REC_RING_GFN};
	rec.ring_gfn.conn_id = k->conn_id;
	rec.ring_gfn.gfn = gfn;
	return ox_put(r, &rec);
}

static int put_dom(struct ox_reading *r)
{
	const struct ox_line *line = &r->line;
	uint64_t domid, gfn, far, local;
	struct known *k;
	int rc;

	rc = ox_number(line, 1, "domid", FIRST_RESERVED - 1, &domid, r->err);
	if (!rc)
		rc = ox_number(line, 2, "frame", UINT64_MAX, &gfn, r->err);
	if (!rc)
		rc = ox_number(line, 3, "far port", UINT32_MAX, &far, r->err);
	if (!rc)
		rc = ox_number(line, 4, "local port", UINT32_MAX, &local,
			       r->err);
	if (!rc)
		rc = new_conn(r, (uint32_t)domid, "its domain", &k);
	if (rc)
		return rc;
	k->domid = (uint16_t)domid;
	ox_no_more(r, 5);
	return put_ring(r, k, gfn, (uint32_t)far, (uint32_t)local);
}

static int put_socket(struct ox_reading *r)
{
	struct record rec = {.type = REC_CONNECTION_DATA};
	struct known *k;
	uint64_t fd;
	int rc;

	rc = ox_number(&r->line, 1, "descriptor", INT32_MAX, &fd, r->err);
	if (!rc)
		rc = new_conn(r, KEY_FD | (uint32_t)fd, "its descriptor", &k);
	if (rc)
		return rc;
	rec.conn.conn_id = k->conn_id;
	rec.conn.type = REC_CONN_SOCKET;
	rec.conn.fd = (int32_t)fd;
	ox_no_more(r, 2);
	return ox_put(r, &rec);
}

/* ---- watches ---- */

static int owner_of_watch(struct ox_reading *r, struct known **ret)
{
	struct ox_line line = r->line;
	bool client = line.n > 1 && line.f[1].len && line.f[1].p[0] == '-';
	uint64_t n;
	int rc;

	if (client) {
		line.f[1].p++;
		line.f[1].len--;
	}
	rc = ox_number(&line, 1, client ? "descriptor" : "domid",
		       client ? INT32_MAX : FIRST_RESERVED - 1, &n, r->err);
	if (rc)
		return rc;
	*ret = find_conn(r, (uint32_t)n | (client ? KEY_FD : 0));
	if (*ret)
		return 0;
	return ox_wrong(&r->line, r->err,
			client ? "no line socket,%" PRIu64 " has its client"
			       : "no line dom,%" PRIu64 " has its domain",
			n);
}

static int put_depth(struct ox_reading *r, const struct known *k)
{
	struct record rec = {.type = REC_WATCH_DEPTH};
	uint64_t depth;
	int rc;

	rc = ox_number(&r->line, 4, "depth", INT32_MAX, &depth, r->err);
	if (rc)
		return rc;
	rec.watch_depth.conn_id = k->conn_id;
	rec.watch_depth.index = k->nwatches - 1;
	rec.watch_depth.depth = (uint32_t)depth;
	return ox_put(r, &rec);
}

static int put_watch(struct ox_reading *r)
{
	struct record rec = {.type = REC_WATCH_DATA};
	struct known *k;
	size_t path_size;
	int rc = owner_of_watch(r, &k);

	r->text.len = 0;
	if (!rc)
		rc = ox_string(&r->line, 2, "path", &r->text, r->err);
	path_size = r->text.len;
	if (!rc)
		rc = ox_string(&r->line, 3, "token", &r->text, r->err);
	if (rc)
		return rc;
	if (path_size < 2 || path_size > PATH_SIZE_MAX)
		return ox_wrong(&r->line, r->err,
				"field path: %zu bytes; allowed are 1 to %d",
				path_size - 1, PATH_SIZE_MAX - 1);
	if (r->text.len - path_size > TOKEN_SIZE_MAX)
		return ox_wrong(&r->line, r->err,
				"field token: longer than a message");
	rec.watch.conn_id = k->conn_id;
	rec.watch.wpath = (const char *)r->text.data;
	rec.watch.wpath_len = (uint16_t)path_size;
	rec.watch.token = (const char *)r->text.data + path_size;
	rec.watch.token_len = (uint16_t)(r->text.len - path_size);
	if (r->d->fits &&
	    !r->d->fits(r->d->arg, rec.watch.wpath, true, k->domid)) {
		r->losses->n[LOSS_PATH]++;
		return 0;
	}
	k->nwatches++;
	rc = ox_put(r, &rec);
	if (!rc && r->line.n > 4)
		rc = put_depth(r, k);
	ox_no_more(r, 5);
	return rc;
}

/* ---- the whole dump ---- */

static const struct kind {
	const char *name;
	unsigned int reading;
	int (*put)(struct ox_reading *r);
} kinds[] = {
	{"global", 0, put_global}, {"evtchn-dev", 0, put_evtchn},
	{"dom", 0, put_dom},	   {"socket", 0, put_socket},
	{"watch", 1, put_watch},   {"store", 1, ox_keep_node},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_of(const struct ox_line *line)
{
	const struct ox_field *f = &line->f[0];
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (strlen(kinds[i].name) == f->len &&
		    !memcmp(kinds[i].name, f->p, f->len))
			return &kinds[i];
	return NULL;
}

static bool is_first(const struct ox_line *line)
{
	return line->n == 1 && line->f[0].len == strlen(OX_FIRST_LINE) &&
	       !memcmp(line->f[0].p, OX_FIRST_LINE, line->f[0].len);
}

/* Gives the lines of this reading's kinds to their functions. */
static int read_lines(struct ox_reading *r, unsigned int reading)
{
	struct ox_lines in;
	struct ox_line *line = &r->line;
	const struct kind *k;
	int rc;

	ox_lines_init(&in, r->d->data, r->d->len);
	while (ox_line_next(&in, line, &rc, r->err)) {
		if (line->number == 1 && is_first(line))
			continue;
		k = kind_of(line);
		if (line->number == 1)
			return ox_wrong(line, r->err,
					"not " OX_FIRST_LINE
					", which begins a dump of oxenstored");
		if (!k)
			return ox_wrong(line, r->err,
					"a kind of line that this version does "
					"not know; a newer one may");
		rc = k->reading == reading ? k->put(r) : 0;
		if (rc)
			return rc;
	}
	return rc;
}

/*
 * The dump has no last line that says so.  The special nodes are its last, or
 * nearly so, as '@' sorts there.
 */
static int check_end(struct ox_reading *r)
{
	if (r->special[0] && r->special[1])
		return 0;
	return err_set(r->err, EINVAL,
		       "line %" PRIu64 " is the last, and no line before has "
		       "the node /%s; the dump is cut off",
		       r->line.number, ox_specials[r->special[0] ? 1 : 0]);
}

static int run(void *ctx, struct ox_reading *r)
{
	unsigned int reading;
	int rc = 0;

	r->conns = htab_new(ctx);
	if (!r->conns)
		return ox_no_memory(r);
	r->nconns = 0;
	r->global = 0;
	r->evtchn = 0;
	memset(r->special, 0, sizeof(r->special));
	r->nnodes = 0;
	for (reading = 0; reading < 2 && !rc; reading++)
		rc = read_lines(r, reading);
	if (!rc)
		rc = check_end(r);
	return rc ? rc : ox_put_nodes(r);
}

/* With a header, a run for its counts comes first. */
static int runs(void *ctx, struct ox_reading *r)
{
	struct record rec = {.type = REC_HEADER};
	int rc;

	if (!r->d->header)
		return run(ctx, r);
	r->counting = true;
	rc = run(ctx, r);
	if (rc)
		return rc;
	r->counting = false;
	rec.header = r->header;
	rec.header.writer = WRITER;
	rec.header.writer_len = sizeof(WRITER);
	memset(r->losses, 0, sizeof(*r->losses));
	rc = ox_put(r, &rec);
	return rc ? rc : run(ctx, r);
}

int ox_dump_read(void *ctx, const struct ox_dump *d,
		 struct image_losses *ret_losses, struct err *err)
{
	struct ox_reading r = {.d = d, .losses = ret_losses, .err = err};
	void *mine = talloc_new(ctx);
	int rc;

	memset(ret_losses, 0, sizeof(*ret_losses));
	wbuf_init(&r.text, mine);
	wbuf_init(&r.value, mine);
	r.ctx = mine;
	rc = mine ? runs(mine, &r) : ox_no_memory(&r);
	talloc_free(mine);
	return rc;
}

bool ox_dump_begins(const void *data, size_t len)
{
	size_t n = strlen(OX_FIRST_LINE);

	return len > n && !memcmp(data, OX_FIRST_LINE "\n", n + 1);
}
