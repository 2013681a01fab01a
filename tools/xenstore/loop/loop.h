/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: one round of waiting and serving.
 *
 *	1. events: connections, at most LOOP_PORTS ports, at most 8 new clients
 *	2. turns of connections, until ROUND_WORK is spent (transport/turn.h)
 *	3. a step of one job (base/job.h)
 *	4. closed connections are freed
 *
 * The scheduler is deficit round robin: turn.h decides who is next and who owes
 * what.  A round ends after the turn that spends its budget, and then the host
 * is asked for new events.  So a new event waits at most for ROUND_WORK, the
 * request that exceeds it, and a job's step.  All of this is counted in units
 * of work, never by the clock: the same requests in the same rounds are served
 * in the same order.
 *
 * A guest can raise any number of events.  Its port stays masked until all
 * ports of this round are read, so it appears once a round, after the ports
 * that were pending before.  An event raised meanwhile makes the port pending
 * again when it is unmasked; none is lost.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "daemon.h"

#define LOOP_EVENTS 512u /* of descriptors, at most, in one round */
#define LOOP_PORTS  64u	 /* at most in one round; each read is one call */
#define ROUND_WORK  640u /* units: about 60 us */

/*
 * Waits for events, at most timeout_us (-1: forever; not at all while turns or
 * jobs are due), and serves one round.
 */
void loop_round(struct daemon *d, int64_t timeout_us);

#endif
