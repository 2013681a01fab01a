/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of xensim-guest.  It knows the ring and the xenstore protocol from
 * their public descriptions and shares no code with any daemon, because it is
 * there to find a daemon's bugs.  Used by the guest-*.c files only.
 *
 *   guest-main.c   options, the main loop, the last line
 *   guest-ring.c   ring page, event channel, whole messages in and out
 *   guest-load.c   slots: requests, matching of replies and events, findings
 *   guest-modes.c  the stories that slots run, with the right answers
 */
#ifndef XENSIM_GUEST_H
#define XENSIM_GUEST_H

#include "guest-ring.h"
#include "guest-stats.h"

#define GUEST_MAX_DEPTH	  32u
#define GUEST_MAX_TX	  8u
#define GUEST_VALUE_MAX	  2048u
#define GUEST_VALUE_QUOTA 1900u /* with overhead, within any node-size quota */

enum mode {
	MODE_COUNTERS,
	MODE_TRANSACTIONS,
	MODE_WATCHES,
	MODE_NUL,
	MODE_BIG,
	MODE_RECONNECT, /* not of a slot: all slots rest for it */
	MODE_COUNT,
	MODE_SETUP, /* before a slot's first story, and after a reconnect */
	MODE_HOLD,  /* the one slot of --hold-tx */
	MODE_NONE,
};

struct guest_config {
	uint32_t seconds, count, rate, depth, timeout_s, hold_ms;
	uint32_t modes; /* bit per enum mode */
	uint64_t seed;
	bool hold_tx, tolerate_refire, quiet;
	const char *stats_file;
};

struct watch_want { /* an event that must come */
	bool wanted;
	bool active; /* the watch is set */
	uint64_t since_us;
	char path[64];
	char wpath[64];
};

struct slot {
	struct load *load;
	uint32_t index;
	enum mode mode;
	uint32_t step;
	bool ready;	/* set up */
	bool in_flight; /* one request at a time */
	uint32_t req_id, req_type;
	uint64_t sent_us;
	bool tx_open; /* from the start's reply to the end's */
	uint32_t tx;
	uint64_t resume_us; /* when the story continues; 0: not waiting */
	uint64_t counter, committed, watched, held;
	bool watched_exists;
	uint32_t variant;
	struct watch_want want[2]; /* of the node's parent; of the node */
	uint32_t value_len;
	char value[GUEST_VALUE_MAX];
};

struct load {
	struct ring ring;
	struct guest_config config;
	struct guest_stats *stats;
	struct slot slots[GUEST_MAX_DEPTH + 1]; /* the last one holds a tx */
	uint32_t slot_count;
	uint32_t next_req_id;
	uint64_t random;
	uint64_t now_us;
	uint64_t gap_since_us; /* last answer, or first waiting request */
	uint64_t next_send_us; /* --rate */
	uint32_t stories;      /* since the last reconnect */
	uint32_t reconnect_at;
	uint32_t reset_req_id; /* RESET_WATCHES outstanding */
	bool first_reply;      /* earlier messages are of an earlier guest */
	bool stopping, failed;
	bool resting; /* no new stories: a reconnect is due */
};

/* guest-load.c */
void load_init(struct load *load);
int load_handle(struct load *load, const struct msg *msg);
void load_start(struct load *load);
void load_check_time(struct load *load);
int64_t load_timeout_us(const struct load *load);
bool load_idle(const struct load *load);
uint64_t load_random(struct load *load);
uint64_t time_us(void);
__attribute__((format(printf, 3, 4))) void
load_finding(struct load *load, uint64_t *counter, const char *format, ...);
void slot_send(struct slot *slot, uint32_t type, uint32_t tx, const void *body,
	       uint32_t len);
void slot_done(struct slot *slot);
void slot_reset(struct slot *slot);

static inline void stat_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void stat_set(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, n, __ATOMIC_RELAXED);
}

/* guest-modes.c: @msg is the reply, or NULL to begin or continue */
void mode_step(struct slot *slot, const struct msg *msg);
bool mode_wants_events(const struct slot *slot);

#endif
