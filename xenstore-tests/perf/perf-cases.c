/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf-cases: requests about nodes, and transactions; see perf.h. */
#include "perf.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 32u /* of the directories where a node's size is limited */

/* "/a/a/a...", n names. */
static const char *chain(uint32_t n)
{
	static char path[WIRE_PAYLOAD_MAX];
	uint32_t i;

	for (i = 0; i < n; i++)
		memcpy(path + 2 * i, "/a", 2);
	path[2 * n] = '\0';
	return path;
}

/* dir/0/0 to dir/N/31 */
static void leaves(struct perf *p, struct peer *who, uint32_t tx,
		   const char *dir, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ask(p, who, WIRE_WRITE, tx, "%s/%u/%u|value", dir, i / WIDTH,
		    i % WIDTH);
}

static void wide(struct perf *p, uint32_t tx, const char *dir, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ask(p, p->dom0, WIRE_WRITE, tx, "%s/%x|", dir, i);
}

/* ---- prepared: nodes ---- */

static void prepare_store(struct perf *p, uint32_t n)
{
	leaves(p, p->dom0, 0, "/store", n);
	ask(p, p->dom0, WIRE_WRITE, 0, "/v|value");
}

static void prepare_chain(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_MKDIR, 0, "%s|", chain(n));
}

static void prepare_wide(struct perf *p, uint32_t n)
{
	wide(p, 0, "/w", n);
}

static void prepare_value(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_WRITE, 0, "/v|%0*u", (int)n, 1);
}

static void prepare_nothing(struct perf *p, uint32_t n)
{
	(void)p;
	(void)n;
}

/* n entries beside the owner's, for domains that exist. */
static const char *entries(uint32_t n, uint32_t first)
{
	static char text[WIRE_PAYLOAD_MAX];
	size_t at = (size_t)snprintf(text, sizeof(text), "n0|");
	uint32_t i;

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%c%u|",
				       "rwbn"[(first >> 2 * i) % 4],
				       1 + i % PERF_GUESTS);
	return text;
}

static void all_guests(struct perf *p)
{
	uint32_t d;

	for (d = 1; d <= PERF_GUESTS; d++)
		perf_guest(p, d);
}

static void prepare_list(struct perf *p, uint32_t n)
{
	all_guests(p);
	ask(p, p->dom0, WIRE_MKDIR, 0, "/v|");
	ask(p, p->dom0, WIRE_SET_PERMS, 0, "/v|%s", entries(n, 1));
}

static void prepare_lists(struct perf *p, uint32_t n)
{
	uint32_t i;

	all_guests(p);
	wide(p, 0, "/w", n);
	for (i = 0; i < n; i++)
		ask(p, p->dom0, WIRE_SET_PERMS, 0, "/w/%x|%s", i,
		    entries(8, i));
	ask(p, p->dom0, WIRE_MKDIR, 0, "/v|");
}

/* ---- prepared: a guest's nodes, within its quotas ---- */

static void guest_leaves(struct perf *p, uint32_t n)
{
	perf_guest(p, 1);
	leaves(p, p->guest[1], 0, "d", n);
}

static void guest_tx(struct perf *p, uint32_t n)
{
	perf_guest(p, 1);
	p->tx = start(p, p->guest[1]);
	leaves(p, p->guest[1], p->tx, "d", n);
}

static void guest_tx_over(struct perf *p, uint32_t n)
{
	guest_leaves(p, n);
	p->tx = start(p, p->guest[1]);
}

static void guest_tx_wide(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	p->tx = start(p, p->guest[1]);
	for (i = 0; i < n; i++)
		ask(p, p->guest[1], WIRE_MKDIR, p->tx, "d/%x|", i);
}

/* In each of n directories one node is removed and one is made. */
static void guest_tx_replaced(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	for (i = 0; i < n; i++)
		ask(p, p->guest[1], WIRE_WRITE, 0, "d/%x/old|value", i);
	p->tx = start(p, p->guest[1]);
	for (i = 0; i < n; i++) {
		ask(p, p->guest[1], WIRE_RM, p->tx, "d/%x/old|", i);
		ask(p, p->guest[1], WIRE_WRITE, p->tx, "d/%x/new|value", i);
	}
}

/* Parents made on the way to other nodes, in the transaction and outside. */
static void guest_tx_merged(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	ask(p, p->guest[1], WIRE_MKDIR, 0, "d|");
	p->tx = start(p, p->guest[1]);
	for (i = 0; i < n; i++)
		ask(p, p->guest[1], WIRE_WRITE, p->tx, "d/%x/leaf|value", i);
	for (i = 0; i < n; i++)
		ask(p, p->guest[1], WIRE_MKDIR, 0, "d/%x|", i);
}

/* The same, where counting them twice would exceed the quota. */
static void guest_tx_near_quota(struct perf *p, uint32_t n)
{
	guest_tx_merged(p, n);
	ask(p, p->dom0, WIRE_SET_QUOTA, 0, "1|nodes|%u|", 2 * n + 20);
	ask(p, p->guest[1], WIRE_WRITE, p->tx, "d/0/first|value");
}

/*
 * 128 watches on / of each of ten guests, which may not read what guest 1
 * changes
 */
static void unread_watches(struct perf *p)
{
	uint32_t d, i;

	for (d = 2; d <= 11; d++) {
		perf_guest(p, d);
		for (i = 0; i < 128; i++)
			ask(p, p->guest[d], WIRE_WATCH, 0, "/|t%u|", i);
	}
}

static void guest_tx_watched(struct perf *p, uint32_t n)
{
	unread_watches(p);
	guest_tx(p, n);
}

static void guest_leaves_watched(struct perf *p, uint32_t n)
{
	unread_watches(p);
	guest_leaves(p, n);
}

/* One guest whose 128 watches on / may read what guest 1 changes. */
static void guest_tx_read(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	ask(p, p->dom0, WIRE_SET_PERMS, 0, "/local/domain/1|r1|");
	perf_guest(p, 2);
	for (i = 0; i < 128; i++)
		ask(p, p->guest[2], WIRE_WATCH, 0, "/|t%u|", i);
	p->tx = start(p, p->guest[1]);
	leaves(p, p->guest[1], p->tx, "d", n);
}

static void open_transactions(struct perf *p, uint32_t n)
{
	prepare_store(p, 1);
	while (n--) {
		p->tx = start(p, p->dom0);
		ask(p, p->dom0, WIRE_READ, p->tx, "/v|");
	}
}

static void dom0_tx(struct perf *p, uint32_t n)
{
	p->tx = start(p, p->dom0);
	leaves(p, p->dom0, p->tx, "/d", n);
}

/* ---- counted ---- */

static void read_v(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_READ, 0, "/v|");
}

static void read_chain(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_READ, 0, "%s|", chain(n));
}

static void read_in_tx(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_READ, p->tx, "d/0/1|");
}

static void directory(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_DIRECTORY, 0, "/w|");
}

static void directory_in_tx(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_DIRECTORY, p->tx, "d|");
}

static void directory_part(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_DIRECTORY_PART, 0, "/w|%u|", n);
}

static void get_perms(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_GET_PERMS, 0, "/v|");
}

static void set_list(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_SET_PERMS, 0, "/v|%s", entries(n, 2));
}

static void set_new_list(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_SET_PERMS, 0, "/v|%s", entries(8, 20000));
}

static void write_v(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_WRITE, 0, "/v|other");
}

static void write_value(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_WRITE, 0, "/v|%0*u", (int)n, 2);
}

static void write_sibling(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_WRITE, 0, "/w/new|value");
}

static void write_chain(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_WRITE, 0, "%s|value", chain(n));
}

static void write_in_tx(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_WRITE, p->tx, "d/0/new|value");
}

static void mkdir_chain(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_MKDIR, 0, "%s|", chain(n));
}

static void rm_wide(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_RM, 0, "/w|");
}

static void rm_chain(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_RM, 0, "/a|");
}

static void rm_leaves(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_RM, 0, "d|");
}

static void rm_in_tx(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_RM, p->tx, "d|");
}

static void tx_start(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_TRANSACTION_START, 0, "|");
}

static void tx_commit(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_TRANSACTION_END, p->tx, "T|");
}

static void tx_forget(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->guest[1], WIRE_TRANSACTION_END, p->tx, "F|");
}

static void dom0_commit(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_TRANSACTION_END, p->tx, "T|");
}

static void rm_and_prepare_tx(struct perf *p, uint32_t n)
{
	guest_tx_over(p, n);
	ask(p, p->guest[1], WIRE_RM, p->tx, "d|");
}

const struct perf_case node_cases[] = {
	{"READ depth", 250, 1000, prepare_chain, read_chain},
	{"READ value", 500, 2000, prepare_value, read_v},
	{"READ nodes", 1000, 4000, prepare_store, read_v},
	{"READ in-tx", 240, 920, guest_tx, read_in_tx},
	{"DIRECTORY children", 250, 1000, prepare_wide, directory},
	{"DIRECTORY in-tx", 120, 480, guest_tx_wide, directory_in_tx},
	{"DIRECTORY merged", 60, 240, guest_tx_merged, directory_in_tx},
	{"DIRECTORY_PART children", 1000, 4000, prepare_wide, directory_part},
	{"GET_PERMS entries", 3, 12, prepare_list, get_perms},
	{"SET_PERMS entries", 3, 12, prepare_list, set_list},
	{"SET_PERMS lists", 500, 2000, prepare_lists, set_new_list},
	{"WRITE value", 500, 2000, prepare_value, write_value},
	{"WRITE nodes", 1000, 4000, prepare_store, write_v},
	{"WRITE siblings", 1000, 4000, prepare_wide, write_sibling},
	{"WRITE depth", 100, 400, prepare_nothing, write_chain},
	{"WRITE in-tx", 240, 920, guest_tx, write_in_tx},
	{"WRITE near-quota", 60, 240, guest_tx_near_quota, write_in_tx},
	{"WRITE transactions", 50, 200, open_transactions, write_v},
	{"MKDIR depth", 100, 400, prepare_nothing, mkdir_chain},
	{"RM children", 1000, 4000, prepare_wide, rm_wide},
	{"RM depth", 250, 1000, prepare_chain, rm_chain},
	{"RM unread-watches", 240, 920, guest_leaves_watched, rm_leaves},
	{"RM in-tx", 240, 920, guest_tx_over, rm_in_tx},
	{"TRANSACTION_START open", 50, 200, open_transactions, tx_start},
	{"TRANSACTION_END commit", 240, 920, guest_tx, tx_commit},
	{"TRANSACTION_END forget", 240, 920, guest_tx, tx_forget},
	{"TRANSACTION_END removal", 240, 920, rm_and_prepare_tx, tx_commit},
	{"TRANSACTION_END replaced", 75, 300, guest_tx_replaced, tx_commit},
	{"TRANSACTION_END unread-watches", 240, 920, guest_tx_watched,
	 tx_commit},
	{"TRANSACTION_END read-watches", 240, 920, guest_tx_read, tx_commit},
	{"TRANSACTION_END dom0", 1000, 4000, dom0_tx, dom0_commit},
	{NULL, 0, 0, NULL, NULL}};
