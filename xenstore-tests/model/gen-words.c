// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gen-words: paths, values, permissions and watches of random requests; see
 * gen-req.h.
 */
#include <stdio.h>
#include <string.h>

#include "gen-req.h"
#include "store/watch.h"
#include "transport/conn.h"

void put(struct req *r, const void *p, size_t n)
{
	if (n > sizeof(r->body) - r->len)
		n = sizeof(r->body) - r->len;
	memcpy(r->body + r->len, p, n);
	r->len += n;
}

void put_string(struct req *r, const char *s)
{
	put(r, s, strlen(s) + 1);
}

void put_number(struct req *r, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	put_string(r, text);
}

void put_fill(struct req *r, char c, size_t n)
{
	while (n--)
		put(r, &c, 1);
}

/* The beginning of an absolute path to a home, with a slash. */
void put_home(struct req *r, uint32_t domid)
{
	char text[40];

	snprintf(text, sizeof(text), "/local/domain/%u/", domid);
	put(r, text, strlen(text));
}

/* ---- words ---- */

static void put_odd_path(struct req *r)
{
	static const char *const odd[] = {
		"",
		"//",
		"/a//b",
		"/a/",
		"a b",
		"@nothing",
		"/a\001",
		"@",
		"@introduceDomain",
		"@releaseDomain",
		"/",
		"a*",
	};
	static const uint32_t len[] = {255, 256, 1023, 1024, 2047, 3071, 4090};

	if (pick(r, 4)) {
		put_string(r, odd[pick(r, sizeof(odd) / sizeof(odd[0]))]);
		return;
	}
	put(r, "/", pick(r, 2));
	put_fill(r, 'l', len[pick(r, 7)] + pick(r, 2));
	put(r, "", 1);
}

/* A few names, so that requests interfere; long ones in a large directory. */
void put_path(struct req *r)
{
	static const char *const base[] = {"/", "/", "/tool", "", "", ""};
	uint32_t b = pick(r, 6), depth = 1 + pick(r, 3), i;
	char text[32];

	if (!pick(r, 25)) {
		put_odd_path(r);
		return;
	}
	if (b == 5) {
		put(r, "/big", 4);
		if (pick(r, 3)) {
			put(r, "/", 1);
			put_fill(r, 'x', 200);
			text[0] = (char)('a' + pick(r, 26));
			put(r, text, 1);
		}
		put(r, "", 1);
		return;
	}
	if (b == 4)
		snprintf(text, sizeof(text), "/local/domain/%u", pick(r, 6));
	else
		snprintf(text, sizeof(text), "%s", base[b]);
	put(r, text, strlen(text));
	for (i = 0; i < depth; i++) {
		text[0] = '/';
		text[1] = (char)('a' + pick(r, 4));
		put(r, text + (!i && b < 2), 2u - (!i && b < 2));
		if (!i && b == 3) { /* relative: no slash in front */
			r->body[r->len - 2] = r->body[r->len - 1];
			r->len--;
		}
	}
	put(r, "", 1);
}

void put_value(struct req *r)
{
	static const uint32_t len[] = {0, 1, 8, 9, 30, 200, 2000, 4000};
	uint32_t i = pick(r, pick(r, 6) ? 5 : 8), n = pick(r, len[i] + 1);

	put_fill(r, (char)pick(r, 256), n);
}

uint32_t a_domid(struct req *r)
{
	return pick(r, 30) ? 1 + pick(r, DOMAINS) : pick(r, 0x10000);
}

void put_perms(struct req *r)
{
	uint32_t n = 1 + pick(r, 4);
	char text[16];

	if (!pick(r, 20)) {
		put_string(r, pick(r, 2) ? "x1" : "r70000");
		return;
	}
	while (n--) {
		snprintf(text, sizeof(text), "%c%u", "nrwb"[pick(r, 4)],
			 pick(r, DOMAINS + 2));
		put_string(r, text);
	}
}

static void put_token(struct req *r)
{
	char text[4] = {'t', (char)('0' + pick(r, 6)), 0, 0};

	if (!pick(r, 40))
		put_fill(r, 'T', pick(r, 1100));
	put_string(r, text);
}

static void put_special(struct req *r)
{
	char text[40];

	snprintf(text, sizeof(text), "@%sDomain",
		 pick(r, 2) ? "introduce" : "release");
	if (!pick(r, 3))
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "/%u", a_domid(r));
	put_string(r, text);
}

void put_watch(struct req *r)
{
	if (pick(r, 6))
		put_path(r);
	else
		put_special(r);
	put_token(r);
	if (!pick(r, 4))
		put_number(r, pick(r, 4)); /* depth */
}

/* A watch that the peer has, or any. */
void put_unwatch(struct req *r)
{
	const struct watch *w;
	uint32_t n;

	if (r->c && r->c->client.nwatches && pick(r, 8)) {
		n = pick(r, r->c->client.nwatches);
		list_for_each (w, &r->c->client.watches, of_client) {
			if (n--)
				continue;
			put_string(r, w->wpath);
			put_string(r, w->token);
			return;
		}
	}
	if (pick(r, 12))
		put_path(r);
	else
		put_special(r);
	put_token(r);
}

/* A node, or sometimes one of the two special nodes. */
void put_perms_path(struct req *r)
{
	if (pick(r, 15))
		put_path(r);
	else
		put_string(r,
			   pick(r, 2) ? "@releaseDomain" : "@introduceDomain");
}
