/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ox-write: an image of the native format as the dump that oxenstored reads
 * after a live update ($RUNDIR/db, with --live --restart).
 *
 * What its reader does was found by running it: it ignores a line that it
 * cannot use, with a line in its log, and goes on.  So a guest with a wrong
 * frame number, and a node with a value that it does not allow, would be lost
 * silently.  Such an image is refused instead.
 *
 * Called by hand-back.c; knows no daemon.
 */
#ifndef STOCK_OX_WRITE_H
#define STOCK_OX_WRITE_H

#include "stock/convert.h"

/* The defaults of quota-maxwatch and quota-maxsize in oxenstored.conf. */
#define OX_WATCHES_MAX 100u /* of a guest; dom0 and its clients have no limit */
#define OX_VALUE_MAX   2048u /* bytes */

/*
 * Appends the dump of the len bytes of image at data to out.
 *
 * A guest's frame number comes from RING_GFN, or from store/ring-ref, where
 * toolstacks write what they give to INTRODUCE: only if store/port has the
 * ring's port and the guest could not write either node.  Without a number the
 * image is refused.
 *
 * force: leaves out what oxenstored would ignore, and counts it in *ret_losses;
 * otherwise such an image is refused.  Takes memory by the number of
 * connections and watches, from ctx.  Returns 0; ENOTSUP with err: oxenstored
 * cannot take this over, because ...; EINVAL or EEXIST with err: not a valid
 * image; ENOMEM.
 */
int __must_check ox_write(void *ctx, const void *data, size_t len, bool force,
			  struct wbuf *out, struct image_losses *ret_losses,
			  struct err *err);

#endif
