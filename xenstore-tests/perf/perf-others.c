/* SPDX-License-Identifier: GPL-2.0-or-later */
/* perf-others: requests about watches, domains and the rest; see perf.h. */
#include "perf.h"

/* ---- watches ---- */

/* n watches of one client, each on its own path or all on one. */
static void paths_watched(struct perf *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ask(p, p->dom0, WIRE_WATCH, 0, "/w/%u|t|", i);
}

static void path_watched(struct perf *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ask(p, p->dom0, WIRE_WATCH, 0, "/v|t%u|", i);
}

static void watch(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_WATCH, 0, "/v|new|");
}

static void unwatch(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_UNWATCH, 0, "/v|t%u|", n / 2);
}

static void unwatch_path(struct perf *p, uint32_t n)
{
	ask(p, p->dom0, WIRE_UNWATCH, 0, "/w/%u|t|", n / 2);
}

static void reset_watches(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_RESET_WATCHES, 0, "|");
}

static void write_v(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_WRITE, 0, "/v|value");
}

static void write_w(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_WRITE, 0, "/x|value");
}

/* n watches of one guest on /, which may not read what dom0 writes. */
static void root_watched(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	ask(p, p->dom0, WIRE_MKDIR, 0, "/v|");
	for (i = 0; i < n; i++)
		ask(p, p->guest[1], WIRE_WATCH, 0, "/|t%u|", i);
}

/* The same for n guests with 32 watches each. */
static void guests_watch(struct perf *p, uint32_t n)
{
	uint32_t d, i;

	ask(p, p->dom0, WIRE_MKDIR, 0, "/v|");
	for (d = 1; d <= n; d++) {
		perf_guest(p, d);
		for (i = 0; i < 32; i++)
			ask(p, p->guest[d], WIRE_WATCH, 0, "/|t%u|", i);
	}
}

/* A client closes its socket. */
static void close_other(struct perf *p, uint32_t n)
{
	(void)n;
	sh_sock(p->run->h, p->other[0]->fd)->peer_open = false;
	perf_settle(p);
}

static void other_watches(struct perf *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ask(p, p->other[0], WIRE_WATCH, 0, "/w/%u|t|", i);
}

/* ---- domains ---- */

static void guests(struct perf *p, uint32_t n)
{
	uint32_t d;

	for (d = 1; d <= n; d++)
		perf_guest(p, d);
}

static void one_more(struct perf *p, uint32_t n)
{
	guests(p, n);
	sh_domain_new(p->run->h, 50);
}

static void introduce(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_INTRODUCE, 0, "50|1|%u|", SH_STORE_PORT);
}

static void owner(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	for (i = 0; i < n; i++)
		ask(p, p->guest[1], WIRE_WRITE, 0, "d/%u/%u|value", i / 32,
		    i % 32);
}

static void release(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_RELEASE, 0, "1|");
}

static void get_domain_path(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_GET_DOMAIN_PATH, 0, "1|");
}

static void is_introduced(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_IS_DOMAIN_INTRODUCED, 0, "1|");
}

static void resume(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_RESUME, 0, "1|");
}

static void set_target(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_SET_TARGET, 0, "1|2|");
}

static void get_feature(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_GET_FEATURE, 0, "1|");
}

static void set_feature(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_SET_FEATURE, 0, "50|1|");
}

static void get_quota(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_GET_QUOTA, 0, "1|nodes|");
}

static void set_quota(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_SET_QUOTA, 0, "nodes|500|");
}

/* ---- the whole store ---- */

static void store(struct perf *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ask(p, p->dom0, WIRE_WRITE, 0, "/store/%u/%u|value", i / 32,
		    i % 32);
}

static void check(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_CONTROL, 0, "check|");
}

/* ---- one domain's move ---- */

static void guest_and_store(struct perf *p, uint32_t n)
{
	perf_guest(p, 1);
	store(p, n);
}

static void guest_with(struct perf *p, uint32_t n)
{
	uint32_t i;

	perf_guest(p, 1);
	for (i = 0; i < n; i++)
		ask(p, p->dom0, WIRE_WRITE, 0, "/local/domain/1/x/%u/%u|value",
		    i / 32, i % 32);
}

static void migrate_save(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_CONTROL, 0, "migrate-save|1|/image|");
}

static void migrate_forget(struct perf *p, uint32_t n)
{
	(void)n;
	ask(p, p->dom0, WIRE_CONTROL, 0, "migrate-forget|1|");
}

const struct perf_case other_cases[] = {
	{"WATCH paths", 500, 2000, paths_watched, watch},
	{"WATCH tokens", 500, 2000, path_watched, watch},
	{"UNWATCH paths", 500, 2000, paths_watched, unwatch_path},
	{"UNWATCH tokens", 500, 2000, path_watched, unwatch},
	{"RESET_WATCHES paths", 500, 2000, paths_watched, reset_watches},
	{"RESET_WATCHES tokens", 500, 2000, path_watched, reset_watches},
	{"WRITE other-watches", 500, 2000, paths_watched, write_w},
	{"WRITE watches", 500, 2000, path_watched, write_v},
	{"WRITE unread-watches", 32, 128, root_watched, write_v},
	{"WRITE unread-clients", 3, 12, guests_watch, write_v},
	{"close watches", 500, 2000, other_watches, close_other},
	{"INTRODUCE domains", 3, 12, one_more, introduce},
	{"RELEASE nodes", 240, 920, owner, release},
	{"GET_DOMAIN_PATH domains", 3, 12, guests, get_domain_path},
	{"IS_DOMAIN_INTRODUCED domains", 3, 12, guests, is_introduced},
	{"RESUME domains", 3, 12, guests, resume},
	{"SET_TARGET domains", 3, 12, guests, set_target},
	{"GET_FEATURE domains", 3, 12, guests, get_feature},
	{"SET_FEATURE domains", 3, 12, one_more, set_feature},
	{"GET_QUOTA domains", 3, 12, guests, get_quota},
	{"SET_QUOTA domains", 3, 12, guests, set_quota},
	{"CONTROL check", 1000, 4000, store, check},
	{"CONTROL migrate-save nodes", 1000, 4000, guest_and_store,
	 migrate_save},
	{"CONTROL migrate-save own", 500, 2000, guest_with, migrate_save},
	{"CONTROL migrate-forget nodes", 1000, 4000, guest_and_store,
	 migrate_forget},
	{NULL, 0, 0, NULL, NULL}};
