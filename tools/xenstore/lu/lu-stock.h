/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lu-stock: taking over from a stock xenstored.
 *
 * Such a daemon leaves its state in the dialect of its release, in the file
 * state_dump of the run directory, and its descriptors open at the numbers
 * that stand in it: event channels with all ports bound, the listening socket
 * and those of the clients.  The death VIRQ is unbound by then.
 */
#ifndef LU_LU_STOCK_H
#define LU_LU_STOCK_H

#include "daemon.h"
#include "lu/lu-image.h"

/*
 * Restores a daemon (empty, as from daemon_new) from the len bytes at data,
 * in whichever dialect they are; as lu_restore() otherwise.
 */
int __must_check lu_take_stock(struct daemon *d, const void *data, size_t len,
			       struct lu_restored *ret, struct err *err);

#endif
