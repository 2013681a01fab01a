/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: a connection to xenstored, for one request and its reply at a time.
 *
 * Finds the daemon as libxenstore does: at $XENSTORED_PATH, or else at the
 * socket in $XENSTORED_RUNDIR (/var/run/xenstored), or else at the kernel's
 * device.  Knows the framing of messages, not their meaning.
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
	uint32_t type;	 /* of the last request */
	uint32_t req_id; /* its number */
	size_t have;	 /* bytes of the reply so far */
	uint8_t in[WIRE_HEADER_SIZE + WIRE_PAYLOAD_MAX];
};

struct reply {
	int error; /* the errno of an ERROR reply, or 0 */
	/* the payload up to its first NUL, escaped for a terminal */
	char text[4 * WIRE_PAYLOAD_MAX + 1];
};

/* Milliseconds of a monotonic clock. */
uint64_t link_now_ms(void);

/*
 * Connects.  Returns 0, or an errno with the link not open and a line in err
 * for each path that was tried.
 */
int __must_check link_open(struct link *l, struct err *err);
/* As link_open(), but prints the error on standard error. */
int __must_check link_open_or_print(struct link *l);
/* Closes the connection; does nothing if it is not open. */
void link_close(struct link *l);

/*
 * Sends a request whose payload is n strings, each with its NUL.  Returns 0,
 * E2BIG when the payload is too long for a message, or write()'s errno.
 */
int __must_check link_send(struct link *l, uint32_t type,
			   const char *const *strings, int n);
/*
 * Receives the reply to the last request.  Waits until link_now_ms() is
 * until_ms, with mask as the signal mask meanwhile (NULL: unchanged).  Returns
 * 0; ETIMEDOUT or EINTR, after which it can be called again; ECONNRESET if the
 * daemon closed the connection; EPROTO for bytes that are not a reply to this
 * request; or read()'s errno.
 */
int __must_check link_receive(struct link *l, uint64_t until_ms,
			      const sigset_t *mask, struct reply *ret);
/*
 * Sends the control command of n words and receives its reply, waiting for up
 * to wait_ms; mask and result as for link_receive().
 */
int __must_check link_command(struct link *l, const char *const *words, int n,
			      uint64_t wait_ms, const sigset_t *mask,
			      struct reply *ret);
/* A message for an errno of link_send() or link_receive(). */
const char *link_strerror(int code);

#endif
