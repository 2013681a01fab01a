/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hand-back: leaving the host to a stock xenstored; called by update/.
 *
 * The room stock/ can be removed.  What uses it:
 *
 *	hand_back() in update/update.c, update_version() and set_dialect() in
 *	update/command.c;
 *	successor_take_stock() in successor.c, and its call in main.c;
 *	xs-image: verify-stock.c, conversion and detection (convert.h,
 *	dialect.h);
 *	tools/doc-tables/records.c, the tests, and the lists of files and rooms:
 *	rules.mk, layers.txt, MAINTAINERS.
 *
 * Recognising, starting and guarding a stock daemon needs the host's
 * processes, so it is in host/: host-stock.c whole, the stock half of
 * host-guard.c, the kinds in host-rehearse.c, host-args.c and host-binary.c, and
 * in host.h stock_file, stock_exec, struct host_back and the kinds HOST_XEN*.
 *
 * For oxenstored alone: ox-*.c and conf.c here, successor-ox.c and its calls in
 * main.c, the options from --live on, host-ox.c, host/from-ox.c, what handoff.c
 * has for a way back to it, update_arrived() in update/command.c, update/drain.c,
 * conns_drain() and its use in conn.c, RING_GFN, HOST_OX.
 */
#ifndef STOCK_HAND_BACK_H
#define STOCK_HAND_BACK_H

#include "daemon.h"

struct stock_successor {
	const char *binary;
	const char *args; /* NULL: those of this process */
	enum host_successor kind;
	/* for oxenstored: leaves out what it does not take over; ox-write.h */
	bool force;
	struct conn *conn; /* the requesting client, its reply is queued */
	/*
	 * Writes to fd the image from which this binary returns if the stock
	 * daemon never serves.  Runs in the guard (host.h, struct host_back).
	 */
	int (*write_image)(struct daemon *d, int fd, struct err *err);
};

/*
 * The arguments that oxenstored gets from these of ours: --no-fork, --pid-file
 * and -T.  Returns a text of talloc context ctx, NULL without memory.
 */
char *stock_ox_args(const void *ctx, const struct config *config);
/*
 * Writes the state for the stock daemon and execs it.  No transaction may be
 * open.  Returns only on failure: an errno with err, everything undone.
 */
int __must_check stock_hand_back(struct daemon *d,
				 const struct stock_successor *to,
				 struct err *err);

#endif
