// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gen-admin: CONTROL, domains, quotas and features of random requests; see
 * gen-req.h.
 */
#include <stdio.h>
#include <string.h>

#include "domain/domain.h"
#include "gen-req.h"

/* Limits that programs reach sometimes, without being stuck for long. */
static const struct {
	const char *name;
	uint32_t from, range;
} limit[] = {
	{"nodes", 5, 60},	    {"watches", 2, 20},
	{"transactions", 1, 10},    {"transaction-nodes", 2, 40},
	{"node-permissions", 2, 6}, {"path-max", 20, 1000},
	{"node-size", 30, 3000},    {"conflicts", 1, 3},
	{"outstanding", 1, 25},	    {"memory", 300, 6000},
	{"path-depth", 1, 8},	    {"nothing", 1, 5},
};

#define LIMITS (sizeof(limit) / sizeof(limit[0]))

/* ---- SET_QUOTA and CONTROL quota set ---- */

static void put_limit(struct req *r, const char *before)
{
	uint32_t i = pick(r, LIMITS), n;
	char name[40];

	n = limit[i].from + pick(r, limit[i].range);
	snprintf(name, sizeof(name), "%s%s", before, limit[i].name);
	put_string(r, name);
	put_number(r, pick(r, 12) ? n : 0);
}

static void put_set_quota(struct req *r)
{
	if (pick(r, 4))
		put_number(r, a_domid(r));
	put_limit(r, pick(r, 8) ? "" : "soft-");
}

static void put_get_quota(struct req *r)
{
	if (!pick(r, 6))
		return;
	if (pick(r, 3))
		put_number(r, a_domid(r));
	put_string(r, limit[pick(r, LIMITS)].name);
}

/* ---- CONTROL ---- */

static void put_quota(struct req *r)
{
	put_string(r, pick(r, 5) ? "quota" : "quota-soft");
	put_string(r, "set");
	put_limit(r, "");
}

static void put_words(struct req *r, const char *a, const char *b)
{
	put_string(r, a);
	if (b)
		put_string(r, b);
}

void put_move(struct req *r, unsigned int step, unsigned int domid)
{
	switch (step) {
	case 0:
		put_words(r, "migrate-save", pick(r, 4) ? "--freeze" : NULL);
		put_number(r, domid);
		put_string(r, "/image");
		break;
	case 1:
		put_words(r, "migrate-forget",
			  pick(r, 2) ? "--keep-nodes" : NULL);
		put_number(r, domid);
		break;
	case 2:
		put_words(r, "migrate-restore", pick(r, 2) ? "--merge" : NULL);
		put_string(r, "/image");
		break;
	default:
		put_string(r, "migrate-thaw");
		put_number(r, domid);
	}
}

static void put_migrate(struct req *r)
{
	if (pick(r, 3)) {
		put_move(r, pick(r, 4), a_domid(r));
		return;
	}
	put_string(r, "migrate-freeze");
	put_number(r, a_domid(r));
}

/* live-update is left out, because its session ends with any update. */
void put_control(struct req *r)
{
	static const char *const plain[][2] = {
		{"quota", NULL},     {"check", NULL},	  {"log", NULL},
		{"help", NULL},	     {"nothing", NULL},	  {"quota-soft", NULL},
		{"quota", "max"},    {"quota", "max"},	  {"log", "on"},
		{"log", "off"},	     {"log", "+io"},	  {"log", "-obj"},
		{"print", "a line"}, {"memreport", "/r"}, {"save-image", "/i"},
		{"log", "+nothing"},
	};
	uint32_t n = pick(r, 10), i;

	if (n < 4) {
		put_quota(r);
	} else if (n < 6) {
		put_string(r, "quota");
		put_number(r, pick(r, 4) ? a_domid(r) : 0);
	} else if (n < 8) {
		put_migrate(r);
	} else {
		i = pick(r, sizeof(plain) / sizeof(plain[0]));
		put_words(r, plain[i][0], plain[i][1]);
		if (plain[i][1] && !strcmp(plain[i][1], "max") && !pick(r, 2))
			put_string(r, "-r");
	}
}

/* ---- domains ---- */

void put_introduce(struct req *r, uint32_t domid)
{
	uint32_t port = SH_STORE_PORT;

	if (domid && domid <= DOMAINS)
		port = r->g->w->peer[FIRST_DOM + domid - 1]->port;
	put_number(r, domid);
	put_number(r, 7);
	put_number(r, pick(r, 40) ? port : pick(r, 12));
}

/* The client's own, by number or as DOMID_SELF, or another domain's. */
static void put_some_domid(struct req *r)
{
	put_number(r, pick(r, 5) ? a_domid(r) : DOMID_SELF_WIRE);
}

void put_admin_args(struct req *r)
{
	switch (r->hdr.type) {
	case WIRE_INTRODUCE:
		put_introduce(r, a_domid(r));
		break;
	case WIRE_SET_TARGET:
		put_number(r, a_domid(r));
		put_number(r, a_domid(r));
		break;
	case WIRE_GET_FEATURE:
		if (pick(r, 4))
			put_some_domid(r);
		break;
	case WIRE_SET_FEATURE:
		put_number(r, a_domid(r));
		put_number(r, pick(r, FEATURES_ALL + 2));
		break;
	case WIRE_GET_QUOTA:
		put_get_quota(r);
		break;
	case WIRE_SET_QUOTA:
		put_set_quota(r);
		break;
	default:
		put_some_domid(r);
	}
}
