// SPDX-License-Identifier: GPL-2.0-or-later
/* gen: chooses the next step; see model.h. Requests are in gen-req.c. */
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "model.h"
#include "transport/conn.h"
#include "wire/wire.h"

#define MAX_CONNECTS 150u /* the host's sockets are used once */

static uint32_t pick(struct gen *g, uint32_t n)
{
	return below(&g->x, n);
}

/* ---- bytes ---- */

/* Takes the next piece of the held bytes: all, or cut anywhere. */
static void piece(struct gen *g, const void *ctx, struct step *s,
		  unsigned int *requests)
{
	struct sh_bytes *held = &g->held[s->peer];
	uint32_t n = (uint32_t)held->len;

	s->kind = STEP_SEND;
	if (g->bytewise[s->peer])
		n = 1;
	else if (pick(g, 2) && n > 1)
		n = 1 + pick(g, pick(g, 3) ? n - 1 : n < 20 ? n - 1 : 20);
	s->bytes = talloc_size(ctx, n);
	s->len = sh_bytes_take(held, s->bytes, n);
	if (held->len)
		return;
	++*requests;
	g->bytewise[s->peer] = false;
}

/* Bytes that no honest client sends. */
static void hostile(struct gen *g, unsigned int peer, struct sh_bytes *to)
{
	struct wire_header hdr = {pick(g, 30), 1, 0, 0};
	uint8_t bytes[64];
	uint32_t i, n = pick(g, sizeof(bytes));

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)pick(g, 256);
	if (pick(g, 2)) {
		hdr.len = pick(g, 2) ? WIRE_PAYLOAD_MAX + 1 + pick(g, 9)
				     : UINT32_MAX - pick(g, 32);
		wire_put_header(bytes, &hdr);
		n = WIRE_HEADER_SIZE + pick(g, 20);
	}
	sh_bytes_put(g->w, to, bytes, n + 1);
	(void)peer;
}

static bool reads_little(const struct gen *g, unsigned int peer)
{
	const struct peer *p = g->w->peer[peer];

	if (peer < SOCKETS)
		return sh_sock(g->w->run->h, p->fd)->room != SH_NO_LIMIT;
	return p->takes != SH_NO_LIMIT;
}

static void message(struct gen *g, unsigned int peer, unsigned int *requests)
{
	struct sh_bytes *held = &g->held[peer];
	uint32_t more = pick(g, 12) ? 0 : pick(g, pick(g, 10) ? 8 : 90);

	if (!pick(g, 250)) {
		hostile(g, peer, held);
		return;
	}
	if (reads_little(g, peer) && !pick(g, 25)) {
		gen_flood(g, held);
		*requests += 20;
		return;
	}
	if (peer >= FIRST_DOM && peer < DOM0 && !pick(g, 25)) {
		gen_storm(g, peer, held);
		*requests += 20;
		return;
	}
	if (peer < SOCKETS - 1 && !pick(g, 80)) {
		gen_move(g, 1 + pick(g, DOMAINS), held);
		*requests += 2;
		return;
	}
	gen_request(g, peer, held);
	g->bytewise[peer] = held->len < 60 && !pick(g, 25);
	*requests += more;
	while (more--)
		gen_request(g, peer, held);
}

/* ---- reading, living and dying ---- */

static uint32_t some_bytes(struct gen *g)
{
	static const uint32_t range[] = {2, 8, 40, 300, 5000};

	return pick(g, range[pick(g, 5)]);
}

static uint32_t wild(struct gen *g)
{
	return pick(g, 3) ? pick(g, 3000) : (uint32_t)model_random(&g->x);
}

static void domain_step(struct gen *g, struct step *s)
{
	static const enum step_kind kind[] = {
		STEP_DEATH, STEP_DEATHS,   STEP_REPLACE, STEP_DYING,
		STEP_DYING, STEP_SHUTDOWN, STEP_UNPAUSE, STEP_PORT,
		STEP_WORD,  STEP_WORD,	   STEP_BIRTH,	 STEP_ANEW,
		STEP_ANEW,  STEP_ANEW,	   STEP_PAUSE,	 STEP_UNPAUSE,
		STEP_CLEAR, STEP_SILENT,   STEP_SILENT,
	};

	s->peer = FIRST_DOM + pick(g, DOMAINS);
	s->kind = kind[pick(g, sizeof(kind) / sizeof(kind[0]))];
	if (s->kind == STEP_PORT)
		s->a = 1 + pick(g, SH_GUEST_PORTS - 1);
	if (s->kind == STEP_DEATHS)
		s->a = FIRST_DOM + pick(g, DOMAINS);
	if (s->kind == STEP_SILENT)
		s->a = pick(g, 2);
	if (s->kind == STEP_ANEW || s->kind == STEP_REPLACE ||
	    s->kind == STEP_CLEAR)
		g->held[s->peer].len = 0;
	if (s->kind == STEP_WORD) {
		s->a = pick(g, 7);
		s->b = s->a < 4 ? wild(g) : pick(g, 9);
	}
}

/* Revives a dead domain, introduces a new one, or a broken one again. */
static bool heal(struct gen *g, struct step *s, unsigned int *requests,
		 const void *ctx)
{
	unsigned int guest = FIRST_DOM + pick(g, DOMAINS);
	struct sh_domain *dom = world_domain(g->w, guest);
	const struct conn *c = world_conn(g->w, guest);

	s->peer = guest;
	if (!dom) {
		s->kind = STEP_BIRTH;
		g->held[guest].len = 0;
		return true;
	}
	if (dom->dying || dom->shutdown || dom->paused) {
		s->kind = dom->dying || (dom->shutdown && pick(g, 2))
				  ? STEP_DEATH
				  : STEP_UNPAUSE;
		return true;
	}
	if (c && conn_serves(c))
		return false;
	s->peer = pick(g, SOCKETS - 1);
	if (g->held[s->peer].len)
		return false;
	g->held[guest].len = 0;
	gen_introduce(g, guest - FIRST_DOM + 1, &g->held[s->peer]);
	piece(g, ctx, s, requests);
	return true;
}

static bool socket_gone(const struct gen *g, unsigned int peer)
{
	const struct sh_sock *s;

	if (peer >= SOCKETS)
		return false;
	s = sh_sock(g->w->run->h, g->w->peer[peer]->fd);
	return !s->daemon_open || !s->peer_open;
}

/* Events for a guest that does not read them, for a while or for too long. */
static bool unread(struct gen *g, struct step *s, unsigned int *requests,
		   const void *ctx)
{
	unsigned int guest = FIRST_DOM + pick(g, DOMAINS);
	const struct conn *c = world_conn(g->w, guest);

	if (!c || !c->client.nwatches)
		return false;
	if (!list_empty(&g->w->run->d->conns.unread) && pick(g, 3)) {
		s->kind = STEP_CLOCK;
		s->a = pick(g, 2) ? 20000 : pick(g, 20000);
		return true;
	}
	if (!reads_little(g, guest)) {
		s->peer = guest;
		s->kind = STEP_TAKES;
		s->a = some_bytes(g);
		return true;
	}
	if (s->peer >= SOCKETS - 1 || g->held[s->peer].len)
		return false;
	gen_news(g, guest, &g->held[s->peer]);
	*requests += 20;
	piece(g, ctx, s, requests);
	return true;
}

static bool seldom(struct gen *g, struct step *s, unsigned int *requests,
		   const void *ctx)
{
	uint32_t n = pick(g, 1000);

	if (n < 80)
		return heal(g, s, requests, ctx);
	if (n >= 970)
		return unread(g, s, requests, ctx);
	if (n < 95) {
		domain_step(g, s);
	} else if (n < 105) {
		s->kind = STEP_CLOCK;
		s->a = pick(g, pick(g, 3) ? 3000 : 40000);
	} else if (n < 112 && s->peer < SOCKETS && g->connects < MAX_CONNECTS) {
		s->kind = STEP_CLOSE;
	} else if (n < 160) {
		s->kind = STEP_TAKES;
		s->a = some_bytes(g);
	} else {
		return false;
	}
	return true;
}

struct step gen_step(struct gen *g, const void *ctx, unsigned int *requests)
{
	struct step s = {.luck = model_random(&g->x)};

	s.peer = pick(g, PEERS);
	if (socket_gone(g, s.peer) && g->connects < MAX_CONNECTS) {
		s.kind = STEP_CONNECT;
		g->held[s.peer].len = 0;
		g->connects++;
		return s;
	}
	if (seldom(g, &s, requests, ctx))
		return s;
	if (reads_little(g, s.peer) && !pick(g, 3)) {
		s.kind = STEP_TAKES;
		s.a = pick(g, 3) ? some_bytes(g) : TAKES_ALL;
		return s;
	}
	if (!g->held[s.peer].len)
		message(g, s.peer, requests);
	piece(g, ctx, &s, requests);
	return s;
}
