/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring: the page that a domain shares with xenstored.
 *
 * Layout and meaning: public/io/xs_wire.h and docs/misc/xenstore-ring.txt.
 * The guest may change any byte at any time, so each index is read once and
 * checked, and bytes are copied before they are parsed.  Knows nothing but the
 * page.
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
 * Moves up to size bytes of requests to buf, *ret_n of them.  Returns 0, or EIO
 * if the indexes make no sense.  The guest sends an event for more only after
 * *ret_n was 0: it sends none while the daemon is behind.
 */
int __must_check ring_read(struct ring *r, void *buf, size_t size,
			   size_t *ret_n);
/*
 * Copies the next size bytes of requests, which stay in the ring.  False: there
 * are fewer, or the indexes make no sense.
 */
bool ring_peek(const struct ring *r, void *buf, size_t size);
/* Moves up to len bytes of replies to the ring; the same for room. */
int __must_check ring_write(struct ring *r, const void *data, size_t len,
			    size_t *ret_n);
/* Starts to use a page: sets the features, connected, no error. */
void ring_begin(struct ring *r, uint32_t features);
/* Changes the features. */
void ring_offer(struct ring *r, uint32_t features);
/* The two indexes that the daemon moves. */
void ring_indexes(const struct ring *r, uint32_t *ret_req_cons,
		  uint32_t *ret_rsp_prod);
/* The features that the page names. */
uint32_t ring_features(const struct ring *r);
/* The port that the domain says it has bound; 0: none. */
uint32_t ring_port(const struct ring *r);
/* Whether the domain asks for a new connection. */
bool ring_wants_reconnect(const struct ring *r);
/* Whether the indexes make sense, in both directions. */
bool ring_sane(const struct ring *r);
/* Whether bytes of requests wait. */
bool ring_has_request(const struct ring *r);
/* How many bytes of replies fit; 0 if the indexes make no sense. */
uint32_t ring_room(const struct ring *r);
/* Empties both directions: connected, no error. */
void ring_reset(struct ring *r);
void ring_set_error(struct ring *r, uint32_t error);

#endif
