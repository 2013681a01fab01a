/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allow: the intended differences, one row each.  A difference without a row
 * is a failure.  Used by exec.c and walk.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

struct row {
	uint32_t type;
	bool (*when)(const struct run *r, const struct step *s,
		     const struct message *stock, const struct message *ours);
	struct meaning m; /* stock, ours: an error, "OK", or "*" */
};

/* The same names; the longer part may have more of them. */
static bool same_list(const struct run *r, const struct step *s,
		      const struct message *stock, const struct message *ours)
{
	size_t a = strnlen((const char *)stock->body, stock->len);
	size_t b = strnlen((const char *)ours->body, ours->len);
	size_t a_len = stock->len - a, b_len = ours->len - b;
	size_t len = a_len < b_len ? a_len : b_len;

	(void)r;
	(void)s;
	return (a_len == b_len || a_len + b_len > XENSTORE_PAYLOAD_MAX) &&
	       !memcmp(stock->body + a, ours->body + b, len);
}

static bool plain_number(const char *text, unsigned long max)
{
	return *text && strspn(text, "0123456789") == strlen(text) &&
	       strlen(text) < 10 && strtoul(text, NULL, 10) <= max;
}

/* A string of the request, without its first skip bytes, is no domid. */
static bool some_odd(const struct step *s, uint32_t at, size_t skip)
{
	while (at < s->len) {
		const char *text = (const char *)s->body + at;
		size_t len = strlen(text);

		if (len < skip || !plain_number(text + skip, 32751))
			return true;
		at += (uint32_t)len + 1;
	}
	return false;
}

static bool odd_number(const struct run *r, const struct step *s,
		       const struct message *stock, const struct message *ours)
{
	(void)r;
	(void)stock;
	(void)ours;
	return s->kind == STEP_REQUEST && some_odd(s, 0, 0);
}

static bool odd_perm(const struct run *r, const struct step *s,
		     const struct message *stock, const struct message *ours)
{
	uint32_t path = (uint32_t)strnlen((const char *)s->body, s->len);

	(void)r;
	(void)stock;
	(void)ours;
	return some_odd(s, path + 1, 1);
}

bool allow_stale(const struct run *r, const char *perm)
{
	unsigned long domid = strtoul(perm + 1, NULL, 10);

	return domid > DOMAINS || (r->died & (1u << domid)) ||
	       (domid && !side_has_domain(&r->side[OURS], (uint32_t)domid));
}

/*
 * Ours is the stock daemon's list without some stale entries.  A guest may
 * also see one that this run has removed from the stock daemon.
 */
static bool stale_entries(const struct run *r, const struct step *s,
			  const struct message *stock,
			  const struct message *ours)
{
	const char *a = (const char *)stock->body, *a_end = a + stock->len;
	const char *b = (const char *)ours->body, *b_end = b + ours->len;

	(void)s;
	while (a < a_end || b < b_end) {
		if (a < a_end && b < b_end && !strcmp(a, b)) {
			a += strlen(a) + 1;
			b += strlen(b) + 1;
		} else if (a == (const char *)stock->body) {
			return false;
		} else if (a < a_end && allow_stale(r, a)) {
			a += strlen(a) + 1;
		} else if (b < b_end && allow_stale(r, b)) {
			b += strlen(b) + 1;
		} else {
			return false;
		}
	}
	return true;
}

bool allow_owner_missing(const struct run *r, const struct step *s)
{
	uint32_t path = (uint32_t)strnlen((const char *)s->body, s->len) + 1;

	return s->type == XS_SET_PERMS && s->conn > DOM0_RING &&
	       path < s->len && allow_stale(r, (const char *)s->body + path);
}

static bool owner_unknown(const struct run *r, const struct step *s,
			  const struct message *stock,
			  const struct message *ours)
{
	(void)stock;
	return ours->type == XS_ERROR && allow_owner_missing(r, s);
}

static bool special_path(const struct run *r, const struct step *s,
			 const struct message *stock,
			 const struct message *ours)
{
	(void)r;
	(void)stock;
	(void)ours;
	return s->len && s->body[0] == '@';
}

static bool special_refused(const struct run *r, const struct step *s,
			    const struct message *stock,
			    const struct message *ours)
{
	return special_path(r, s, stock, ours) && stock->type == XS_ERROR &&
	       ours->type == XS_ERROR;
}

/* Both refuse the commit, for different reasons. */
static bool not_committed(const struct run *r, const struct step *s,
			  const struct message *stock,
			  const struct message *ours)
{
	static const char reasons[] = "EAGAIN ENOSPC ENOMEM";

	(void)r;
	(void)s;
	return stock->type == XS_ERROR && ours->type == XS_ERROR &&
	       strstr(reasons, message_error(stock)) &&
	       strstr(reasons, message_error(ours));
}

static bool guest_tx(const struct run *r, const struct step *s,
		     const struct message *stock, const struct message *ours)
{
	(void)stock;
	(void)ours;
	return r->profile->nodes < 1000 && s->conn > DOM0_RING && s->tx;
}

static bool guest(const struct run *r, const struct step *s,
		  const struct message *stock, const struct message *ours)
{
	(void)r;
	(void)stock;
	(void)ours;
	return s->conn > DOM0_RING;
}

/* Only stock of 4.20 answers this. */
static bool is_later(const struct run *r, const struct step *s,
		     const struct message *stock, const struct message *ours)
{
	(void)s;
	(void)stock;
	(void)ours;
	return r->later;
}

static bool bound_already(const struct run *r, const struct step *s,
			  const struct message *stock,
			  const struct message *ours)
{
	(void)r;
	(void)stock;
	(void)ours;
	return s->kind == STEP_REQUEST;
}

#define DIGITS "a domid is decimal digits, below the reserved ones"

#define SPECIAL "special nodes have permissions like other nodes"

static const struct row rows[] = {
	{XS_DIRECTORY_PART,
	 same_list,
	 {"DIRECTORY_PART", "the same listing", "OK", "OK",
	  "a generation only says whether the listing has changed; parts may "
	  "end elsewhere"}},
	{XS_GET_DOMAIN_PATH,
	 odd_number,
	 {"GET_DOMAIN_PATH", "odd or reserved number", "OK", "*",
	  DIGITS "; DOMID_SELF is the requesting client"}},
	{XS_IS_DOMAIN_INTRODUCED,
	 odd_number,
	 {"IS_DOMAIN_INTRODUCED", "odd or reserved number", "OK", "EINVAL",
	  DIGITS}},
	{XS_RELEASE,
	 odd_number,
	 {"RELEASE", "odd or reserved number", "ENOENT", "EINVAL", DIGITS}},
	{XS_RESUME,
	 odd_number,
	 {"RESUME", "odd or reserved number", "ENOENT", "EINVAL", DIGITS}},
	{XS_SET_TARGET,
	 odd_number,
	 {"SET_TARGET", "odd or reserved number", "ENOENT", "EINVAL", DIGITS}},
	{XS_INTRODUCE,
	 bound_already,
	 {"INTRODUCE",
	  "introduced before, now with a port that cannot be bound", "OK",
	  "EINVAL", "a port that cannot be bound is an error"}},
	{XS_SET_PERMS,
	 odd_perm,
	 {"SET_PERMS", "odd or reserved number", "ENOENT", "EINVAL", DIGITS}},
	{XS_GET_PERMS,
	 special_path,
	 {"GET_PERMS", "a special path", "EINVAL", "*", SPECIAL}},
	{XS_SET_PERMS,
	 special_refused,
	 {"SET_PERMS", "a special path, refused by both", "*", "*", SPECIAL}},
	{XS_UNWATCH,
	 is_later,
	 {"UNWATCH", "an invalid path", "4.20: EINVAL", "ENOENT",
	  "there is no such watch"}},
	{XS_GET_PERMS,
	 special_refused,
	 {"GET_PERMS", "a special path, refused by both", "*", "*", SPECIAL}},
	{XS_TRANSACTION_END,
	 not_committed,
	 {"TRANSACTION_END",
	  "a conflict, over quota, or an "
	  "owner that is dead",
	  "*", "*", "not committed either way, for different reasons"}},
	{XS_WRITE,
	 guest_tx,
	 {"WRITE", "in a transaction, over the quota of nodes", "OK", "ENOSPC",
	  "refused at once; stock refuses the commit"}},
	{XS_MKDIR,
	 guest_tx,
	 {"MKDIR", "in a transaction, over the quota of nodes", "OK", "ENOSPC",
	  "refused at once; stock refuses the commit"}},
	{XS_WATCH,
	 guest,
	 {"WATCH", "set already, and over quota", "EEXIST", "ENOSPC",
	  "refused either way, for different reasons"}},
	{XS_WATCH,
	 guest,
	 {"WATCH", "over quota", "E2BIG", "ENOSPC",
	  "as for all other quotas and in later versions"}},
	{XS_SET_PERMS,
	 owner_unknown,
	 {"SET_PERMS", "by a guest, for an owner that does not exist", "ENOENT",
	  "*", "as for an existing one: no guest learns which domains exist"}},
	{XS_GET_PERMS,
	 stale_entries,
	 {"GET_PERMS", "entries for domains that do not exist", "OK", "OK",
	  "they are removed (as in Xen 4.22); 4.17 keeps and ignores them. A "
	  "guest that set them still sees them, so it does not learn which "
	  "domains exist"}},
};

/* For each row, over all runs: shared by the processes that do them. */
static uint64_t *hits;

void allow_count_in(uint64_t *counters)
{
	hits = counters;
}

/* Pattern: an error, "OK" or "*"; "4.20: EINVAL" names a release, too. */
static bool fits(const char *pattern, const struct message *m)
{
	const char *colon = strchr(pattern, ':');

	if (colon)
		pattern = colon + 2;
	return !strcmp(pattern, "*") || !strcmp(pattern, message_error(m));
}

const char *allow_reply(const struct run *r, const struct step *s,
			const struct message *stock, const struct message *ours)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		if (row->type == s->type && fits(row->m.stock, stock) &&
		    fits(row->m.ours, ours) && row->when(r, s, stock, ours)) {
			if (hits)
				__atomic_fetch_add(&hits[i], 1,
						   __ATOMIC_RELAXED);
			return row->m.why;
		}
	}
	return NULL;
}

const struct meaning *allow_row(size_t i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i].m : NULL;
}

void allow_print(FILE *out)
{
	const struct meaning *m;
	size_t i;

	for (i = 0; (m = allow_row(i)); i++)
		meaning_print(out, hits ? hits[i] : 0, m);
}
