/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest: what everything that a client can see adds up to; see state.h.  The
 * writer of an image puts it into HEADER, the reader compares it.
 */
#include "domain/domain.h"
#include "state/state.h"
#include "store/digest.h"
#include "store/store.h"

uint64_t state_digest(const struct daemon *d)
{
	uint64_t h = hash_mix(store_digest(d->store), d->conns.next_id);

	return h + conns_digest(d) + domains_digest(d);
}
