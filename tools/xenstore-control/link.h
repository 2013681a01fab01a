/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: a connection to xenstored, one request and its reply at a time.
 *
 * Finds the daemon as libxenstore does: $XENSTORED_PATH, or the socket in
 * $XENSTORED_RUNDIR (/var/run/xenstored), or else the kernel's device.  Knows
 * messages, not what they mean.
 */
#ifndef LINK_H
#define LINK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/wire.h"

#define LINK_FOREVER UINT64_MAX

struct link {
	int fd;		 /* -1: not open */
	uint32_t type;	 /* of the request that is under way */
	uint32_t req_id; /* its number */
	size_t have;	 /* bytes of the reply so far */
	uint8_t in[WIRE_HEADER_SIZE + WIRE_PAYLOAD_MAX];
};

struct reply {
	int error; /* the errno of an ERROR reply, or 0 */
	/* the payload to its first NUL, escaped: fit for a terminal */
	char text[4 * WIRE_PAYLOAD_MAX + 1];
};

/* Milliseconds of a clock that only goes forward. */
uint64_t link_now_ms(void);

/*
 * Connects.  Returns 0 or an errno, err saying line by line what was tried;
 * the link is then not open.
 */
int __must_check link_open(struct link *l, struct err *err);
void link_close(struct link *l);

/*
 * Sends a request whose payload is n strings, each with its NUL.  Returns 0,
 * E2BIG when it is longer than a message can be, or why it could not be sent.
 */
int __must_check link_send(struct link *l, uint32_t type,
			   const char *const *strings, int n);
/*
 * Takes the reply to the request sent last; until then it may be called again
 * and again.  Waits until link_now_ms() is until_ms, with the signals of mask
 * blocked (NULL: those that are).  Returns 0, ETIMEDOUT, EINTR, ECONNRESET
 * when the daemon has closed the connection, EPROTO for bytes that are no
 * reply to this request, or why reading failed.
 */
int __must_check link_receive(struct link *l, uint64_t until_ms,
			      const sigset_t *mask, struct reply *ret);
/* What a code of link_receive() means, for a person. */
const char *link_strerror(int code);

#endif
