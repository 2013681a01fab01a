/* SPDX-License-Identifier: GPL-2.0-or-later */
/* busy: whether a daemon on a scripted host has work to do. */
#ifndef TEST_BUSY_H
#define TEST_BUSY_H

#include "daemon.h"
#include "script-host.h"
#include "transport/conn.h"

/* True if a round of the loop would do something at once. */
static inline bool busy(struct script_host *h, const struct daemon *d)
{
	return sh_busy(h) || turns_any(d) || !list_empty(&d->conns.reap) ||
	       jobs_any(&d->jobs);
}

#endif
