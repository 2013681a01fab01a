/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor-beside: how a daemon begins that is loaded beside another one and
 * takes over from it (host/beside.h, state/follow.h).  For main.c.
 */
#ifndef SUCCESSOR_BESIDE_H
#define SUCCESSOR_BESIDE_H

#include "daemon.h"
#include "host/beside.h"
#include "options.h"

/* Reports why it cannot take over, and ends: the old daemon goes on. */
_Noreturn void beside_refuse(const struct beside *b, const struct err *err);
/*
 * Loads the state and takes over.  Returns when this daemon is to serve its
 * first round at once; what else it has to do comes in later rounds.  no_log: as
 * for successor_rehearse().  b, o and no_log must outlive d.  Any failure ends
 * this process, as beside_refuse() does.
 */
void beside_take_over(struct daemon *d, struct beside *b,
		      const struct options *o, const struct err *no_log);

#endif
