/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen: makes all steps of a run from its seed before the first is sent. A step
 * names connections, domains and transactions by number. If that does not exist
 * when the step is done, the step is an error case or is skipped. Called by
 * main.c.
 */
#include "gen.h"

#include <stdlib.h>
#include <string.h>

#define WALK_EVERY 1000u

#define RELEASES 3u

/* Relative frequency of each type. */
static const struct {
	uint32_t type;
	uint32_t weight;
} mix[] = {
	{XS_WRITE, 200},
	{XS_READ, 60},
	{XS_DIRECTORY, 60},
	{XS_DIRECTORY_PART, 30},
	{XS_GET_PERMS, 50},
	{XS_SET_PERMS, 120},
	{XS_MKDIR, 70},
	{XS_RM, 90},
	{XS_WATCH, 60},
	{XS_UNWATCH, 30},
	{XS_TRANSACTION_START, 50},
	{XS_TRANSACTION_END, 60},
	{XS_RESET_WATCHES, 3},
	{XS_GET_DOMAIN_PATH, 10},
	{XS_IS_DOMAIN_INTRODUCED, 10},
	{XS_SET_TARGET, 4},
	{XS_INTRODUCE, 2},
	{XS_RESUME, 4},
	{XS_RELEASE, RELEASES}, /* the last one */
};

static uint32_t pick_type(struct gen *g)
{
	uint32_t total = 0, n;
	size_t i;

	if (chance(g, 1) && chance(g, 30)) {
		n = 15 + pick(g, 14);
		/* requests of later versions, unknown to the stock daemon */
		return n >= 23 && n <= 26 ? 20 : n;
	}
	for (i = 0; i < sizeof(mix) / sizeof(mix[0]); i++)
		total += mix[i].weight;
	n = pick(g, total);
	if (!g->profile->deaths)
		n %= total - RELEASES;
	for (i = 0; n >= mix[i].weight; i++)
		n -= mix[i].weight;
	return mix[i].type;
}

static bool may_be_in_tx(uint32_t type)
{
	switch (type) {
	case XS_TRANSACTION_START:
	case XS_WATCH:
	case XS_UNWATCH:
	case XS_RESET_WATCHES:
	case XS_GET_DOMAIN_PATH:
	case XS_IS_DOMAIN_INTRODUCED:
	case XS_SET_TARGET:
	case XS_INTRODUCE:
	case XS_RELEASE:
	case XS_RESUME:
		return false;
	default:
		return true;
	}
}

static void keep_body(struct gen *g, struct step *s)
{
	s->len = g->len;
	s->body = malloc(g->len + 1u);
	if (!s->body)
		abort();
	memcpy(s->body, g->body, g->len);
	s->body[g->len] = 0;
}

static void gen_request(struct gen *g, struct step *s)
{
	s->kind = STEP_REQUEST;
	s->conn = (uint8_t)pick(g, CONNS);
	g->conn = s->conn;
	s->type = pick_type(g);
	gen_body(g, s->type);
	keep_body(g, s);
	if (s->type == XS_TRANSACTION_END)
		s->tx = (uint8_t)(1 + pick(g, TX_SLOTS));
	else if (may_be_in_tx(s->type) ? chance(g, 40) : chance(g, 1))
		s->tx = (uint8_t)(1 + pick(g, TX_SLOTS));
	if (chance(g, 1) && chance(g, 30))
		s->tx = TX_ODD;
	/*
	 * in a transaction it crashes stock daemons without the fix for XSA-484
	 */
	if (s->type == XS_RESET_WATCHES)
		s->tx = 0;
	/* a guest's, or on an unknown special path, it may abort stock */
	if (s->type == XS_SET_PERMS && s->len && s->body[0] == '@') {
		s->tx = 0;
		if (s->conn > DOM0_RING ||
		    (strcmp((char *)s->body, "@introduceDomain") &&
		     strcmp((char *)s->body, "@releaseDomain")))
			s->body[0] = 'a';
	}
}

static void gen_domain_step(struct gen *g, struct step *s)
{
	uint32_t n = pick(g, 100);

	s->domid = (uint8_t)(1 + pick(g, DOMAINS));
	s->conn = (uint8_t)pick(g, SOCKETS);
	if (n < 25) {
		s->kind = STEP_CREATE;
	} else if (n < 60) {
		s->kind = STEP_INTRODUCE;
		s->type = XS_INTRODUCE;
		if (chance(g, 5))
			s->conn = (uint8_t)(DOM0_RING + pick(g, DOMAINS + 1));
	} else if (n < 75) {
		s->kind = STEP_SHUTDOWN;
	} else if (n < 90 && g->profile->deaths) {
		s->kind = STEP_DESTROY;
	} else {
		s->kind = STEP_RECONNECT;
	}
}

/* As in 4.17; later versions let every domain watch. */
static void gen_special(struct gen *g, struct step *s)
{
	s->kind = STEP_REQUEST;
	s->type = XS_SET_PERMS;
	g->len = (uint32_t)snprintf((char *)g->body, sizeof(g->body),
				    "@releaseDomain%cn0", 0) +
		 1;
	keep_body(g, s);
}

/* The steps that create guests and the nodes they may use. */
static uint32_t gen_begin(struct gen *g, struct step *s)
{
	uint32_t n = 0, domid;

	gen_special(g, &s[n++]);
	for (domid = 1; domid <= DOMAINS; domid++) {
		s[n].kind = STEP_CREATE;
		s[n++].domid = (uint8_t)domid;
		s[n].type = XS_INTRODUCE;
		s[n].kind = STEP_INTRODUCE;
		s[n++].domid = (uint8_t)domid;
		s[n].kind = STEP_REQUEST;
		s[n].type = XS_MKDIR;
		g->len = (uint32_t)snprintf((char *)g->body, sizeof(g->body),
					    "/local/domain/%u/data", domid) +
			 1;
		keep_body(g, &s[n++]);
		s[n].kind = STEP_REQUEST;
		s[n].type = XS_SET_PERMS;
		g->len = (uint32_t)snprintf((char *)g->body, sizeof(g->body),
					    "/local/domain/%u/data%cn%u", domid,
					    0, domid) +
			 1;
		keep_body(g, &s[n++]);
	}
	return n;
}

/* Makes n steps, at least 32. */
struct step *gen_steps(uint64_t seed, uint32_t n, const struct profile *p)
{
	struct step *steps = calloc(n, sizeof(*steps));
	struct gen g = {.state = seed * 0x2545f4914f6cdd1du, .profile = p};
	uint32_t i;

	if (!steps)
		abort();
	for (i = gen_begin(&g, steps); i < n; i++) {
		struct step *s = &steps[i];

		if (i % WALK_EVERY == 0)
			s->kind = STEP_WALK;
		else if (chance(&g, 1))
			gen_domain_step(&g, s);
		else
			gen_request(&g, s);
	}
	for (i = 0; i < n; i++)
		steps[i].number = i;
	return steps;
}
