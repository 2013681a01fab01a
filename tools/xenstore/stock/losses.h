/* SPDX-License-Identifier: GPL-2.0-or-later */
/* losses: logs what a conversion between two formats lost. */
#ifndef STOCK_LOSSES_H
#define STOCK_LOSSES_H

struct image_losses;
struct log;

/*
 * One line for each kind of loss.  to: the binary that is handed over to; NULL:
 * this daemon takes over.
 */
void stock_log_losses(struct log *log, const char *to,
		      const struct image_losses *l);

#endif
