/* SPDX-License-Identifier: GPL-2.0-or-later */
/* losses: see losses.h.  Called by hand-back.c and take-over.c. */
#include "stock/losses.h"

#include "base/log.h"
#include "stock/convert.h"

void stock_log_losses(struct log *log, const char *what,
		      const struct image_losses *l)
{
	unsigned int i;

	for (i = 0; i < LOSS_COUNT; i++)
		if (l->n[i])
			log_line(log, LOG_EVENT, "%s %llu %s", what,
				 (unsigned long long)l->n[i],
				 image_loss_text(i));
}
