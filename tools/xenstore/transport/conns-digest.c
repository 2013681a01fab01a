/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conns-digest: the sum of all connections; see conns.h.  Called by state/. */
#include "store/digest.h"
#include "store/transaction.h"
#include "store/watch.h"
#include "transport/conn.h"

static uint64_t conn_digest(const struct conn *c)
{
	const struct watch *w;
	const struct out *o;
	const struct tx *tx;
	size_t skip = c->out_pos;
	uint64_t h = hash_mix(c->client.id, c->kind), bytes = 0;

	h = hash_mix(h, (uint64_t)c->client.cred.domid << 16 |
				c->client.cred.tdomid);
	h = hash_mix(h, (uint64_t)c->frozen << 2 |
				(uint64_t)c->client.read_only << 1 |
				(c->life == CONN_IGNORED));
	h = hash_mix(h, c->client.next_tx_id);
	h = hash_mix(h, c->remote_port);
	h = hash_mix(h, hash_bytes(c->in, c->in_len));
	list_for_each (o, &c->out, next) {
		bytes = hash_mix(bytes, o->event);
		bytes = hash_mix(bytes,
				 hash_bytes(o->data + skip, o->len - skip));
		skip = 0;
	}
	h = hash_mix(h, bytes);
	h = hash_mix(h, c->lost);
	h = hash_mix(h, c->dropping);
	if (c->dropping)
		list_for_each (w, &c->client.watches, of_client)
			h = hash_mix(h, w->lost);
	list_for_each (tx, &c->client.txs, of_client)
		h += tx_digest(tx);
	return h;
}

uint64_t conns_digest(const struct daemon *d)
{
	const struct conn *c;
	uint64_t h = 0;

	list_for_each (c, &d->conns.all, all)
		h += conn_digest(c);
	return h;
}
