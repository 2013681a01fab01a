// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gen-req: random requests of all kinds; see model.h.
 *
 * Transaction ids, watches to remove and so on come from the present state of
 * the plain daemon, so that most requests are meaningful; some are wrong on
 * purpose.
 */
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "gen-req.h"
#include "store/transaction.h"
#include "store/watch.h"
#include "transport/conn.h"

/* ---- transactions ---- */

static uint32_t a_tx(struct req *r)
{
	const struct tx *tx;
	uint32_t n;

	if (!pick(r, 40))
		return pick(r, 2) ? pick(r, 100) : UINT32_MAX - pick(r, 3);
	if (!r->c || !r->c->client.ntxs)
		return 0;
	n = pick(r, r->c->client.ntxs);
	list_for_each (tx, &r->c->client.txs, of_client)
		if (!n--)
			return tx->id;
	return 0;
}

static void put_args(struct req *r)
{
	switch (r->hdr.type) {
	case WIRE_WRITE:
		put_path(r);
		put_value(r);
		break;
	case WIRE_SET_PERMS:
		put_perms_path(r);
		put_perms(r);
		break;
	case WIRE_DIRECTORY_PART:
		put_path(r);
		put_number(r, pick(r, 3) ? 0 : pick(r, 6000));
		break;
	case WIRE_WATCH:
		put_watch(r);
		break;
	case WIRE_UNWATCH:
		put_unwatch(r);
		break;
	case WIRE_TRANSACTION_START:
	case WIRE_RESET_WATCHES:
		put(r, "", pick(r, 20) != 0);
		break;
	case WIRE_TRANSACTION_END:
		put_string(r, pick(r, 3) ? "T" : pick(r, 30) ? "F" : "x");
		break;
	case WIRE_CONTROL:
		put_control(r);
		break;
	case WIRE_READ:
	case WIRE_MKDIR:
	case WIRE_RM:
	case WIRE_DIRECTORY:
		put_path(r);
		break;
	case WIRE_GET_PERMS:
		put_perms_path(r);
		break;
	default:
		put_admin_args(r);
	}
}

static uint32_t a_type(struct req *r)
{
	static const uint8_t type[] = {
		WIRE_READ,
		WIRE_READ,
		WIRE_READ,
		WIRE_READ,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_WRITE,
		WIRE_MKDIR,
		WIRE_MKDIR,
		WIRE_MKDIR,
		WIRE_RM,
		WIRE_RM,
		WIRE_RM,
		WIRE_DIRECTORY,
		WIRE_DIRECTORY,
		WIRE_DIRECTORY,
		WIRE_DIRECTORY_PART,
		WIRE_DIRECTORY_PART,
		WIRE_GET_PERMS,
		WIRE_GET_PERMS,
		WIRE_SET_PERMS,
		WIRE_SET_PERMS,
		WIRE_SET_PERMS,
		WIRE_SET_PERMS,
		WIRE_WATCH,
		WIRE_WATCH,
		WIRE_WATCH,
		WIRE_WATCH,
		WIRE_UNWATCH,
		WIRE_UNWATCH,
		WIRE_TRANSACTION_START,
		WIRE_TRANSACTION_START,
		WIRE_TRANSACTION_START,
		WIRE_TRANSACTION_END,
		WIRE_TRANSACTION_END,
		WIRE_TRANSACTION_END,
		WIRE_CONTROL,
	};
	static const uint8_t rare[] = {
		WIRE_INTRODUCE,
		WIRE_INTRODUCE,
		WIRE_RELEASE,
		WIRE_GET_DOMAIN_PATH,
		WIRE_IS_DOMAIN_INTRODUCED,
		WIRE_RESUME,
		WIRE_SET_TARGET,
		WIRE_SET_TARGET,
		WIRE_RESET_WATCHES,
		WIRE_WATCH_EVENT,
		WIRE_ERROR,
		WIRE_GET_FEATURE,
		WIRE_SET_FEATURE,
		WIRE_GET_QUOTA,
		WIRE_SET_QUOTA,
		WIRE_SET_QUOTA,
		20,
		27,
		200,
	};

	if (r->c && r->c->client.ntxs > 4 && !pick(r, 4))
		return WIRE_TRANSACTION_END;
	if (r->c && r->c->client.nwatches > 15 && !pick(r, 4))
		return WIRE_UNWATCH;
	if (pick(r, 12))
		return type[pick(r, sizeof(type))];
	return rare[pick(r, sizeof(rare))];
}

static void finish(struct req *r, struct sh_bytes *to)
{
	uint8_t head[WIRE_HEADER_SIZE];

	if (r->len > WIRE_PAYLOAD_MAX && pick(&r[0], 20))
		r->len = WIRE_PAYLOAD_MAX;
	r->hdr.len = (uint32_t)r->len;
	wire_put_header(head, &r->hdr);
	sh_bytes_put(r->g->w, to, head, sizeof(head));
	sh_bytes_put(r->g->w, to, r->body, r->len);
}

/* Like a toolstack: makes the home, then introduces the domain. */
void gen_introduce(struct gen *g, unsigned int domid, struct sh_bytes *to)
{
	struct req r = {.g = g, .hdr = {.type = WIRE_MKDIR}};
	char home[40], perms[16];

	snprintf(home, sizeof(home), "/local/domain/%u", domid);
	snprintf(perms, sizeof(perms), "n%u", domid);
	r.hdr.req_id = (uint32_t)model_random(&g->x);
	if (pick(&r, 2)) {
		put_string(&r, home);
		finish(&r, to);
		r.hdr.type = WIRE_SET_PERMS;
		put_string(&r, perms);
		finish(&r, to);
	}
	r.len = 0;
	r.hdr.type = WIRE_INTRODUCE;
	put_introduce(&r, domid);
	finish(&r, to);
}

/* A node that a transaction of dom0's has read; NULL if there is none. */
static const char *disturbed(const struct req *r)
{
	static struct tx_path path;
	const struct conn *c;
	const struct tx_node *n;
	const struct tx *tx;

	path.up = NULL;
	list_for_each (c, &r->g->w->run->d->conns.all, all) {
		if (!c->client.cred.privileged)
			continue;
		list_for_each (tx, &c->client.txs, of_client)
			list_for_each (n, &tx->nodes, order)
				if (n->perms && r->c &&
				    (perms_for(n->perms, &r->c->client.cred) &
				     PERM_WRITE))
					return tx_node_path(&path, n), path.s;
	}
	return NULL;
}

/* Many events for a peer with watches, which may not read them. */
void gen_news(struct gen *g, unsigned int peer, struct sh_bytes *to)
{
	struct req r = {.g = g, .c = world_conn(g->w, peer)};
	const struct watch *w;
	uint32_t i, n;

	if (!r.c || !r.c->client.nwatches)
		return;
	i = pick(&r, r.c->client.nwatches);
	list_for_each (w, &r.c->client.watches, of_client)
		if (!i--)
			break;
	r.hdr.type = WIRE_WRITE;
	for (n = 10 + pick(&r, 60); n; n--) {
		r.len = 0;
		r.hdr.req_id = n;
		if (w->wpath[0] != '/')
			put_home(&r, r.c->client.cred.domid);
		put(&r, w->wpath, strlen(w->wpath));
		put(&r, "/news", 5);
		put_number(&r, n);
		finish(&r, to);
	}
}

/* A domain is saved, forgotten and restored; or only some of that. */
void gen_move(struct gen *g, unsigned int domid, struct sh_bytes *to)
{
	struct req r = {.g = g, .hdr = {.type = WIRE_CONTROL}};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (!pick(&r, 8))
			continue;
		r.len = 0;
		r.hdr.req_id = i;
		put_move(&r, i, domid);
		finish(&r, to);
	}
}

/* A guest that keeps causing conflicts until it is throttled. */
void gen_storm(struct gen *g, unsigned int peer, struct sh_bytes *to)
{
	struct req r = {.g = g, .c = world_conn(g->w, peer)};
	const char *path = disturbed(&r);
	unsigned int n = path ? 20 + pick(&r, 50) : 2;

	r.hdr.type = WIRE_WRITE;
	put_string(&r, path ? path : "a");
	put_value(&r);
	if (r.len > 300)
		n = 4;
	for (; n; n--) {
		r.hdr.req_id = n;
		finish(&r, to);
	}
}

/* So many large replies that a peer which reads little is no longer served. */
void gen_flood(struct gen *g, struct sh_bytes *to)
{
	static const char path[] = "/tool/flood";
	struct req r = {.g = g, .hdr = {.type = WIRE_WRITE}};
	unsigned int i;

	put(&r, path, sizeof(path));
	put_fill(&r, 'F', 4000);
	finish(&r, to);
	for (i = 0; i < 20; i++) {
		r.len = 0;
		r.hdr.type = WIRE_READ;
		r.hdr.req_id = i;
		put(&r, path, sizeof(path));
		finish(&r, to);
	}
}

void gen_request(struct gen *g, unsigned int peer, struct sh_bytes *to)
{
	struct req r = {.g = g, .c = world_conn(g->w, peer)};
	uint32_t odds;

	r.hdr.type = a_type(&r);
	r.hdr.req_id = (uint32_t)model_random(&g->x);
	/* a START in a transaction is refused */
	odds = r.hdr.type == WIRE_TRANSACTION_START ? 15
	       : r.hdr.type == WIRE_TRANSACTION_END ? 1
						    : 2;
	if (!pick(&r, odds))
		r.hdr.tx_id = a_tx(&r);
	if (pick(&r, 150))
		put_args(&r);
	else
		put_fill(&r, (char)pick(&r, 256), pick(&r, 30));
	finish(&r, to);
}
