/* SPDX-License-Identifier: GPL-2.0-or-later */
/* losses: see losses.h.  Called by hand-back.c and take-over.c. */
#include "stock/losses.h"

#include "base/log.h"
#include "stock/convert.h"

void stock_log_losses(struct log *log, const char *to,
		      const struct image_losses *l)
{
	unsigned int i;

	for (i = 0; i < LOSS_COUNT; i++) {
		unsigned long long n = l->n[i];

		if (n && to)
			log_line(log, LOG_EVENT,
				 "live update to %s: it cannot carry %llu %s",
				 to, n, image_loss_text(i));
		else if (n)
			log_line(log, LOG_EVENT,
				 "taking over, not carried: %llu %s", n,
				 image_loss_text(i));
	}
}
