/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring: the page that a domain shares with xenstored.
 *
 * Layout and meaning: public/io/xs_wire.h and docs/misc/xenstore-ring.txt.
 * The other side may change any byte at any instant, so each index is read
 * once and checked, and bytes are copied out before they are looked at.
 */
#ifndef TRANSPORT_RING_H
#define TRANSPORT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RING_SIZE 1024u

struct ring {
	uint8_t req[RING_SIZE]; /* domain to xenstored */
	uint8_t rsp[RING_SIZE]; /* xenstored to domain */
	uint32_t req_cons, req_prod;
	uint32_t rsp_cons, rsp_prod;
	uint32_t server_features;
	uint32_t connection;
	uint32_t error;
	uint32_t evtchn_port;
};

#define RING_CONNECTED 0u
#define RING_RECONNECT 1u

/* Bits of server_features: what xenstored offers a domain. */
#define FEATURE_RECONNECTION 0x1u
#define FEATURE_ERROR	     0x2u
#define FEATURE_WATCH_DEPTH  0x4u
#define FEATURE_DOMID_ANY    0x8u
#define FEATURES_ALL	     0xfu

#define RING_ERROR_NONE	 0u
#define RING_ERROR_COMM	 1u
#define RING_ERROR_INDEX 2u
#define RING_ERROR_PROTO 3u

/*
 * Takes up to size bytes of requests into buf.  Returns 0 and how many, or
 * EIO for indexes that make no sense.  Only when it has given none can one
 * count on an event for the next: the peer sends none while we are behind.
 */
int __must_check ring_read(struct ring *r, void *buf, size_t size,
			   size_t *ret_n);
/* Puts up to len bytes of replies into the ring; the same. */
int __must_check ring_write(struct ring *r, const void *data, size_t len,
			    size_t *ret_n);
/*
 * A page that has come into use: what is offered, and that it is connected and
 * in no error.
 */
void ring_begin(struct ring *r, uint32_t features);
/* Offers something else. */
void ring_offer(struct ring *r, uint32_t features);
/* How far this side has read requests and written replies. */
void ring_indexes(const struct ring *r, uint32_t *ret_req_cons,
		  uint32_t *ret_rsp_prod);
/* What the page says is offered. */
uint32_t ring_features(const struct ring *r);
/* The port that the domain says it has bound; 0: that of INTRODUCE. */
uint32_t ring_port(const struct ring *r);
/* True when the domain asks for a connection anew. */
bool ring_wants_reconnect(const struct ring *r);
/* Its indexes make sense, in both directions. */
bool ring_sane(const struct ring *r);
/* Bytes of requests wait. */
bool ring_has_request(const struct ring *r);
/* How many bytes of replies fit; 0 also when the indexes make no sense. */
uint32_t ring_room(const struct ring *r);
/* Both directions empty, no error, connected. */
void ring_reset(struct ring *r);
void ring_set_error(struct ring *r, uint32_t error);

#endif
