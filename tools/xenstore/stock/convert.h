/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert: an image in another format, record by record.
 *
 * Translates what the formats state differently: a connection's pending input,
 * a partly written reply, special nodes, quotas, the event channel device and
 * the daemon's own ports.  Counts in struct image_losses what the other format
 * has no place for.  A stock format gets its records in the order that its
 * readers need: GLOBAL_DATA, quotas, each connection with its watches,
 * committed nodes, the special nodes, domains.
 *
 * Called by take-over.c, hand-back.c and xs-image.
 */
#ifndef STOCK_CONVERT_H
#define STOCK_CONVERT_H

#include "base/err.h"
#include "stock/format.h"

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
	LOSS_TARGET,
	LOSS_RING,
	LOSS_WATCH,
	LOSS_NODE,
	LOSS_EVENT,
	LOSS_MESSAGES,
	LOSS_FIELDS,
	LOSS_ENTRY,
	LOSS_OWNER,
	LOSS_PATH,
	LOSS_COUNT
};

struct image_losses {
	uint64_t n[LOSS_COUNT]; /* how many records or fields */
};

/* What is lost and what that means, to follow a number. */
const char *image_loss_text(enum image_loss loss);

/* Called with the next record of the result, valid until it returns. */
typedef int (*image_put)(void *arg, const struct record *rec, struct err *err);

struct image_convert {
	const struct image_format *from, *to;
	bool other_order; /* the result is in the other byte order */
	image_put put;
	/*
	 * From a stock format only.  Returns the domain's end of the daemon's
	 * port, 0 if unknown.  NULL: every such port counts as lost.
	 */
	uint32_t (*far_port)(void *arg, uint16_t domid, uint32_t local_port);
	void *arg;
};

/*
 * Gives all records of the len bytes at data, except END, to c->put in format
 * c->to.  Takes memory by the number of connections and watches, from ctx.
 * Returns 0; EINVAL or EEXIST with err for an invalid image and for one that
 * the other format cannot state and must not leave out; ENOMEM; what put
 * returned.  An unknown record (desc NULL, its body as it is) is passed on when
 * neither format nor byte order change, and counted as lost otherwise.
 */
int __must_check image_convert(void *ctx, const void *data, size_t len,
			       const struct image_convert *c,
			       struct image_losses *ret_losses,
			       struct err *err);

#endif
