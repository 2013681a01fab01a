/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile-flood: kinds of hostile guests that cause cost by requests, watches,
 * events and the ring; see hostile.h.
 */
#include "hostile.h"

#include <stdio.h>
#include <string.h>

#define VALUE_MOST 1900u /* bytes of a value within the quota of node size */

static bool next_read(struct guest *g)
{
	return request(g, XS_READ, 0, "data/v|");
}

static bool next_get_perms(struct guest *g)
{
	return request(g, XS_GET_PERMS, 0, "data/v|");
}

static bool next_directory(struct guest *g)
{
	return request(g, XS_DIRECTORY, 0, "data/v|");
}

static bool next_write(struct guest *g)
{
	static char value[VALUE_MOST + 1];

	memset(value, 'a' + (int)(g->step++ % 26), VALUE_MOST);
	return request(g, XS_WRITE, 0, "data/v|%s", value);
}

static void prepare_value(struct guest *g)
{
	(void)next_write(g);
	(void)request(g, XS_SET_PERMS, 0, "data/v|n%u|r0|r1|b%u|w0|", g->domid,
		      HOSTILE_VICTIM);
	settle(g);
}

static void prepare_listing(struct guest *g)
{
	uint32_t k;

	for (k = 0; k < 100; k++)
		if (request_now(g, XS_MKDIR, 0,
				"data/v/name-of-20-letters%02u|",
				k) == XS_ERROR)
			break;
}

static bool start_only(struct guest *g, uint32_t k)
{
	(void)k;
	(void)g;
	return true;
}

static bool next_tx(struct guest *g)
{
	return in_transactions(g, 0, "F|", start_only);
}

static bool next_perms(struct guest *g)
{
	static const char letter[] = "nrwb";
	uint32_t id[4], i;
	char how[4];

	for (i = 0; i < 4; i++) {
		id[i] = guest_random(g, g->n + 2);
		if (id[i] > g->n)
			id[i] = HOSTILE_VICTIM;
		how[i] = letter[guest_random(g, 4)];
	}
	return request(g, XS_SET_PERMS, 0, "data/v|n%u|%c%u|%c%u|%c%u|%c%u|",
		       g->domid, how[0], id[0], how[1], id[1], how[2], id[2],
		       how[3], id[3]);
}

static bool next_watch(struct guest *g)
{
	return request(g, g->step++ & 1 ? XS_UNWATCH : XS_WATCH, 0,
		       "data/v|token|");
}

static bool next_reset(struct guest *g)
{
	uint32_t k = (uint32_t)(g->step++ % 121);

	if (k == 120)
		return request(g, XS_RESET_WATCHES, 0, "|");
	return request(g, XS_WATCH, 0, "data/%u|t%u|", k % 4, k);
}

/* ---- many watches on one node of the first attacker ---- */

static void prepare_watched(struct guest *g)
{
	uint32_t k;

	if (g->domid == 1) {
		(void)request(g, XS_MKDIR, 0, "data/w|");
		(void)request(g, XS_SET_PERMS, 0, "data/w|b1|");
		settle(g);
	}
	for (k = 0; k < 120; k++) {
		(void)request(g, XS_WATCH, 0, "/local/domain/1/data/w|t%u|", k);
		if (k % 8 == 7)
			settle(g);
	}
}

static bool next_watched(struct guest *g)
{
	return request(g, XS_WRITE, 0, "/local/domain/1/data/w/%u|%u", g->domid,
		       (uint32_t)g->step++);
}

/* The same, but the guests that watch stop reading. */
static bool turn_deaf(struct guest *g)
{
	bool moved;

	if (g->n > 1 && changes(g)) {
		moved = take_answers(g);
		while (g->waiting < IN_FLIGHT && next_watched(g))
			moved = true;
		return ring_flush(&g->ring) || moved;
	}
	while (g->waiting < 60 && next_watched(g))
		;
	return ring_flush(&g->ring);
}

/* ---- the ring ---- */

static bool turn_notify(struct guest *g)
{
	uint32_t k;

	for (k = 0; k < 16; k++)
		ring_notify(&g->ring);
	return true;
}

static void one_byte(struct guest *g, uint8_t byte)
{
	struct xenstore_domain_interface *page = g->ring.page;
	uint32_t prod = sim_load(&page->req_prod);

	page->req[MASK_XENSTORE_IDX(prod)] = (char)byte;
	sim_store(&page->req_prod, prod + 1);
	ring_notify(&g->ring);
}

/* Sends a message of 4096 bytes with an event for each byte; then the next. */
static bool turn_half(struct guest *g)
{
	struct xenstore_domain_interface *page = g->ring.page;
	struct xsd_sockmsg hdr = {.type = XS_WRITE, .len = 4096};
	uint8_t bytes[sizeof(hdr)];
	uint64_t at = g->step % (sizeof(hdr) + hdr.len);

	(void)take_answers(g);
	if (sim_load(&page->req_prod) - sim_load(&page->req_cons) > 1000)
		return false;
	memcpy(bytes, &hdr, sizeof(hdr));
	one_byte(g, at < sizeof(hdr) ? bytes[at] : 'x');
	g->step++;
	return true;
}

/* Impossible indexes, a cleared page, a reconnection, in random order. */
static bool turn_garbage(struct guest *g)
{
	struct xenstore_domain_interface *page = g->ring.page;
	uint32_t *const word[] = {&page->req_cons, &page->req_prod,
				  &page->rsp_cons, &page->rsp_prod};

	switch (guest_random(g, 4)) {
	case 0:
		memset(page, 0, sizeof(*page));
		break;
	case 1:
		memset(page->req, (int)guest_random(g, 256), sizeof(page->req));
		sim_store(&page->req_prod,
			  sim_load(&page->req_cons) + guest_random(g, 1025));
		break;
	case 2:
		sim_store(word[guest_random(g, 4)], guest_random(g, 1u << 31));
		break;
	default:
		sim_store(&page->connection, XENSTORE_RECONNECT);
	}
	ring_notify(&g->ring);
	return true;
}

const struct kind flood_kinds[] = {
	{"nothing", "no attackers", NULL, NULL, NULL, NULL, false},
	{"notify", "events without data", NULL, NULL, turn_notify, NULL, false},
	{"read", "READ of 1,900 bytes, pipelined", prepare_value, next_read,
	 NULL, NULL, false},
	{"write", "WRITE of 1,900 bytes, pipelined", prepare_value, next_write,
	 NULL, NULL, false},
	{"directory", "DIRECTORY of 1,900 bytes, pipelined", prepare_listing,
	 next_directory, NULL, NULL, false},
	{"get-perms", "GET_PERMS, pipelined", prepare_value, next_get_perms,
	 NULL, NULL, false},
	{"set-perms", "SET_PERMS with a new list of five each time",
	 prepare_value, next_perms, NULL, NULL, false},
	{"tx", "starts and ends transactions", NULL, next_tx, NULL, NULL,
	 false},
	{"watch", "WATCH and UNWATCH", prepare_value, next_watch, NULL, NULL,
	 false},
	{"reset-watches", "120 WATCH and RESET_WATCHES", NULL, next_reset, NULL,
	 NULL, false},
	{"write-watched", "writes below 120 watches of each attacker",
	 prepare_watched, next_watched, NULL, NULL, false},
	{"deaf", "never reads its events from such writes", prepare_watched,
	 NULL, turn_deaf, NULL, false},
	{"half-message", "long messages, each byte with an event", NULL, NULL,
	 turn_half, NULL, false},
	{"garbage", "impossible indexes, cleared pages, reconnections", NULL,
	 NULL, turn_garbage, NULL, false},
	{NULL, NULL, NULL, NULL, NULL, NULL, false}};
