/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * take-over: taking over from a stock xenstored.
 *
 * The stock daemon leaves its state in the format of its release in the file
 * state_dump of the run directory.  It leaves its descriptors open at the
 * numbers in that file: event channels with all ports bound, the listening
 * socket and the clients' sockets.  It has unbound VIRQ_DOM_EXC.
 *
 * oxenstored leaves a dump of its own (ox-dump.h) in the file db, and the same
 * descriptors, with VIRQ_DOM_EXC still bound.
 */
#ifndef STOCK_TAKE_OVER_H
#define STOCK_TAKE_OVER_H

#include "daemon.h"
#include "state/state.h"

/*
 * Restores a daemon (empty, as from daemon_new) from the len bytes at data, an
 * image in any format or oxenstored's dump.  Otherwise like state_restore().
 */
int __must_check stock_take_over(struct daemon *d, const void *data, size_t len,
				 struct state_restored *ret, struct err *err);

#endif
