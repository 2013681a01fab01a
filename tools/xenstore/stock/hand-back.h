/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hand-back: leaving the host to a stock xenstored; called by update/.
 */
#ifndef STOCK_HAND_BACK_H
#define STOCK_HAND_BACK_H

#include "daemon.h"

struct stock_successor {
	const char *binary;
	const char *args; /* NULL: those of this process */
	enum host_successor kind;
	/*
	 * Writes the image that this binary returns with, if the stock daemon
	 * never serves, to fd.  Runs in the guard (host.h, struct host_back).
	 */
	int (*write_image)(struct daemon *d, int fd, struct err *err);
};

/*
 * Writes the state for the stock daemon and execs it.  No transaction is open.
 * Returns only on failure, an errno with err; everything is undone then.
 */
int __must_check stock_hand_back(struct daemon *d,
				 const struct stock_successor *to,
				 struct err *err);

#endif
