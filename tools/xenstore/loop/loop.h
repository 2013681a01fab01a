/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: one round of waiting and serving.
 *
 * The cost of a round is that of its events.  A connection that has more to
 * do than its slice goes to the end of the line.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "daemon.h"

#define LOOP_EVENTS 128

/* Waits for at most timeout_us (-1: for ever) and handles what came. */
void loop_round(struct daemon *d, int64_t timeout_us);

#endif
