/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ox-write: see ox-write.h.
 *
 * Two readings.  The first collects what the stock formats do not have: each
 * ring's frame number and far port, the port of the death VIRQ.  The second
 * converts to xen1, which has as much as the dump, and writes a line for each
 * of its records.
 */
#include "stock/ox-write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/hash.h"
#include "base/parse.h"
#include "image/image.h"
#include "stock/ox-line.h"

#define NO_TARGET 0x7ff4u /* DOMID_INVALID */
#define HOME	  "/local/domain/"
#define NUMBER	  21 /* a decimal number of 64 bits, with its NUL */

/* What is known of a domain and its ring. */
struct fact {
	struct hlink by_domid;
	uint16_t domid;
	bool have_gfn, have_ref;
	uint64_t gfn;	    /* of RING_GFN */
	uint64_t ref, port; /* store/ring-ref, store/port; port 0: none */
};

/* A connection of the image. */
struct line {
	struct hlink by_id;
	uint32_t conn_id;
	uint32_t far;	   /* ring: the domain's port */
	struct fact *fact; /* NULL: a socket */
	int32_t fd;
	uint32_t nwatches;
	bool left_out;
};

struct ox {
	const void *data;
	size_t len;
	bool force;
	struct wbuf *out;
	struct image_losses *losses;
	struct err *err;
	struct htab *facts, *lines;
	struct rec_handoff handoff;
	struct rec_update update;
	struct wbuf no_gfn; /* domids, as text */
	unsigned int nno_gfn;
	struct err why; /* the first reason to refuse */
	unsigned int nwhy;
};

static int no_memory(struct ox *o)
{
	return err_set(o->err, ENOMEM, "no memory for oxenstored's dump");
}

/* Something that oxenstored would not take over. */
#define NOT_TAKEN(o, loss, ...)                                                \
	do {                                                                   \
		if (!(o)->nwhy++)                                              \
			(void)err_set(&(o)->why, ENOTSUP, __VA_ARGS__);        \
		(o)->losses->n[loss]++;                                        \
	} while (0)

/* ---- the first reading ---- */

static struct fact *fact_of(struct ox *o, uint16_t domid)
{
	struct hlink *l = htab_find_number(o->facts, domid);
	struct fact *f;

	if (l)
		return (struct fact *)l; /* its first member */
	f = talloc_zero(o, struct fact);
	if (!f)
		return NULL;
	f->domid = domid;
	htab_insert_number(o->facts, &f->by_domid, domid);
	return f;
}

static struct line *line_of(const struct ox *o, uint32_t conn_id)
{
	struct hlink *l = htab_find_number(o->lines, conn_id);

	return (struct line *)l; /* its first member */
}

static int learn_conn(struct ox *o, const struct rec_conn *rec)
{
	struct line *l = talloc_zero(o, struct line);

	if (!l)
		return no_memory(o);
	l->conn_id = rec->conn_id;
	l->fd = rec->fd;
	if (rec->type == REC_CONN_RING) {
		l->far = rec->evtchn;
		l->fact = fact_of(o, rec->domid);
		if (!l->fact)
			return no_memory(o);
	}
	htab_insert_number(o->lines, &l->by_id, rec->conn_id);
	return 0;
}

/* RING_GFN stands behind its connection; else it is ignored. */
static void learn_gfn(struct ox *o, const struct rec_ring_gfn *rec)
{
	struct line *l = line_of(o, rec->conn_id);

	if (!l || !l->fact)
		return;
	l->fact->gfn = rec->gfn;
	l->fact->have_gfn = true;
}

/* If path is /local/domain/DOMID/<name>, which must be a known domain's. */
static struct fact *fact_at(const struct ox *o, const struct rec_node *n,
			    const char *name)
{
	const size_t skip = sizeof(HOME) - 1, len = strlen(name);
	const char *rest = n->path + skip, *end;
	char domid[NUMBER];
	uint32_t number;

	if (n->path_len < skip || memcmp(n->path, HOME, skip))
		return NULL;
	end = strchr(rest, '/');
	if (!end || strcmp(end + 1, name) != 0 || len + 1 > n->path_len ||
	    (size_t)(end - rest) >= sizeof(domid))
		return NULL;
	memcpy(domid, rest, (size_t)(end - rest));
	domid[end - rest] = '\0';
	if (parse_u32(domid, UINT16_MAX, &number))
		return NULL;
	return (struct fact *)htab_find_number(o->facts, number);
}

/* Dom0 owns it, and no other domain may write it. */
static bool is_toolstacks(const struct rec_node *n)
{
	uint16_t i;

	if (n->perms[0].domid)
		return false;
	for (i = 0; i < n->perm_count; i++)
		if (n->perms[i].perm != 'n' && n->perms[i].perm != 'r')
			return false;
	return true;
}

static bool number_in(const struct rec_node *n, uint64_t *ret)
{
	char text[NUMBER];

	if (n->value_len >= sizeof(text) || !is_toolstacks(n))
		return false;
	memcpy(text, n->value, n->value_len);
	text[n->value_len] = '\0';
	return !parse_u64(text, UINT64_MAX, ret);
}

static void learn_node(const struct ox *o, const struct rec_node *n)
{
	struct fact *f = fact_at(o, n, "store/ring-ref");

	if (f)
		f->have_ref = number_in(n, &f->ref);
	f = fact_at(o, n, "store/port");
	if (f && !number_in(n, &f->port))
		f->port = 0;
}

static int learn(struct ox *o, const struct record *rec)
{
	switch (rec->type) {
	case REC_CONNECTION_DATA:
		return learn_conn(o, &rec->conn);
	case REC_RING_GFN:
		learn_gfn(o, &rec->ring_gfn);
		break;
	case REC_HANDOFF:
		o->handoff = rec->handoff;
		break;
	case REC_UPDATE:
		o->update = rec->update;
		break;
	case REC_WATCH_LOST:
		o->losses->n[LOSS_EVENT]++;
		break;
	case REC_NODE_DATA:
		if (!rec->node.conn_id)
			learn_node(o, &rec->node);
		break;
	}
	return 0;
}

static int learn_all(struct ox *o)
{
	struct image_reader r;
	struct record rec;
	int rc = image_reader_init(&r, o, o->data, o->len, o->err);

	while (!rc && image_read(&r, &rec, &rc, o->err))
		rc = learn(o, &rec);
	image_reader_fini(&r);
	return rc;
}

/* ---- lines ---- */

static void put_hex(struct wbuf *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data, *end = p + len;
	char *to = wbuf_space(out, 2 * len);

	for (; to && p < end; p++) {
		*to++ = digits[*p >> 4];
		*to++ = digits[*p & 15];
	}
}

static void put_comma(struct wbuf *out)
{
	wbuf_u8(out, ',');
}

/* The number that oxenstored maps the ring by. */
static bool gfn_of(const struct line *l, uint64_t *ret)
{
	const struct fact *f = l->fact;

	*ret = f->have_gfn ? f->gfn : f->ref;
	if (!f->domid)
		*ret = 0; /* dom0's page is no frame of a guest */
	return !f->domid || f->have_gfn ||
	       (f->have_ref && f->port && f->port == l->far);
}

static void put_ring(struct ox *o, struct line *l, const struct rec_conn *c)
{
	uint64_t gfn;

	if (!gfn_of(l, &gfn)) {
		if (o->nno_gfn++ < 8)
			wbuf_printf(&o->no_gfn, "%s%u",
				    o->nno_gfn > 1 ? ", " : "", c->domid);
		return;
	}
	l->left_out = !c->evtchn;
	if (l->left_out) {
		NOT_TAKEN(o, LOSS_RING,
			  "domain %u: its event channel is not bound",
			  c->domid);
		return;
	}
	if (c->tdomid != NO_TARGET)
		NOT_TAKEN(o, LOSS_TARGET,
			  "domain %u: it has the rights of domain %u "
			  "(SET_TARGET), which oxenstored's dump cannot state",
			  c->domid, c->tdomid);
	wbuf_printf(o->out, "dom,%u,%" PRIu64 ",%" PRIu32 ",%" PRIu32 "\n",
		    c->domid, gfn, l->far, c->evtchn);
}

/* Bytes that wait to be sent or served, but the reply to the update itself. */
static bool has_messages(const struct ox *o, const struct stock_conn *c)
{
	uint32_t n = c->conn.data_len;

	if (c->conn.conn_id == o->update.conn_id && n >= o->update.reply_len)
		n -= o->update.reply_len;
	return n || c->in_len;
}

static int put_conn(struct ox *o, const struct stock_conn *c)
{
	struct line *l = line_of(o, c->conn.conn_id);

	if (!l)
		return 0; /* the conversion has checked that */
	if (l->fact)
		put_ring(o, l, &c->conn);
	else
		wbuf_printf(o->out, "socket,%" PRId32 "\n", c->conn.fd);
	if (has_messages(o, c))
		o->losses->n[LOSS_MESSAGES]++;
	return 0;
}

static int put_watch(struct ox *o, const struct rec_watch *w)
{
	struct line *l = line_of(o, w->conn_id);

	if (!l || l->left_out)
		return 0;
	if (++l->nwatches > OX_WATCHES_MAX && l->fact && l->fact->domid) {
		NOT_TAKEN(o, LOSS_WATCH,
			  "domain %u: it has more than %u watches "
			  "(quota-maxwatch of oxenstored)",
			  l->fact->domid, OX_WATCHES_MAX);
		return 0;
	}
	wbuf_printf(o->out, "watch,%" PRId32 ",",
		    l->fact ? l->fact->domid : -l->fd);
	put_hex(o->out, w->wpath, w->wpath_len - 1u);
	put_comma(o->out);
	put_hex(o->out, w->token, w->token_len - 1u);
	wbuf_u8(o->out, '\n');
	return 0;
}

/* An owner that is gone becomes dom0; other entries of such domains go. */
static void put_perms(struct ox *o, const struct rec_node *n)
{
	char text[8];
	uint16_t i;
	int len;

	for (i = 0; i < n->perm_count; i++) {
		const struct rec_perm *p = &n->perms[i];
		bool stale = p->flags & REC_PERM_STALE;

		o->losses->n[LOSS_STALE] += stale;
		if (stale && i)
			continue;
		if (i)
			put_hex(o->out, "", 1);
		len = snprintf(text, sizeof(text), "%c%u", p->perm,
			       stale ? 0u : p->domid);
		put_hex(o->out, text, (size_t)len);
	}
}

static int put_node(struct ox *o, const struct rec_node *n)
{
	if (n->value_len > OX_VALUE_MAX) {
		NOT_TAKEN(o, LOSS_NODE,
			  "%s: its value has %u bytes, oxenstored takes %u "
			  "(quota-maxsize)",
			  n->path, n->value_len, OX_VALUE_MAX);
		return 0;
	}
	wbuf_bytes(o->out, "store,", 6);
	if (n->path[0] == '@')
		put_hex(o->out, "/", 1);
	put_hex(o->out, n->path, n->path_len - 1u);
	put_comma(o->out);
	put_perms(o, n);
	put_comma(o->out);
	put_hex(o->out, n->value, n->value_len);
	wbuf_u8(o->out, '\n');
	return 0;
}

static int put_record(void *arg, const struct record *rec, struct err *err)
{
	struct ox *o = arg;

	(void)err;
	switch (rec->type) {
	case REC_GLOBAL_DATA:
		wbuf_printf(o->out,
			    OX_FIRST_LINE "\nglobal,%" PRId32
					  "\nevtchn-dev,%" PRId32 ",%" PRIu32
					  "\n",
			    stock_of(rec)->global.rw_fd, o->handoff.evtchn_fd,
			    o->handoff.virq_port);
		return 0;
	case REC_CONNECTION_DATA:
		return put_conn(o, &stock_of(rec)->conn);
	case REC_WATCH_DATA:
		return put_watch(o, &rec->watch);
	case REC_NODE_DATA:
		return put_node(o, &rec->node);
	}
	return 0;
}

static int refuse(struct ox *o)
{
	if (o->nno_gfn)
		return err_set(
			o->err, ENOTSUP,
			"oxenstored maps a ring by its frame number, "
			"which is unknown for domain%s %.*s%s: INTRODUCE "
			"it again, or hand back to a C xenstored",
			o->nno_gfn > 1 ? "s" : "", (int)o->no_gfn.len,
			(const char *)o->no_gfn.data,
			o->nno_gfn > 8 ? " and more" : "");
	if (!o->nwhy || o->force)
		return 0;
	if (o->nwhy > 1)
		return err_set(o->err, ENOTSUP,
			       "%s; and %u more that oxenstored would lose: "
			       "-F hands over without them",
			       o->why.text, o->nwhy - 1);
	return err_set(o->err, ENOTSUP, "%s: -F hands over without it",
		       o->why.text);
}

int ox_write(void *ctx, const void *data, size_t len, bool force,
	     struct wbuf *out, struct image_losses *ret_losses, struct err *err)
{
	struct ox *o = talloc_zero(ctx, struct ox);
	struct image_convert how = {.from = &image_format_native,
				    .to = &stock_xen1,
				    .put = put_record,
				    .arg = o};
	struct image_losses learnt = {{0}};
	unsigned int i;
	int rc;

	if (!o)
		return err_set(err, ENOMEM, "no memory");
	o->data = data;
	o->len = len;
	o->force = force;
	o->out = out;
	o->losses = &learnt;
	o->err = err;
	o->facts = htab_new(o);
	o->lines = htab_new(o);
	wbuf_init(&o->no_gfn, o);
	rc = o->facts && o->lines ? learn_all(o) : no_memory(o);
	if (!rc)
		rc = image_convert(o, data, len, &how, ret_losses, err);
	for (i = 0; i < LOSS_COUNT && !rc; i++)
		ret_losses->n[i] += learnt.n[i];
	ret_losses->n[LOSS_LOCAL_PORT] = 0; /* counted as LOSS_RING */
	if (!rc)
		rc = out->failed || o->no_gfn.failed ? no_memory(o) : refuse(o);
	talloc_free(o);
	return rc;
}
