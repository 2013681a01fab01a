/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen-body: payloads, most of them sensible, from small pools so that requests
 * interfere. Called by gen.c.
 */
#include "gen.h"

#include <stdarg.h>
#include <string.h>

#define ONE_OF(g, list) ((list)[pick(g, sizeof(list) / sizeof((list)[0]))])

static void put(struct gen *g, const void *data, size_t len)
{
	if (len > sizeof(g->body) - g->len)
		len = sizeof(g->body) - g->len;
	memcpy(g->body + g->len, data, len);
	g->len += (uint32_t)len;
}

__attribute__((format(printf, 2, 3))) static void
put_text(struct gen *g, const char *format, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put(g, text, (size_t)n);
}

static void put_nul(struct gen *g)
{
	put(g, "", 1);
}

static void put_fill(struct gen *g, char c, size_t n)
{
	while (n-- && g->len < sizeof(g->body))
		g->body[g->len++] = (uint8_t)c;
}

/* ---- paths ---- */

static void put_names(struct gen *g, uint32_t max)
{
	uint32_t n = pick(g, max + 1);

	while (n--)
		put_text(g, "/%c", 'a' + (char)pick(g, 3));
}

static void put_odd_path(struct gen *g)
{
	static const char *const odd[] = {
		"",
		"//",
		"/a/",
		"/a//b",
		"/a b",
		"/a.b",
		"/a\x80",
		"/@a",
		"@",
		"@unknown",
		"@releaseDomain/1",
		"a/",
		"a//b",
		"@introduceDomain ",
		"/local/domain",
		"/local/domain/",
		"/local/domain/1/",
		"/local",
		"/tool",
		"/tool/xenstored",
		"../a",
		"a@b",
		"/a-_@b",
		"/",
	};

	put_text(g, "%s", ONE_OF(g, odd));
}

static void put_long_path(struct gen *g)
{
	static const uint32_t absolute[] = {255,  256,	1023, 1024, 1025,
					    2047, 2048, 2049, 2050, 3071,
					    3072, 3073, 3074};
	static const uint32_t relative[] = {254,  1000, 2028, 2029, 2030, 2031,
					    2032, 2033, 2046, 2047, 2048, 2049};
	uint32_t start = g->len;

	if (chance(g, 40)) {
		put_text(g, "d");
		put_fill(g, 'x', ONE_OF(g, relative) - 1);
		return;
	}
	if (chance(g, 30))
		put_text(g, "/local/domain/%u/d", pick(g, DOMAINS + 1));
	else
		put_text(g, "/d");
	put_fill(g, 'x', ONE_OF(g, absolute) - (g->len - start));
}

static void put_path(struct gen *g)
{
	uint32_t n = pick(g, 100);

	if (n < 2) {
		put_odd_path(g);
	} else if (n < 4 && g->profile->long_values) {
		put_long_path(g);
	} else if (n < 6) {
		put_text(g, "%s",
			 chance(g, 50) ? "@introduceDomain" : "@releaseDomain");
	} else if (n < 35) {
		put_text(g, "/local/domain/%u", pick(g, DOMAINS + 1));
		if (chance(g, 60))
			put_text(g, "/data");
		put_names(g, 2);
	} else if (n < (g->conn > DOM0_RING ? 60u : 38u)) {
		put_text(g, chance(g, 70) ? "data" : "a");
		put_names(g, 2);
	} else if (n < 62) {
		put_text(g, "/");
	} else {
		put_text(g, "/%c", 'a' + (char)pick(g, 3));
		put_names(g, 3);
	}
}

/* ---- other words ---- */

static void put_number(struct gen *g)
{
	static const char *const odd[] = {
		"",	 " 1",	  "1 ",	   "-1",	 "+1",	  "01",
		"0x1",	 "1x",	  "x",	   "99",	 "32751", "32752",
		"32753", "32756", "32757", "32758",	 "65535", "65536",
		"65537", "1 2",	  "",	   "4294967297", "-32767"};

	if (chance(g, 12))
		put_text(g, "%s", ONE_OF(g, odd));
	else
		put_text(g, "%u", pick(g, DOMAINS + 2));
}

/* Odd numbers that neither daemon takes for a domain of this run. */
static void put_domid(struct gen *g)
{
	static const char *const odd[] = {"99",	   "32751", "32752", "32753",
					  "32757", "32758", "65535", "65537",
					  "-9",	   "99x",   "0009"};

	if (chance(g, 20))
		put_text(g, "%s", ONE_OF(g, odd));
	else
		put_text(g, "%u", pick(g, DOMAINS + 2));
}

static void put_perm(struct gen *g, bool first)
{
	enum {
		BAD_FORM = 7,
		BAD = 10
	};
	static const char *const bad[BAD] = {"",       "r",   "x1",  "rr1",
					     "1r",     "r1x", "r00", "r32752",
					     "r32758", "n99"};
	/* refused as owners, whatever domain they are taken for */
	static const char *const odd[] = {"r-9", "r 9", "r65545", "r+9"};

	if (chance(g, 3))
		put_text(g, "%s",
			 bad[pick(g, g->profile->deaths ? BAD : BAD_FORM)]);
	else if (first && chance(g, 2))
		put_text(g, "%s", ONE_OF(g, odd));
	else
		put_text(g, "%c%u", "nrwb"[pick(g, 4)],
			 pick(g, DOMAINS + (g->profile->deaths ? 2 : 1)));
	put_nul(g);
}

static void put_perms(struct gen *g)
{
	uint32_t n = chance(g, 5) ? pick(g, 9) : 1 + pick(g, 3);
	bool first = true;

	/* if the owner of "/" died, stock would lose its whole store */
	if (n && !strcmp((const char *)g->body, "/")) {
		put_text(g, "%c0", "nrwb"[pick(g, 4)]);
		put_nul(g);
		first = false;
		n--;
	}
	/* usually an owner that the client may name */
	if (first && n && g->conn > DOM0_RING && chance(g, 80)) {
		put_text(g, "%c%u", "nrwb"[pick(g, 4)], g -> conn - DOM0_RING);
		put_nul(g);
		first = false;
		n--;
	}
	for (; n; n--, first = false)
		put_perm(g, first);
}

/*
 * If the toolstack enlarges a parent while a guest's transaction adds to it,
 * the guest's write alone would be refused, but the commit does not check
 * again.
 */
static bool quota_matters(const struct gen *g)
{
	return !g->profile->long_values && g->conn <= DOM0_RING;
}

static void put_value(struct gen *g)
{
	static const uint32_t around[] = {900,	1000, 1900, 2030, 2039, 2040,
					  2041, 2043, 2044, 2045, 2047, 2048,
					  2049, 3000, 4000, 4060};
	static const char *const small[] = {"1", "", "value", "a longer value",
					    "online"};
	uint32_t n = pick(g, 100);

	if (n < 75)
		put_text(g, "%s", ONE_OF(g, small));
	else if (n < 85)
		put(g, "a\0b\0", 1 + pick(g, 4));
	else if (n < 95 || !g->profile->long_values)
		put_fill(g, 'v', pick(g, quota_matters(g) ? 20 : 150));
	else
		put_fill(g, 'v', ONE_OF(g, around));
}

static void put_token(struct gen *g)
{
	if (chance(g, 1))
		put_fill(g, 't', 900 + pick(g, 200));
	else if (chance(g, 96))
		put_text(g, "t%u", pick(g, 3));
}

static void put_watch_path(struct gen *g)
{
	if (chance(g, 15))
		put_text(g, "%s",
			 chance(g, 50) ? "@introduceDomain" : "@releaseDomain");
	else
		put_path(g);
	/* watching one domain only is for later versions */
	if (g->len > 14 && !memcmp(g->body, "@releaseDomain/", 15)) {
		g->len = 0;
		put_text(g, "@unknown");
	}
}

/* Too few bytes, an extra string, or no NUL at the end. */
static void damage(struct gen *g)
{
	switch (pick(g, 5)) {
	case 0:
		g->len = 0;
		break;
	case 1:
		if (g->len)
			g->len--;
		break;
	case 2:
		put_text(g, "extra");
		put_nul(g);
		break;
	case 3:
		put_nul(g);
		break;
	case 4:
		g->len = pick(g, g->len + 1);
		break;
	}
}

/*
 * Requests that may abort the stock daemon unless they have one string, and
 * SET_TARGET, which ignores an extra string in stock.
 */
static bool one_string(uint32_t type)
{
	switch (type) {
	case XS_DIRECTORY:
	case XS_READ:
	case XS_GET_PERMS:
	case XS_MKDIR:
	case XS_RM:
	case XS_SET_TARGET:
		return true;
	default:
		return false;
	}
}

static void put_introduction(struct gen *g)
{
	/* a wrong port of an existing domain is left to STEP_INTRODUCE */
	put_text(g, "%u", DOMAINS + 1 + pick(g, 3));
	put_nul(g);
	put_text(g, "%u", pick(g, 3));
	put_nul(g);
	put_domid(g);
}

static void put_target(struct gen *g)
{
	put_domid(g);
	put_nul(g);
	/* stock does not notice when a target dies */
	if (g->profile->deaths && chance(g, 90))
		put_text(g, "0");
	else if (g->profile->deaths)
		put_text(g, "99");
	else
		put_domid(g);
}

/* Everything but permissions, values and the last NUL. */
static void put_arguments(struct gen *g, uint32_t type)
{
	switch (type) {
	case XS_WATCH:
	case XS_UNWATCH:
		put_watch_path(g);
		put_nul(g);
		put_token(g);
		break;
	case XS_TRANSACTION_START:
	case XS_RESET_WATCHES:
		break;
	case XS_TRANSACTION_END:
		put_text(g, chance(g, 75) ? "T" : chance(g, 80) ? "F" : "Tx");
		break;
	case XS_INTRODUCE:
		put_introduction(g);
		break;
	case XS_SET_TARGET:
		put_target(g);
		break;
	case XS_RELEASE:
	case XS_RESUME:
		put_domid(g);
		break;
	case XS_GET_DOMAIN_PATH:
	case XS_IS_DOMAIN_INTRODUCED:
		put_number(g);
		break;
	case XS_SET_PERMS:
	case XS_WRITE:
		put_path(g);
		break;
	case XS_DIRECTORY_PART:
		put_path(g);
		put_nul(g);
		put_text(g, "%u", chance(g, 50) ? 0 : pick(g, 12));
		break;
	default:
		put_path(g);
		break;
	}
}

void gen_body(struct gen *g, uint32_t type)
{
	g->len = 0;
	put_arguments(g, type);
	put_nul(g);
	if (type == XS_SET_PERMS)
		put_perms(g);
	if (type == XS_WRITE)
		put_value(g);
	if (!one_string(type) && chance(g, 2))
		damage(g);
	/* stock ignores a last string without NUL, ours refuses it */
	if (type == XS_SET_PERMS && g->len && g->body[g->len - 1])
		put_nul(g);
}
