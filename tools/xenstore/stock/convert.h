/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert: an image said in another dialect, record by record, and what that
 * dialect cannot say.
 *
 * What each dialect calls by another name is translated: the pending input of
 * a connection, a reply half written, the special nodes, quotas, the event
 * channel device and the daemon's own ports.  What is left over is counted in
 * struct image_losses.  To a dialect of Xen the records come in the order that
 * its readers need: GLOBAL_DATA, quotas, each connection with its watches,
 * committed nodes, the special nodes, domains.
 *
 * Called by the tools for images; made for taking over from a stock daemon and
 * handing back to one, too.
 */
#ifndef STOCK_CONVERT_H
#define STOCK_CONVERT_H

#include "base/err.h"
#include "image/record.h"

enum image_loss {
	LOSS_TX,
	LOSS_TX_NODE,
	LOSS_READ_ONLY,
	LOSS_RO_SOCKET,
	LOSS_LOCAL_PORT,
	LOSS_FAR_PORT,
	LOSS_DEPTH,
	LOSS_GENERATIONS,
	LOSS_CONN_STATE,
	LOSS_DOMAIN,
	LOSS_QUOTA,
	LOSS_FEATURES,
	LOSS_UNIQUE_ID,
	LOSS_STALE,
	LOSS_UPDATE,
	LOSS_LOG,
	LOSS_COUNTS,
	LOSS_CREDIT,
	LOSS_SPECIAL,
	LOSS_UNKNOWN,
	LOSS_WIRE_ORDER,
	LOSS_COUNT
};

struct image_losses {
	uint64_t n[LOSS_COUNT]; /* how many records or fields */
};

/* What is lost and what that means, for "N " in front of it. */
const char *image_loss_text(enum image_loss loss);

/* Takes the next record of the result, which is good until it returns. */
typedef int (*image_put)(void *arg, const struct record *rec, struct err *err);

struct image_convert {
	unsigned int from, to; /* dialects */
	bool other_order;      /* the result is in the other byte order */
	image_put put;
	/*
	 * From Xen's dialects only: the domain's end of the daemon's port, 0
	 * if it cannot be told.  NULL: not asked, and lost.
	 */
	uint32_t (*far_port)(void *arg, uint16_t domid, uint32_t local_port);
	void *arg;
};

/*
 * Gives all records of the len bytes at data but END to c->put, in c->to.
 * Memory goes with the number of connections and watches and belongs to ctx
 * meanwhile.  Returns 0; EINVAL with err for an image that is not one or has
 * something that cannot be left out and cannot be said; what put returned.
 * A record of a type that is not known stays as it is (desc NULL, and its body)
 * when neither dialect nor byte order change, and is lost otherwise.
 */
int __must_check image_convert(void *ctx, const void *data, size_t len,
			       const struct image_convert *c,
			       struct image_losses *ret_losses,
			       struct err *err);

#endif
