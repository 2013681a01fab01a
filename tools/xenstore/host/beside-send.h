/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside-send: the frames that wait to go to a successor; beside-form.h has
 * their form.  For host-beside.c alone.
 */
#ifndef HOST_BESIDE_SEND_H
#define HOST_BESIDE_SEND_H

#include "base/err.h"
#include "host/beside-form.h"

struct waiting;

/* All zero: empty. */
struct beside_queue {
	struct waiting *first, *last;
	size_t bytes; /* that wait */
};

/*
 * Copies a frame and duplicates its descriptors.  Returns 0, or EFBIG, ENOMEM,
 * EMFILE or the like with err: the queue is as before.
 */
int __must_check beside_queue_put(struct beside_queue *q, enum beside_kind kind,
				  const void *data, size_t len, const int *fds,
				  size_t nfds, struct err *err);
/*
 * Sends to fd, which does not block.  Returns 0: all is sent; EAGAIN: the
 * successor has to read first; else an errno.
 */
int __must_check beside_queue_send(struct beside_queue *q, int fd);
void beside_queue_free(struct beside_queue *q);

#endif
