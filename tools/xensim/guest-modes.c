/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stories that slots run: each begins with a request and ends when the last
 * answer was checked.  All nodes are relative paths below data, a set for each
 * slot, so every answer is known in advance.  Knows nothing of rings and
 * clocks.  Called by guest-load.c.
 */
#include "guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_ABORT 100u /* waits for the answer to an abort */
#define STEP_AWAIT 101u /* waits only for events */

static bool is_error(const struct msg *msg, const char *name)
{
	return msg->hdr.type == XS_ERROR && !strcmp(msg->body, name);
}

static void send_path(struct slot *slot, uint32_t type, uint32_t tx,
		      const char *path)
{
	slot_send(slot, type, tx, path, (uint32_t)strlen(path) + 1);
}

static void send_write(struct slot *slot, uint32_t tx, const char *path,
		       const void *value, uint32_t len)
{
	char body[64 + GUEST_VALUE_MAX];
	uint32_t path_len = (uint32_t)strlen(path) + 1;

	memcpy(body, path, path_len);
	memcpy(body + path_len, value, len);
	slot_send(slot, XS_WRITE, tx, body, path_len + len);
}

static void send_number(struct slot *slot, uint32_t tx, const char *path,
			uint64_t number)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%" PRIu64, number);

	send_write(slot, tx, path, text, (uint32_t)len);
}

/* Name of one of the slot's nodes: data/<letter><index><rest>. */
static const char *node(const struct slot *slot, char letter, const char *rest)
{
	static char names[2][64];
	static unsigned int turn;
	char *name = names[turn++ % 2];

	(void)snprintf(name, sizeof(names[0]), "data/%c%u%s", letter,
		       slot->index, rest);
	return name;
}

static void tx_closed(struct slot *slot)
{
	if (!slot->tx_open)
		return;
	slot->tx_open = false;
	stat_set(&slot->load->stats->tx_open, slot->load->stats->tx_open - 1);
}

static void want_clear(struct slot *slot)
{
	slot->want[0].wanted = false;
	slot->want[1].wanted = false;
}

/*
 * Whether the reply is an error, which is a finding: gives up the story.
 * ENOENT in an open transaction, whose nodes all exist, means that the daemon
 * forgot it.
 */
static bool bad(struct slot *slot, const struct msg *msg, const char *what)
{
	struct guest_stats *stats = slot->load->stats;
	bool lost_tx = slot->tx_open && is_error(msg, "ENOENT");

	if (msg->hdr.type != XS_ERROR)
		return false;
	load_finding(slot->load, lost_tx ? &stats->tx_lost : &stats->wrong,
		     "%s: %s%s", what, msg->body,
		     lost_tx ? ": the transaction is lost" : "");
	want_clear(slot);
	if (slot->tx_open && !lost_tx && slot->req_type != XS_TRANSACTION_END) {
		tx_closed(slot);
		slot->step = STEP_ABORT;
		slot_send(slot, XS_TRANSACTION_END, slot->tx, "F", 2);
		return true;
	}
	tx_closed(slot);
	slot_done(slot);
	return true;
}

static void check_number(struct slot *slot, const struct msg *msg,
			 uint64_t number, const char *what)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	if (strlen(text) != msg->hdr.len ||
	    memcmp(text, msg->body, msg->hdr.len) != 0)
		load_finding(slot->load, &slot->load->stats->wrong,
			     "%s: slot %u read \"%.40s\" instead of \"%s\"",
			     what, slot->index, msg->body, text);
}

static bool tx_begun(struct slot *slot, const struct msg *msg)
{
	if (bad(slot, msg, "TRANSACTION_START"))
		return false;
	if (sim_parse_u32(msg->body, UINT32_MAX, &slot->tx) || !slot->tx) {
		load_finding(slot->load, &slot->load->stats->wrong,
			     "TRANSACTION_START answered \"%.40s\"", msg->body);
		slot_done(slot);
		return false;
	}
	slot->tx_open = true;
	stat_add(&slot->load->stats->tx_open, 1);
	return true;
}

/* Check the answer to a commit.  True if committed; EAGAIN: begin again. */
static bool tx_ended(struct slot *slot, const struct msg *msg)
{
	if (is_error(msg, "EAGAIN")) {
		tx_closed(slot);
		stat_add(&slot->load->stats->tx_again, 1);
		want_clear(slot);
		slot->step = 0;
		mode_step(slot, NULL);
		return false;
	}
	if (bad(slot, msg, "TRANSACTION_END"))
		return false;
	tx_closed(slot);
	stat_add(&slot->load->stats->tx_committed, 1);
	return true;
}

static void want_event(struct slot *slot, uint32_t which, const char *path)
{
	struct watch_want *want = &slot->want[which];

	want->wanted = true;
	want->since_us = slot->load->now_us;
	(void)snprintf(want->path, sizeof(want->path), "%s", path);
}

bool mode_wants_events(const struct slot *slot)
{
	return slot->want[0].wanted || slot->want[1].wanted;
}

static void send_watch(struct slot *slot, uint32_t which)
{
	struct watch_want *want = &slot->want[which];
	char body[96];
	int len;

	(void)snprintf(want->wpath, sizeof(want->wpath), "%s",
		       node(slot, 'w', which ? "/x" : ""));
	want->active = true;
	want_event(slot, which, node(slot, 'w', which ? "/x" : ""));
	len = snprintf(body, sizeof(body), "%s%cw%u%c", want->wpath, '\0',
		       slot->index, which ? 'n' : 'p');
	slot_send(slot, XS_WATCH, 0, body, (uint32_t)len + 1);
}

/* Make the nodes and watches that the other stories need. */
static void setup(struct slot *slot, const struct msg *msg)
{
	uint32_t modes = slot->load->config.modes;
	bool hold = slot->index == slot->load->config.depth;

	if (msg && bad(slot, msg, "setting up"))
		return;
	if (mode_wants_events(slot))
		return;
	for (;;) {
		switch (slot->step++) {
		case 0:
			if (!hold)
				continue;
			send_number(slot, 0, node(slot, 'h', ""), slot->held);
			return;
		case 1:
			if (hold || !(modes & (1u << MODE_TRANSACTIONS)))
				continue;
			send_number(slot, 0, node(slot, 't', "/n"),
				    slot->committed);
			return;
		case 2:
			if (hold || !(modes & (1u << MODE_WATCHES))) {
				slot->step = 5;
				continue;
			}
			slot->watched_exists = true;
			send_number(slot, 0, node(slot, 'w', "/x"),
				    slot->watched);
			return;
		case 3:
			send_watch(slot, 0);
			return;
		case 4:
			send_watch(slot, 1);
			return;
		default:
			slot->ready = true;
			slot_done(slot);
			return;
		}
	}
}

static void counters(struct slot *slot, const struct msg *msg)
{
	const char *path = node(slot, 'c', "");

	switch (slot->step++) {
	case 0:
		send_number(slot, 0, path, ++slot->counter);
		return;
	case 1:
		if (!bad(slot, msg, "writing a counter"))
			send_path(slot, XS_READ, 0, path);
		return;
	default:
		if (bad(slot, msg, "reading a counter"))
			return;
		check_number(slot, msg, slot->counter, "counter");
		slot_done(slot);
	}
}

static void transactions(struct slot *slot, const struct msg *msg)
{
	uint64_t next = slot->committed + 1;

	if (slot->step > 1 && slot->step != 6 &&
	    bad(slot, msg, "in a transaction"))
		return;
	switch (slot->step++) {
	case 0:
		slot->variant = load_random(slot->load) % 8 == 0;
		slot_send(slot, XS_TRANSACTION_START, 0, "", 1);
		return;
	case 1:
		if (tx_begun(slot, msg))
			send_path(slot, XS_READ, slot->tx,
				  node(slot, 't', "/n"));
		return;
	case 2:
		check_number(slot, msg, slot->committed, "in a transaction");
		send_number(slot, slot->tx, node(slot, 't', "/a"), next);
		return;
	case 3:
		send_number(slot, slot->tx, node(slot, 't', "/b"), next);
		return;
	case 4:
		send_number(slot, slot->tx, node(slot, 't', "/n"), next);
		return;
	case 5: /* the variant aborts: nothing may have changed */
		slot_send(slot, XS_TRANSACTION_END, slot->tx,
			  slot->variant ? "F" : "T", 2);
		return;
	case 6:
		if (!tx_ended(slot, msg))
			return;
		if (!slot->variant)
			slot->committed++;
		if (!slot->committed) {
			slot_done(slot);
			return;
		}
		send_path(slot, XS_READ, 0, node(slot, 't', "/a"));
		return;
	case 7:
		check_number(slot, msg, slot->committed, "after a commit (a)");
		send_path(slot, XS_READ, 0, node(slot, 't', "/b"));
		return;
	default:
		check_number(slot, msg, slot->committed, "after a commit (b)");
		slot_done(slot);
	}
}

enum watch_variant {
	WATCH_WRITE,
	WATCH_RM,
	WATCH_TX,
	WATCH_VARIANTS,
};

/* Both watches must fire once for the next change of the node. */
static void want_both(struct slot *slot, const char *path)
{
	want_event(slot, 0, path);
	want_event(slot, 1, path);
}

static void watches(struct slot *slot, const struct msg *msg)
{
	const char *path = node(slot, 'w', "/x");

	switch (slot->step++) {
	case 0:
		slot->variant =
			(uint32_t)(load_random(slot->load) % WATCH_VARIANTS);
		if (!slot->watched_exists && slot->variant == WATCH_RM)
			slot->variant = WATCH_WRITE;
		if (slot->variant == WATCH_TX) {
			slot_send(slot, XS_TRANSACTION_START, 0, "", 1);
			return;
		}
		want_both(slot, path);
		slot->step = 4;
		slot->watched_exists = slot->variant == WATCH_WRITE;
		if (slot->variant == WATCH_RM)
			send_path(slot, XS_RM, 0, path);
		else
			send_number(slot, 0, path, ++slot->watched);
		return;
	case 1:
		if (tx_begun(slot, msg))
			send_number(slot, slot->tx, path, ++slot->watched);
		return;
	case 2:
		if (bad(slot, msg, "writing a watched node"))
			return;
		want_both(slot, path);
		slot_send(slot, XS_TRANSACTION_END, slot->tx, "T", 2);
		return;
	case 3:
		if (!tx_ended(slot, msg))
			return;
		slot->watched_exists = true;
		break;
	case 4:
		if (bad(slot, msg, "changing a watched node"))
			return;
		break;
	default:
		break;
	}
	slot->step = STEP_AWAIT;
	if (!mode_wants_events(slot))
		slot_done(slot);
}

/* Any bytes of any length must come back unchanged. */
static void values(struct slot *slot, const struct msg *msg)
{
	bool is_big = slot->mode == MODE_BIG;
	const char *path = node(slot, is_big ? 'b' : 'z', "");
	uint32_t i, max = is_big ? GUEST_VALUE_QUOTA : 320;
	uint64_t random;

	switch (slot->step++) {
	case 0:
		random = load_random(slot->load);
		slot->value_len = (uint32_t)(random >> 32) % (max + 1);
		if (is_big && random % 8 == 0)
			slot->value_len = GUEST_VALUE_MAX;
		for (i = 0; i < slot->value_len; i++) {
			if (i % 8 == 0)
				random = load_random(slot->load);
			/* every byte value in turn, or random ones */
			slot->value[i] = (char)((slot->value_len & 1)
							? i
							: random >> i % 8 * 8);
		}
		send_write(slot, 0, path, slot->value, slot->value_len);
		return;
	case 1:
		if (slot->value_len > GUEST_VALUE_QUOTA &&
		    (is_error(msg, "ENOSPC") || is_error(msg, "E2BIG"))) {
			stat_add(&slot->load->stats->refused, 1);
			slot_done(slot);
			return;
		}
		if (!bad(slot, msg, "writing a value"))
			send_path(slot, XS_READ, 0, path);
		return;
	default:
		if (bad(slot, msg, "reading a value"))
			return;
		if (msg->hdr.len != slot->value_len ||
		    memcmp(msg->body, slot->value, slot->value_len) != 0)
			load_finding(slot->load, &slot->load->stats->wrong,
				     "a value of %u bytes came back as %u "
				     "bytes or changed",
				     slot->value_len, msg->hdr.len);
		slot_done(slot);
	}
}

/* A transaction that stays open for a while; others must not see it. */
static void hold(struct slot *slot, const struct msg *msg)
{
	const char *path = node(slot, 'h', "");

	if (slot->step > 1 && slot->step != 5 && slot->step != 7 &&
	    bad(slot, msg, "in the long transaction"))
		return;
	switch (slot->step++) {
	case 0:
		slot_send(slot, XS_TRANSACTION_START, 0, "", 1);
		return;
	case 1:
		if (tx_begun(slot, msg))
			send_path(slot, XS_READ, slot->tx, path);
		return;
	case 2:
		check_number(slot, msg, slot->held, "long transaction");
		send_number(slot, slot->tx, path, slot->held + 1);
		return;
	case 3:
		send_path(slot, XS_READ, 0, path);
		return;
	case 4:
		check_number(slot, msg, slot->held, "seen from outside");
		slot->resume_us = slot->load->now_us +
				  (uint64_t)slot->load->config.hold_ms * 1000u;
		return;
	case 5:
		send_path(slot, XS_READ, slot->tx, path);
		return;
	case 6:
		check_number(slot, msg, slot->held + 1, "own write");
		slot_send(slot, XS_TRANSACTION_END, slot->tx, "T", 2);
		return;
	case 7:
		if (!tx_ended(slot, msg))
			return;
		slot->held++;
		send_path(slot, XS_READ, 0, path);
		return;
	default:
		check_number(slot, msg, slot->held, "after the long commit");
		slot_done(slot);
	}
}

/* Continue the slot's story: @msg is the reply, NULL at its beginning. */
void mode_step(struct slot *slot, const struct msg *msg)
{
	if (slot->step == STEP_ABORT) {
		slot_done(slot);
		return;
	}
	switch (slot->mode) {
	case MODE_SETUP:
		setup(slot, msg);
		return;
	case MODE_COUNTERS:
		counters(slot, msg);
		return;
	case MODE_TRANSACTIONS:
		transactions(slot, msg);
		return;
	case MODE_WATCHES:
		watches(slot, msg);
		return;
	case MODE_NUL:
	case MODE_BIG:
		values(slot, msg);
		return;
	case MODE_HOLD:
		hold(slot, msg);
		return;
	default:
		return;
	}
}
