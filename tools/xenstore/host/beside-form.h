/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside: what a daemon and the successor that it loads beside itself agree
 * on, and the successor's end; the daemon's end is in host.h.
 *
 *	XENSTORED_BESIDE	"STREAM-FD WORD-FD"
 *
 * STREAM-FD is a Unix socket that keeps packets apart.  A frame is a struct
 * beside_frame, the numbers of its descriptors padded to 8 bytes, and `len`
 * bytes, in as many packets as it needs.  The descriptors come with its packets
 * (SCM_RIGHTS), in the order of their numbers.  The successor answers in lines, a
 * packet each: "step ...", "loaded", "serves", "error: ...".
 *
 * WORD-FD is a page of shared memory that says who serves (enum beside_master).
 *
 *	OLD --swap--> NEW --first round--> SERVED	by the successor
 *	 |             |
 *	 +-------------+--> REVOKED			by the old daemon
 *
 * Each step is a compare-and-exchange, so one of the two wins.  At REVOKED the
 * old daemon goes on, and the successor, which no client has seen yet, is killed.
 * At SERVED there is no way back: the old daemon ends.  If the old daemon dies
 * before the last piece, the successor ends; after it, the successor serves.
 *
 * A binary that supports this has an ELF note (name "xenstored", type 2, one
 * word: BESIDE_VERSION).
 */
#ifndef HOST_BESIDE_FORM_H
#define HOST_BESIDE_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BESIDE_VERSION	 1u
#define BESIDE_NOTE_TYPE 2u
#define BESIDE_ENV	 "XENSTORED_BESIDE"
#define BESIDE_PACKET	 65536u /* bytes of a frame in one packet, at most */
#define BESIDE_FDS	 64u	/* descriptors with one packet, at most */
#define BESIDE_FRAME_MAX (1ull << 30)
#define BESIDE_FRAME_FDS 65536u	  /* descriptors of a frame, at most */
#define BESIDE_NUMBERS	 1048576u /* numbers of descriptors are below that */
#define BESIDE_LINE	 400u	  /* bytes of an answer, at most */

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

/* The bytes of a frame before its data, which begins at a multiple of 8. */
static inline size_t beside_head(uint32_t nfds)
{
	return sizeof(struct beside_frame) + ((size_t)nfds + 1) / 2 * 8;
}

enum beside_master {
	BESIDE_OLD,
	BESIDE_NEW,
	BESIDE_SERVED,
	BESIDE_REVOKED
};

/* One step of the word.  False: it was not at `from`. */
static inline bool beside_step(uint32_t *word, enum beside_master from,
			       enum beside_master to)
{
	uint32_t was = from;

	return __atomic_compare_exchange_n(word, &was, (uint32_t)to, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* True when the program in fd has the note.  In handoff-elf.c. */
bool beside_binary_fits(int fd);

#endif
