// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gen-req: random requests of all kinds; see model.h.
 *
 * Transaction ids, watches to take away and the like come from the plain
 * daemon's present state, so that most requests mean something; a part of
 * them is wrong on purpose.
 */
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "model.h"
#include "store/transaction.h"
#include "store/watch.h"
#include "transport/conn.h"
#include "wire/wire.h"

struct req {
	struct gen *g;
	struct conn *c; /* NULL: not served now */
	struct wire_header hdr;
	uint8_t body[2 * WIRE_PAYLOAD_MAX];
	size_t len;
};

static uint32_t pick(struct req *r, uint32_t n)
{
	return below(&r->g->x, n);
}

static void put(struct req *r, const void *p, size_t n)
{
	if (n > sizeof(r->body) - r->len)
		n = sizeof(r->body) - r->len;
	memcpy(r->body + r->len, p, n);
	r->len += n;
}

static void put_string(struct req *r, const char *s)
{
	put(r, s, strlen(s) + 1);
}

static void put_number(struct req *r, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	put_string(r, text);
}

static void put_fill(struct req *r, char c, size_t n)
{
	while (n--)
		put(r, &c, 1);
}

/* ---- words ---- */

static void put_odd_path(struct req *r)
{
	static const char *const odd[] = {
		"",
		"//",
		"/a//b",
		"/a/",
		"a b",
		"@nothing",
		"/a\001",
		"@",
		"@introduceDomain",
		"@releaseDomain",
		"/",
		"a*",
	};
	static const uint32_t len[] = {255, 256, 1023, 1024, 2047, 3071, 4090};

	if (pick(r, 4)) {
		put_string(r, odd[pick(r, sizeof(odd) / sizeof(odd[0]))]);
		return;
	}
	put(r, "/", pick(r, 2));
	put_fill(r, 'l', len[pick(r, 7)] + pick(r, 2));
	put(r, "", 1);
}

/* A few names, so that requests meet; long ones in a large directory. */
static void put_path(struct req *r)
{
	static const char *const base[] = {"/", "/", "/tool", "", "", ""};
	uint32_t b = pick(r, 6), depth = 1 + pick(r, 3), i;
	char text[32];

	if (!pick(r, 25)) {
		put_odd_path(r);
		return;
	}
	if (b == 5) {
		put(r, "/big", 4);
		if (pick(r, 3)) {
			put(r, "/", 1);
			put_fill(r, 'x', 200);
			text[0] = (char)('a' + pick(r, 26));
			put(r, text, 1);
		}
		put(r, "", 1);
		return;
	}
	if (b == 4)
		snprintf(text, sizeof(text), "/local/domain/%u", pick(r, 6));
	else
		snprintf(text, sizeof(text), "%s", base[b]);
	put(r, text, strlen(text));
	for (i = 0; i < depth; i++) {
		text[0] = '/';
		text[1] = (char)('a' + pick(r, 4));
		put(r, text + (!i && b < 2), 2u - (!i && b < 2));
		if (!i && b == 3) { /* relative: no slash in front */
			r->body[r->len - 2] = r->body[r->len - 1];
			r->len--;
		}
	}
	put(r, "", 1);
}

static void put_value(struct req *r)
{
	static const uint32_t len[] = {0, 1, 8, 9, 30, 200, 2000, 4000};
	uint32_t i = pick(r, pick(r, 6) ? 5 : 8), n = pick(r, len[i] + 1);

	put_fill(r, (char)pick(r, 256), n);
}

static uint32_t a_domid(struct req *r)
{
	return pick(r, 30) ? 1 + pick(r, DOMAINS) : pick(r, 0x10000);
}

static void put_perms(struct req *r)
{
	uint32_t n = 1 + pick(r, 4);
	char text[16];

	if (!pick(r, 20)) {
		put_string(r, pick(r, 2) ? "x1" : "r70000");
		return;
	}
	while (n--) {
		snprintf(text, sizeof(text), "%c%u", "nrwb"[pick(r, 4)],
			 pick(r, DOMAINS + 2));
		put_string(r, text);
	}
}

static void put_token(struct req *r)
{
	char text[4] = {'t', (char)('0' + pick(r, 6)), 0, 0};

	if (!pick(r, 40))
		put_fill(r, 'T', pick(r, 1100));
	put_string(r, text);
}

/* A watch that it has, or any. */
static void put_watch(struct req *r)
{
	const struct watch *w;
	uint32_t n;

	if (r->c && r->c->client.nwatches && pick(r, 8)) {
		n = pick(r, r->c->client.nwatches);
		list_for_each (w, &r->c->client.watches, of_client) {
			if (n--)
				continue;
			put_string(r, w->wpath);
			put_string(r, w->token);
			return;
		}
	}
	if (pick(r, 12))
		put_path(r);
	else
		put_string(r,
			   pick(r, 2) ? "@releaseDomain" : "@introduceDomain");
	put_token(r);
	if (!pick(r, 10))
		put_number(r, pick(r, 4)); /* depth */
}

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

/* ---- CONTROL ---- */

static void put_quota(struct req *r)
{
	static const struct {
		const char *name;
		uint32_t from, range;
	} limit[] = {
		{"nodes", 5, 60},
		{"watches", 2, 20},
		{"transactions", 1, 10},
		{"transaction-nodes", 2, 40},
		{"permissions-per-node", 2, 6},
		{"path-max", 20, 1000},
		{"node-max-size", 30, 3000},
		{"nothing", 1, 5},
	};
	uint32_t i = pick(r, 8);

	put_string(r, pick(r, 5) ? "quota" : "quota-soft");
	put_string(r, "set");
	put_string(r, limit[i].name);
	put_number(r, limit[i].from + pick(r, limit[i].range));
}

/*
 * Not here: live-update (its session ends with any update), quota DOMID of a
 * guest (counts of refusals begin anew), outstanding and memory limits (they
 * make others go on or stop at once, in an order promised to nobody).
 */
static void put_control(struct req *r)
{
	static const char *const plain[] = {"quota", "check",	"log",
					    "help",  "nothing", "quota-soft"};

	if (pick(r, 3)) {
		put_quota(r);
	} else if (!pick(r, 3)) {
		put_string(r, "quota");
		put_string(r, "0");
	} else {
		put_string(r, plain[pick(r, 6)]);
	}
}

/* ---- the whole ---- */

static void put_introduce(struct req *r, uint32_t domid)
{
	uint32_t port = SH_STORE_PORT;

	if (domid && domid <= DOMAINS)
		port = r->g->w->peer[FIRST_DOM + domid - 1]->port;
	put_number(r, domid);
	put_number(r, 7);
	put_number(r, pick(r, 40) ? port : pick(r, 12));
}

static void put_domain_args(struct req *r)
{
	switch (r->hdr.type) {
	case WIRE_INTRODUCE:
		put_introduce(r, a_domid(r));
		break;
	case WIRE_SET_TARGET:
		put_number(r, a_domid(r));
		put_number(r, a_domid(r));
		break;
	default:
		put_number(r, a_domid(r));
	}
}

static void put_args(struct req *r)
{
	switch (r->hdr.type) {
	case WIRE_WRITE:
		put_path(r);
		put_value(r);
		break;
	case WIRE_SET_PERMS:
		put_path(r);
		put_perms(r);
		break;
	case WIRE_DIRECTORY_PART:
		put_path(r);
		put_number(r, pick(r, 3) ? 0 : pick(r, 6000));
		break;
	case WIRE_WATCH:
		put_path(r);
		put_token(r);
		if (!pick(r, 6))
			put_number(r, pick(r, 4));
		break;
	case WIRE_UNWATCH:
		put_watch(r);
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
	case WIRE_GET_PERMS:
		put_path(r);
		break;
	default:
		put_domain_args(r);
	}
}

/* One of these most of the time, each as often as it stands here. */
static const uint8_t often[] = {
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
	20,
	23,
	200,
};

static uint32_t a_type(struct req *r)
{
	if (r->c && r->c->client.ntxs > 4 && !pick(r, 4))
		return WIRE_TRANSACTION_END;
	if (r->c && r->c->client.nwatches > 15 && !pick(r, 4))
		return WIRE_UNWATCH;
	if (pick(r, 12))
		return often[pick(r, sizeof(often))];
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

void gen_introduce(struct gen *g, unsigned int domid, struct sh_bytes *to)
{
	struct req r = {.g = g};

	r.hdr.type = WIRE_INTRODUCE;
	r.hdr.req_id = (uint32_t)model_random(&g->x);
	put_introduce(&r, domid);
	finish(&r, to);
}

/* So many large answers that a peer that reads little is heard no more. */
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
	/* a START in a transaction is a nested one: refused */
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
