/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostile-guest: requests and replies of one hostile guest; see hostile.h. */
#include "hostile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 20.0 /* seconds for a reply while preparing */
#define BATCH	 64   /* messages read in a turn */

static bool put_request(struct guest *g, uint32_t type, uint32_t tx,
			const char *fmt, va_list ap)
{
	char body[XENSTORE_PAYLOAD_MAX + 1];
	int len = vsnprintf(body, sizeof(body), fmt, ap), i;

	if (len < 0 || len > XENSTORE_PAYLOAD_MAX)
		die("a request of %d bytes is too long", len);
	for (i = 0; i < len; i++)
		if (body[i] == '|')
			body[i] = '\0';
	if (ring_put(&g->ring, type, 0, tx, body, (uint32_t)len))
		return false;
	if (type == XS_TRANSACTION_START)
		g->tx = 0;
	g->waiting++;
	return true;
}

bool request(struct guest *g, uint32_t type, uint32_t tx, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = put_request(g, type, tx, fmt, ap);
	va_end(ap);
	return ok;
}

uint32_t request_now(struct guest *g, uint32_t type, uint32_t tx,
		     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)put_request(g, type, tx, fmt, ap);
	va_end(ap);
	settle(g);
	return g->last;
}

bool take_answers(struct guest *g)
{
	const struct msg *msg;
	int n, rc = EAGAIN;

	for (n = 0; n < BATCH; n++) {
		rc = ring_get(&g->ring, &msg);
		if (rc)
			break;
		if (msg->hdr.type == XS_WATCH_EVENT)
			continue;
		if (g->waiting)
			g->waiting--;
		g->last = msg->hdr.type;
		g->failed += msg->hdr.type == XS_ERROR;
		if (msg->hdr.type == XS_TRANSACTION_START)
			g->tx = (uint32_t)strtoul(msg->body, NULL, 10);
	}
	if (rc != EAGAIN && rc)
		die("domain %u: the daemon has marked its ring as broken",
		    g->domid);
	return n;
}

void settle(struct guest *g)
{
	double begun = now();

	while (g->waiting) {
		uint32_t seen = sim_load(&g->ring.dom->event);
		bool moved = ring_flush(&g->ring);

		moved |= take_answers(g);
		take_others(g);
		if (!moved && g->waiting)
			ring_wait(&g->ring, seen, 1000);
		if (now() - begun > PATIENCE)
			die("domain %u: no reply for %.0f s", g->domid,
			    PATIENCE);
	}
}

bool guest_turn(struct guest *g, const struct kind *kind)
{
	bool moved = take_answers(g);

	while (g->waiting < IN_FLIGHT && kind->next && kind->next(g))
		moved = true;
	moved |= ring_flush(&g->ring);
	return moved;
}

uint32_t guest_random(struct guest *g, uint32_t below)
{
	g->random = g->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(g->random >> 33) % below;
}

bool in_transactions(struct guest *g, uint32_t n, const char *end,
		     bool (*inner)(struct guest *g, uint32_t k))
{
	uint32_t k = (uint32_t)(g->step % (n + 2));
	bool ok;

	if (k == 0) {
		ok = request(g, XS_TRANSACTION_START, 0, "|");
	} else if (k == 1 && !g->tx) {
		if (!g->waiting)
			g->step--; /* refused: again */
		return false;
	} else if (k <= n) {
		ok = inner(g, k - 1);
	} else {
		ok = request(g, XS_TRANSACTION_END, g->tx, "%s", end);
	}
	g->step += ok;
	return ok;
}

/* Of several attackers every other one makes changes and the rest watch. */
bool changes(const struct guest *g)
{
	return g->domid % 2 == 1;
}

bool watches(const struct guest *g)
{
	return g->n == 1 || g->domid % 2 == 0;
}
