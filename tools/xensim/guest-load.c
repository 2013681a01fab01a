/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bookkeeping of the load: slots with one request each, matching of replies
 * and events to them, clocks, findings.  guest-modes.c knows what the slots
 * send and which answer is right.  Used by guest-main.c's loop.
 */
#include "guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_PRINTED 10

uint64_t time_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

uint64_t load_random(struct load *load)
{
	uint64_t z = (load->random += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Report a finding: count it, print it, keep the first in the statistics. */
void load_finding(struct load *load, uint64_t *counter, const char *format, ...)
{
	static unsigned int printed;
	char text[sizeof(load->stats->text)];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	stat_add(counter, 1);
	if (!load->stats->text[0])
		memcpy(load->stats->text, text, sizeof(text));
	if (printed++ < MAX_PRINTED)
		fprintf(stderr, "xensim-guest: domid %u: %s\n",
			load->ring.domid, text);
}

static void note_sent(struct load *load)
{
	if (!load->stats->outstanding)
		load->gap_since_us = load->now_us;
	stat_add(&load->stats->outstanding, 1);
	stat_add(&load->stats->sent, 1);
	if (!load->config.rate)
		return;
	if (load->next_send_us + 1000000u < load->now_us)
		load->next_send_us = load->now_us;
	load->next_send_us += 1000000u / load->config.rate;
}

static void note_gap(struct load *load)
{
	uint64_t gap = load->now_us - load->gap_since_us;

	if (gap > __atomic_load_n(&load->stats->gap_max_us, __ATOMIC_RELAXED))
		stat_set(&load->stats->gap_max_us, gap);
}

static void note_answer(struct load *load, uint64_t sent_us)
{
	uint64_t latency = load->now_us - sent_us;

	note_gap(load);
	load->gap_since_us = load->now_us;
	load->first_reply = true;
	stat_set(&load->stats->outstanding, load->stats->outstanding - 1);
	stat_add(&load->stats->answered, 1);
	stat_add(&load->stats->latency_sum_us, latency);
	if (latency > load->stats->latency_max_us)
		stat_set(&load->stats->latency_max_us, latency);
}

static void send_reset(struct load *load)
{
	load->reset_req_id = load->next_req_id++;
	load->slots[0].sent_us = load->now_us;
	(void)ring_put(&load->ring, XS_RESET_WATCHES, load->reset_req_id, 0, "",
		       1);
	note_sent(load);
}

void load_init(struct load *load)
{
	uint32_t i;

	load->random = load->config.seed ^ ((uint64_t)load->ring.domid << 32);
	load->reconnect_at = 200 + (uint32_t)(load_random(load) % 400);
	load->slot_count = load->config.depth + (load->config.hold_tx ? 1 : 0);
	for (i = 0; i < load->slot_count; i++) {
		load->slots[i].load = load;
		load->slots[i].index = i;
		load->slots[i].mode = MODE_NONE;
	}
	load->now_us = time_us();
	load->next_req_id = (uint32_t)(load_random(load) ^ load->now_us) | 1;
	/* drop watches and transactions of an earlier guest on this ring */
	send_reset(load);
}

/* Send @slot's request. */
void slot_send(struct slot *slot, uint32_t type, uint32_t tx, const void *body,
	       uint32_t len)
{
	struct load *load = slot->load;

	slot->req_id = load->next_req_id++;
	slot->req_type = type;
	slot->sent_us = load->now_us;
	if (ring_put(&load->ring, type, slot->req_id, tx, body, len)) {
		load_finding(load, &load->stats->lost,
			     "the guest's own queue overflows");
		load->failed = true;
		return;
	}
	slot->in_flight = true;
	note_sent(load);
}

void slot_done(struct slot *slot)
{
	slot->mode = MODE_NONE;
	slot->step = 0;
	slot->resume_us = 0;
	slot->load->stories++;
}

/* After a reconnect the slot must be set up again. */
void slot_reset(struct slot *slot)
{
	slot->ready = false;
	memset(slot->want, 0, sizeof(slot->want));
}

static void slots_reset(struct load *load)
{
	uint32_t i;

	for (i = 0; i < load->slot_count; i++)
		slot_reset(&load->slots[i]);
	if (load->resting)
		stat_add(&load->stats->reconnects, 1);
	load->resting = false;
	load->stories = 0;
	load->reconnect_at = 200 + (uint32_t)(load_random(load) % 400);
}

static struct slot *slot_by_token(struct load *load, const char *token,
				  uint32_t *ret_which)
{
	uint32_t index;
	char which;
	size_t len = strlen(token);
	char digits[8];

	if (len < 3 || len > sizeof(digits) || token[0] != 'w')
		return NULL;
	which = token[len - 1];
	memcpy(digits, token + 1, len - 2);
	digits[len - 2] = '\0';
	if (sim_parse_u32(digits, load->slot_count - 1, &index) ||
	    (which != 'p' && which != 'n'))
		return NULL;
	*ret_which = which == 'n';
	return &load->slots[index];
}

static void handle_event(struct load *load, const struct msg *msg)
{
	const char *path = msg->body, *token = "";
	struct watch_want *want = NULL;
	struct slot *slot;
	uint32_t which = 0;
	size_t len = strlen(path);

	stat_add(&load->stats->events, 1);
	if (!load->first_reply)
		return; /* an earlier guest's */
	if (len + 1 < msg->hdr.len)
		token = path + len + 1;
	slot = slot_by_token(load, token, &which);
	if (slot)
		want = &slot->want[which];
	if (want && want->wanted && !strcmp(path, want->path)) {
		want->wanted = false;
		if (!slot->in_flight)
			mode_step(slot, NULL);
	} else if (want && want->active && load->config.tolerate_refire &&
		   !strcmp(path, want->wpath)) {
		stat_add(&load->stats->events_refired, 1);
	} else {
		stat_add(&load->stats->events_surplus, 1);
		load_finding(load, &load->stats->wrong,
			     "surplus event \"%s\" token \"%s\"", path, token);
	}
}

static bool handle_reset(struct load *load, const struct msg *msg)
{
	if (!load->reset_req_id || msg->hdr.req_id != load->reset_req_id)
		return false;
	load->reset_req_id = 0;
	note_answer(load, load->slots[0].sent_us);
	if (msg->hdr.type != XS_RESET_WATCHES)
		load_finding(load, &load->stats->wrong,
			     "RESET_WATCHES answered by type %u \"%s\"",
			     msg->hdr.type, msg->body);
	slots_reset(load);
	return true;
}

/* Handle a message from the daemon. */
int load_handle(struct load *load, const struct msg *msg)
{
	struct slot *slot = NULL;
	uint32_t i;

	if (msg->hdr.type == XS_WATCH_EVENT) {
		handle_event(load, msg);
		return 0;
	}
	if (handle_reset(load, msg))
		return 0;
	for (i = 0; i < load->slot_count && !slot; i++)
		if (load->slots[i].in_flight &&
		    load->slots[i].req_id == msg->hdr.req_id)
			slot = &load->slots[i];
	if (!slot) {
		if (load->first_reply)
			load_finding(load, &load->stats->duplicated,
				     "reply type %u for req_id %u, which is "
				     "not outstanding",
				     msg->hdr.type, msg->hdr.req_id);
		return 0;
	}
	slot->in_flight = false;
	note_answer(load, slot->sent_us);
	if (msg->hdr.type != slot->req_type && msg->hdr.type != XS_ERROR)
		load_finding(load, &load->stats->wrong,
			     "request type %u answered by type %u",
			     slot->req_type, msg->hdr.type);
	mode_step(slot, msg);
	return 0;
}

bool load_idle(const struct load *load)
{
	uint32_t i;

	for (i = 0; i < load->slot_count; i++)
		if (load->slots[i].mode != MODE_NONE)
			return false;
	return !load->reset_req_id && ring_usable(&load->ring);
}

/* With all slots at rest, reconnect the ring, or reset watches if it cannot. */
static void reconnect(struct load *load)
{
	uint32_t features = sim_load(&load->ring.page->server_features);

	if (features & XENSTORE_SERVER_FEATURE_RECONNECTION) {
		ring_reconnect(&load->ring);
		slots_reset(load);
		return;
	}
	send_reset(load);
}

static uint32_t tx_stories(const struct load *load)
{
	uint32_t i, n = 0;

	for (i = 0; i < load->slot_count; i++)
		n += load->slots[i].mode == MODE_TRANSACTIONS ||
		     load->slots[i].mode == MODE_WATCHES ||
		     load->slots[i].mode == MODE_HOLD;
	return n;
}

static enum mode pick_mode(struct load *load, const struct slot *slot)
{
	uint32_t modes = load->config.modes & ~(1u << MODE_RECONNECT);
	enum mode mode;

	if (slot->index == load->config.depth)
		return slot->ready ? MODE_HOLD : MODE_SETUP;
	if (!slot->ready)
		return MODE_SETUP;
	if (!modes)
		return MODE_COUNTERS;
	do {
		mode = (enum mode)(load_random(load) % MODE_COUNT);
	} while (!(modes & (1u << mode)));
	/* stay within the quota of open transactions */
	if ((mode == MODE_TRANSACTIONS || mode == MODE_WATCHES) &&
	    tx_stories(load) >= GUEST_MAX_TX)
		mode = MODE_COUNTERS;
	return mode;
}

/* Continue stories that waited for a time, and begin new ones. */
void load_start(struct load *load)
{
	uint32_t i;

	if ((load->config.modes & (1u << MODE_RECONNECT)) &&
	    load->stories >= load->reconnect_at)
		load->resting = true;
	if (load->resting && !load->stopping && load_idle(load))
		reconnect(load);
	for (i = 0; i < load->slot_count; i++) {
		struct slot *slot = &load->slots[i];
		bool hurry = load->stopping || load->resting;

		if (slot->resume_us &&
		    (hurry || slot->resume_us <= load->now_us)) {
			slot->resume_us = 0;
			mode_step(slot, NULL);
			continue;
		}
		if (slot->mode != MODE_NONE || hurry || load->reset_req_id ||
		    !ring_usable(&load->ring))
			continue;
		if (load->config.rate && load->now_us < load->next_send_us)
			continue;
		/* setting up may need no request: begin the story at once */
		do {
			slot->mode = pick_mode(load, slot);
			slot->step = 0;
			mode_step(slot, NULL);
		} while (slot->mode == MODE_NONE);
	}
}

/* Report what has waited for too long as lost. */
void load_check_time(struct load *load)
{
	uint64_t limit = (uint64_t)load->config.timeout_s * 1000000u;
	uint32_t i, j;

	if (load->stats->outstanding)
		note_gap(load);
	if (load->reset_req_id &&
	    load->now_us - load->slots[0].sent_us > limit) {
		load_finding(load, &load->stats->lost,
			     "RESET_WATCHES not answered in %u s",
			     load->config.timeout_s);
		load->failed = true;
	}
	for (i = 0; i < load->slot_count; i++) {
		struct slot *slot = &load->slots[i];

		if (slot->in_flight && load->now_us - slot->sent_us > limit) {
			load_finding(load, &load->stats->lost,
				     "request type %u req_id %u not answered "
				     "in %u s",
				     slot->req_type, slot->req_id,
				     load->config.timeout_s);
			load->failed = true;
		}
		for (j = 0; j < 2; j++) {
			struct watch_want *want = &slot->want[j];

			if (!want->wanted || slot->in_flight ||
			    load->now_us - want->since_us <= limit)
				continue;
			load_finding(load, &load->stats->events_lost,
				     "event \"%s\" of watch \"%s\" not come "
				     "in %u s",
				     want->path, want->wpath,
				     load->config.timeout_s);
			load->failed = true;
		}
	}
}

/* How long to wait for the daemon, in microseconds. */
int64_t load_timeout_us(const struct load *load)
{
	uint64_t until = load->now_us + 1000000u;
	uint32_t i;

	for (i = 0; i < load->slot_count; i++) {
		const struct slot *slot = &load->slots[i];

		if (slot->resume_us && slot->resume_us < until)
			until = slot->resume_us;
		if (slot->mode == MODE_NONE && load->config.rate &&
		    !load->resting && !load->stopping &&
		    load->next_send_us < until)
			until = load->next_send_us;
	}
	return until > load->now_us ? (int64_t)(until - load->now_us) : 0;
}
