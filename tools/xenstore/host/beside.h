/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside: what a daemon and the successor that it loads beside itself agree
 * on, and the successor's end; the daemon's end is in host.h.
 *
 *	XENSTORED_BESIDE	"STREAM-FD WORD-FD"
 *
 * STREAM-FD is a Unix socket that keeps packets apart.  A frame is a struct
 * beside_frame and `len` bytes, in as many packets as it needs; its descriptors
 * come with its packets (SCM_RIGHTS), and its numbers of them in the frame.
 * The successor answers in lines: "step ...", "loaded", "serves", "error: ...".
 *
 * WORD-FD is a page of shared memory that says who serves (enum beside_master).
 *
 *	OLD --swap, by the successor--> NEW --first round--> SERVED
 *
 * Before the swap the old daemon goes on only after it has killed the
 * successor and has seen it dead.  The same holds at NEW: nobody has seen the
 * successor then.  At SERVED there is no way back.
 *
 * A binary that supports this has an ELF note (name "xenstored", type 2, one
 * word: BESIDE_VERSION).
 */
#ifndef HOST_BESIDE_H
#define HOST_BESIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define BESIDE_VERSION	 1u
#define BESIDE_NOTE_TYPE 2u
#define BESIDE_ENV	 "XENSTORED_BESIDE"
#define BESIDE_PACKET	 65536u /* bytes of a frame in one packet, at most */
#define BESIDE_FDS	 64u	/* descriptors with one packet, at most */
#define BESIDE_FRAME_MAX (1ull << 30)

enum beside_kind {
	BESIDE_PIECE = 1,
	BESIDE_ASK, /* answer "loaded" */
	BESIDE_CUT  /* the last piece: answer "serves" */
};

struct beside_frame {
	uint32_t kind;
	uint32_t nfds; /* numbers (int32_t) that follow, before the bytes */
	uint64_t len;  /* of the bytes alone */
};

enum beside_master {
	BESIDE_OLD,
	BESIDE_NEW,
	BESIDE_SERVED
};

/* ---- the successor's end ---- */

struct beside;

/*
 * Reads and removes BESIDE_ENV.  *ret_beside NULL: there is none.  Returns 0, or
 * EINVAL or ENOMEM with err.
 */
int __must_check beside_begin(struct beside **ret_beside, struct err *err);
/*
 * Waits for the next frame, whose bytes are valid until the next call, 8-byte
 * aligned.  Returns 0, EPIPE when the old daemon has closed the stream, or
 * another errno with err.
 */
int __must_check beside_next(struct beside *b, enum beside_kind *ret_kind,
			     const void **ret_data, size_t *ret_len,
			     struct err *err);
/* True when beside_next() would wait. */
bool beside_idle(const struct beside *b);
/*
 * This process's descriptor for a number of the old daemon's, the last one that
 * was passed under it; -1: none was.  A struct beside as void, for follow.h.
 */
int beside_fd(void *arg, int number);
/* Closes the descriptors that were passed and that nobody asked for. */
void beside_tidy(struct beside *b);
/* Reports a line, without "\n". */
void beside_say(const struct beside *b, const char *line);
/*
 * Becomes the master.  Returns 0, or EPERM with err: the old daemon goes on, or
 * has given up.
 */
int __must_check beside_swap(struct beside *b, struct err *err);
/* Just before the first round: from here there is no way back. */
void beside_serves(struct beside *b);
/*
 * After the first round: tells the old daemon to end.  Its end closes the
 * stream, whose descriptor this returns, for the caller to poll and to give to
 * beside_end() then.
 */
int beside_served(struct beside *b);
void beside_end(struct beside *b);

#endif
