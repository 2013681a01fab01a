/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look: looking at rings whose peer does not say that it has done something.
 *
 * A peer should send an event after it has moved an index.  Firmware that
 * polls its ring does not, and old frontends forget it.  So a ring is looked
 * at without an event, too:
 *
 *	its turn comes, or it is odd -> after 0.1 ms, 0.4, 1.6, 6.4, 25.6 ms
 *	... and output waits         -> after 102 and 410 ms as well
 *	whatever it is               -> at the slow turn, once a second
 *
 * The longer a peer takes, the longer it waits for us: at most about three
 * times as long as it took itself.  The slow turn looks at SLOW_RINGS rings at
 * most every SLOW_US; with more than 1,000 rings it takes longer than a second.
 *
 * To look is to read the words of the page.  Only a ring that has something
 * gets a turn.  The cost of a round does not depend on the number of rings.
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

/* NULL without memory. */
struct looks *looks_new(const void *ctx);
/* A ring connection is there; it is looked at from now on. */
void look_begin(struct conn *c);
/* It is not looked at any more.  Also for one that never was. */
void look_end(struct conn *c);
/* It has had its turn: looks begin anew. */
void look_touched(struct conn *c);
/* The end of a round: the looks of those that were touched are set. */
void looks_stamp(struct daemon *d);
/*
 * Where it is in the row of looks: its level and the time until the next one.
 * LOOK_NEVER: it waits for the slow turn alone.
 */
void look_state(const struct conn *c, uint8_t *ret_level, uint32_t *ret_in_us);
/* The same for a restore; a level that there is not is taken for the last. */
void look_restore(struct conn *c, uint32_t level, uint32_t in_us);
/*
 * Looks at those whose time has come, and gives those a turn that have
 * something.  Returns how long until the next look, at most timeout_us (-1:
 * for ever).
 */
int64_t looks_due(struct daemon *d, int64_t timeout_us);

#endif
