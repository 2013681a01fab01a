/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ox-dump: the dump that oxenstored writes for a live update, as records of
 * the native format.
 *
 * A line of text for each thing, in any order:
 *
 *	$xenstored-dump-format			the first line
 *	global,RW-FD				the listening socket
 *	evtchn-dev,FD,VIRQ-PORT			the event channel device
 *	dom,DOMID,GFN,FAR-PORT,LOCAL-PORT	a domain on its ring
 *	socket,FD				a client
 *	watch,DOMID or -FD,PATH,TOKEN[,DEPTH]	of a domain or a client
 *	store,PATH,PERMS,VALUE			a node
 *
 * PATH, TOKEN, PERMS and VALUE are hexadecimal.  PERMS has an entry (n0, r5)
 * for each domain, with NULs between them.  The special nodes are nodes of "/":
 * /@releaseDomain.  Output, half messages and transactions are never in it:
 * oxenstored waits until there are none.
 *
 * A line of another kind is refused, because its meaning would be lost.  Fields
 * behind the known ones are ignored and counted: newer releases add such.
 *
 * Called by take-over.c and xs-image; knows no daemon.
 */
#ifndef STOCK_OX_DUMP_H
#define STOCK_OX_DUMP_H

#include "stock/convert.h"

struct ox_dump {
	const void *data;
	size_t len;
	bool header;   /* a HEADER with its counts comes first */
	image_put put; /* gets the records, END not among them */
	/*
	 * Returns false for the path of a node, or of a watch of domid, that
	 * the store cannot hold: it is left out and counted.  NULL: all can.
	 */
	bool (*fits)(void *arg, const char *path, bool watch, uint16_t domid);
	void *arg;
};

/* True if the len bytes at data begin like such a dump. */
bool ox_dump_begins(const void *data, size_t len);
/*
 * Gives all records to d->put, children in the order of their names: clients of
 * oxenstored know them in this order.  Takes memory by the number of connections and
 * nodes, from ctx.  Returns 0; EINVAL or EEXIST with err naming the line; ENOMEM;
 * what put returned.
 */
int __must_check ox_dump_read(void *ctx, const struct ox_dump *d,
			      struct image_losses *ret_losses, struct err *err);
/*
 * The value of the node path, as text of at most size - 1 bytes, from a dump
 * that may be damaged.  False: there is none, or it is longer.
 */
bool ox_dump_value(const void *data, size_t len, const char *path, char *ret,
		   size_t size);

#endif
