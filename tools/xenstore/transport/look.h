/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look: polls the rings of guests that send no event.
 *
 * A guest should send an event after it has moved an index.  Firmware that
 * polls its ring does not, and old frontends forget it.  So the daemon looks at
 * each ring without an event, too:
 *
 *	after its turn, or when odd  -> after 0.1 ms, 0.4, 1.6, 6.4, 25.6 ms
 *	... and while output waits   -> after 102 and 410 ms as well
 *	always                       -> in the slow turn, once a second
 *
 * The longer a guest takes, the longer the daemon takes: at most about three
 * times as long.  The slow turn looks at up to SLOW_RINGS rings at a time,
 * often enough to see each once a second; with more than 1,000 rings it takes
 * longer.
 *
 * A look reads a few words of the page.  Only a ring with something to do gets
 * a turn.  The cost of a round does not depend on the number of rings.
 */
#ifndef TRANSPORT_LOOK_H
#define TRANSPORT_LOOK_H

#include "daemon.h"

struct conn;

#define LOOK_LEVELS   7u /* each four times as long as the one before */
#define LOOK_QUIET    5u /* levels of a ring without output */
#define LOOK_FIRST_US 100u
#define LOOK_NEVER    UINT8_MAX

struct looks;

/* Returns NULL without memory. */
struct looks *looks_new(const void *ctx);
/* Looks at a new ring connection from now on. */
void look_begin(struct conn *c);
/* Stops looking, if it did. */
void look_end(struct conn *c);
/* The ring has had its turn: the looks start again. */
void look_touched(struct conn *c);
/* At the end of a round: sets the time of the next look at each such ring. */
void looks_stamp(struct daemon *d);
/*
 * The level of the next look and the time until then, in us.  LOOK_NEVER: only
 * the slow turn looks.
 */
void look_state(const struct conn *c, uint8_t *ret_level, uint32_t *ret_in_us);
/* Sets the same in a restore; a level that does not exist becomes the last. */
void look_restore(struct conn *c, uint32_t level, uint32_t in_us);
/*
 * Looks at the rings whose time has come and gives a turn to those with
 * something to do.  Returns the time until the next look, at most timeout_us
 * (-1: no limit).
 */
int64_t looks_due(struct daemon *d, int64_t timeout_us);

#endif
