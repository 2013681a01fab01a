/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: one round of waiting and serving.
 *
 *	events: connections, at most LOOP_PORTS ports, at most 8 new clients
 *	turns, until ROUND_WORK is spent: transport/turn.h
 *	a step of one job: base/job.h
 *	those who have left are freed
 *
 * The model is deficit round robin: turn.h says who is next and who owes what.
 * The budget of a round ends it after the turn that spends it, and then the
 * host is asked for new events.  So a new event is never further away than
 * ROUND_WORK, the request in which that was reached, and a job's step.  All of
 * it is counted in units of work and nothing by the clock: the same requests in
 * the same rounds are served in the same order.
 *
 * A guest can raise as many events as it likes.  Its port stays masked until
 * the ports of this round are all read, so it is there once a round, and
 * behind the ports that were pending before.  What it raises meanwhile is
 * pending when the port is unmasked; none is lost.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "daemon.h"

#define LOOP_EVENTS 512u /* that one round hears of */
#define LOOP_PORTS  64u	 /* of them ports: one is read at a time */
#define ROUND_WORK  640u /* units: about 60 us */

/* Waits for at most timeout_us (-1: for ever) and handles what came. */
void loop_round(struct daemon *d, int64_t timeout_us);

#endif
