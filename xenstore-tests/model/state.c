// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state: everything that must be the same with updates as without; see model.h.
 *
 * All of it is per connection: the order in which a round visits connections is
 * not promised.
 */
#include <talloc.h>

#include "base/hash.h"
#include "domain/domain.h"
#include "model.h"
#include "state/state.h"
#include "store/quota.h"
#include "store/store.h"
#include "store/transaction.h"
#include "store/tree.h"
#include "store/watch.h"
#include "transport/conn-ring.h"
#include "transport/look.h"
#include "transport/lost.h"

/*
 * Bytes sent and not yet read by the daemon, free room, and whether it is open.
 */
static uint64_t left_of_socket(const struct world *w, const struct peer *p)
{
	const struct sh_sock *s = sh_sock(w->run->h, p->fd);
	uint64_t h = hash_mix(s->to_daemon.len, s->to_peer.len);

	h = hash_mix(h, s->room);
	return hash_mix(h, (uint64_t)s->daemon_open << 1 | s->peer_open);
}

static uint64_t left_of_ring(const struct peer *p)
{
	return hash_mix(p->out.len, p->takes);
}

/*
 * Remaining times of connections that are throttled, owe time, or are waited
 * for.
 */
static uint64_t times_of(const struct world *w, const struct conn *c)
{
	uint64_t now = w->run->h->clock_ms, h = 0;
	uint64_t uncounted;
	uint32_t in_us;
	uint8_t level;

	h = conn_unread_ms(c, &uncounted);
	h = hash_mix(h, uncounted << 1 | !list_empty(&c->unread));
	if (c->odd_since_ms)
		h = hash_mix(h, now - c->odd_since_ms + 1);
	look_state(c, &level, &in_us);
	h = hash_mix(h, (uint64_t)in_us << 8 | level);
	if (!list_empty(&c->waiting))
		h = hash_mix(h, c->wait_until_ms > now ? c->wait_until_ms - now
						       : 0);
	return hash_mix(h, c->busy_until_ms > now ? c->busy_until_ms - now : 0);
}

static uint64_t conn_of(const struct world *w, unsigned int peer)
{
	const struct conn *c = world_conn(w, peer);
	const struct tx *tx;
	uint64_t h;

	if (!c)
		return 0;
	h = hash_mix(c->in_len, c->out_bytes);
	h = hash_mix(h, (uint64_t)c->replies << 1 | (c->life == CONN_IGNORED));
	h = hash_mix(h, (uint64_t)c->frozen << 2 |
				(uint64_t)(c->life == CONN_HELD) << 1 |
				(c->life == CONN_TX_WAITS));
	list_for_each (tx, &c->client.txs, of_client)
		h = hash_mix(h, tx->memory + ((uint64_t)tx->own_nodes << 32)) +
		    tx->nnodes;
	h = hash_mix(h, times_of(w, c));
	return hash_mix(h, (uint64_t)c->client.ntxs << 32 | c->client.nwatches);
}

/* Known domains in their order, in which they are announced. */
static uint64_t domains_of(const struct world *w)
{
	const struct domain *dom;
	uint64_t h = 0;

	list_for_each (dom, &w->run->d->domains->all, all) {
		h = hash_mix(h, dom->domid);
		h = hash_mix(h, (uint64_t)dom->features << 3 |
					(uint64_t)dom->shutdown << 2 |
					(uint64_t)dom->restored << 1 |
					(dom->conn != NULL));
	}
	return h;
}

static uint64_t page_of(const struct world *w, uint16_t domid)
{
	const struct sh_domain *dom = sh_domain_find(w->run->h, domid);

	return dom ? hash_bytes(dom->page, offsetof(struct sh_page, rest)) : 0;
}

static uint64_t account_of(const struct world *w, uint16_t domid)
{
	const struct account *a =
		account_find(w->run->d->store->accounts, domid);
	unsigned int q;
	uint64_t h;

	/* an account without anything counts as none */
	if (!a)
		return 0;
	h = (uint64_t)a->nodes << 32 | (uint64_t)a->watches << 16 |
	    a->transactions;
	h += a->memory * 0x9e3779b97f4a7c15u + a->node_memory;
	for (q = 0; q < QUOTA_COUNT; q++) {
		h += (uint64_t)a->refused[q] << (q + 20);
		if (a->own)
			h += hash_mix(a->own->hard[q] + 1, q) - hash_mix(0, q) +
			     hash_mix(a->own->soft[q] + 1, q + 99) -
			     hash_mix(0, q + 99);
	}
	return h;
}

/*
 * Ports whose far end exists. A port whose guest end is closed may be kept or
 * not.
 */
static uint64_t ports_of(const struct script_host *h)
{
	uint64_t n = 0;
	int i;

	for (i = 1; i < SH_PORTS; i++)
		n += h->port[i].state == SH_BOUND ||
		     h->port[i].state == SH_VIRQ;
	return n;
}

static uint64_t host_of(const struct world *w)
{
	uint64_t open = 0, pages = sh_mapped(w->run->h);
	const struct conn *c;
	int i;

	/* an idle ring is mapped again when it is needed */
	list_for_each (c, &w->run->d->conns.all, all)
		pages += conn_page_due(c);

	for (i = 0; i < SH_SOCKS; i++)
		open += w->run->h->sock[i] && w->run->h->sock[i]->daemon_open;
	return open << 32 | pages << 16 | ports_of(w->run->h);
}

void state_take(const struct world *w, struct state *ret)
{
	uint16_t domid;
	unsigned int i;

	for (i = 0; i < PEERS; i++) {
		const struct peer *p = w->peer[i];

		ret->part[PART_SEEN + i] = w->seen[i];
		ret->part[PART_LEFT + i] =
			p->ring ? left_of_ring(p) : left_of_socket(w, p);
		ret->part[PART_CONN + i] = conn_of(w, i);
	}
	for (domid = 0; domid <= DOMAINS; domid++) {
		ret->part[PART_PAGE + domid] = page_of(w, domid);
		ret->part[PART_ACCOUNT + domid] = account_of(w, domid);
	}
	ret->part[PART_TREE] = tree_digest(w->run->d->store->tree);
	ret->part[PART_WATCHES] = w->run->d->store->watches->digest;
	ret->part[PART_GENERATION] = w->run->d->store->generation;
	ret->part[PART_DIGEST] = state_digest(w->run->d);
	ret->part[PART_HOST] = host_of(w);
	ret->part[PART_DOMAINS] = domains_of(w);
}

int state_differs(const struct state *a, const struct state *b)
{
	int i;

	for (i = 0; i < PARTS; i++)
		if (a->part[i] != b->part[i])
			return i;
	return -1;
}

const char *state_part(const void *ctx, int part)
{
	unsigned int i = (unsigned int)part;

	if (i >= PART_DOMAINS)
		return "the known domains";
	if (i >= PART_HOST)
		return "open descriptors, mapped pages or bound ports";
	if (i >= PART_DIGEST)
		return "the digest";
	if (i >= PART_CONN)
		return talloc_asprintf(ctx, "the connection of peer %u",
				       i - PART_CONN);
	if (i >= PART_TREE)
		return i == PART_TREE	   ? "the digest of the nodes"
		       : i == PART_WATCHES ? "the digest of the watches"
					   : "the generation";
	if (i >= PART_ACCOUNT)
		return talloc_asprintf(ctx, "the quota account of domain %u",
				       i - PART_ACCOUNT);
	if (i >= PART_PAGE)
		return talloc_asprintf(ctx, "the page of domain %u",
				       i - PART_PAGE);
	if (i >= PART_LEFT)
		return talloc_asprintf(ctx, "the bytes in flight for peer %u",
				       i - PART_LEFT);
	return talloc_asprintf(ctx, "the bytes peer %u received",
			       i - PART_SEEN);
}
