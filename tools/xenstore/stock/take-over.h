/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * take-over: taking over from a stock xenstored.
 *
 * Such a daemon leaves its state in the dialect of its release, in the file
 * state_dump of the run directory, and its descriptors open at the numbers
 * that stand in it: event channels with all ports bound, the listening socket
 * and those of the clients.  The death VIRQ is unbound by then.
 */
#ifndef STOCK_TAKE_OVER_H
#define STOCK_TAKE_OVER_H

#include "daemon.h"
#include "state/state.h"

/*
 * Restores a daemon (empty, as from daemon_new) from the len bytes at data,
 * in whichever dialect they are; as state_restore() otherwise.
 */
int __must_check stock_take_over(struct daemon *d, const void *data, size_t len,
				 struct state_restored *ret, struct err *err);

#endif
