/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stale: permissions that are older than a domain. Stock keeps entries for dead
 * domains and recognises them by the time at which their node was written. A
 * transaction writes at its commit, so a permission it set, or only carried
 * along, may hold for a domain born meanwhile. Ours has removed it. Rights that
 * the new domain would have on one side only are therefore removed from stock,
 * too, right after the commit. Used by exec.c and tx.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

/* The transaction made that domain the owner of a node. */
static bool gives_to(const struct tx_slot *t, uint32_t domid)
{
	const struct step *s;
	uint32_t i, at;

	for (i = 0; i < t->n; i++) {
		s = t->op[i].step;
		at = (uint32_t)strnlen((const char *)s->body, s->len) + 1;
		if (s->type == XS_SET_PERMS && at + 1 < s->len &&
		    strtoul((const char *)s->body + at + 1, NULL, 10) == domid)
			return true;
	}
	return false;
}

/*
 * Stock would commit a node given to the previous domain, where ours answers
 * EAGAIN, so such a transaction is not ended.
 */
void stale_born(struct run *r, uint32_t domid)
{
	size_t i, k;

	for (i = 0; i < CONNS; i++)
		for (k = 0; k < TX_SLOTS; k++) {
			struct tx_slot *t = &r->conn[i].tx[k];

			t->born |= 1u << domid;
			t->parted |= gives_to(t, domid);
		}
}

static bool writes(const struct tx_op *op)
{
	switch (op->step->type) {
	case XS_WRITE:
	case XS_MKDIR:
	case XS_SET_PERMS:
	case XS_RM: /* the parent is written */
		return op->ours->type == op->step->type;
	default:
		return false;
	}
}

/* Ours has the entries of stock, except some for new or missing domains. */
static bool only_stale(const struct run *r, const struct message *stock,
		       const struct message *ours, uint32_t born)
{
	const char *a = (const char *)stock->body, *a_end = a + stock->len;
	const char *b = (const char *)ours->body, *b_end = b + ours->len;
	unsigned long domid;

	for (; a < a_end; a += strlen(a) + 1) {
		domid = strtoul(a + 1, NULL, 10);
		if (b < b_end && !strcmp(a, b))
			b += strlen(b) + 1;
		else if (a == (const char *)stock->body ||
			 (!allow_stale(r, a) && !(born & 1u << domid)))
			return false;
	}
	return b == b_end;
}

/* Sets our permissions on the stock node; watches fire. */
static int take_out(struct run *r, const char *path, const struct message *ours)
{
	static uint8_t body[2 * XENSTORE_PAYLOAD_MAX];
	static struct message m;
	uint32_t len = (uint32_t)strlen(path) + 1;

	if (len + ours->len > XENSTORE_PAYLOAD_MAX)
		return 0;
	memcpy(body, path, len);
	memcpy(body + len, ours->body, ours->len);
	r->kept++;
	if (run_ask(r, STOCK, &r->conn[0], XS_SET_PERMS, 0, body,
		    len + ours->len, &m))
		return 1;
	return m.type == XS_ERROR ? run_fail(r, "stock refuses SET_PERMS") : 0;
}

static int mend_node(struct run *r, const char *path, uint32_t born)
{
	static struct message m[SIDES];
	uint32_t len = (uint32_t)strlen(path) + 1;
	int side;

	for (side = 0; side < SIDES; side++)
		if (run_ask(r, side, &r->conn[0], XS_GET_PERMS, 0, path, len,
			    &m[side]))
			return 1;
	if (m[STOCK].type == XS_ERROR || m[OURS].type == XS_ERROR ||
	    (m[STOCK].len == m[OURS].len &&
	     !memcmp(m[STOCK].body, m[OURS].body, m[OURS].len)) ||
	    !only_stale(r, &m[STOCK], &m[OURS], born))
		return 0;
	return take_out(r, path, &m[OURS]);
}

void stale_note(struct run *r, const struct conn *c, const struct tx_slot *t)
{
	char path[XENSTORE_PAYLOAD_MAX + 32];
	uint32_t i;

	for (i = 0; i < t->n && t->born; i++) {
		if (!writes(&t->op[i]) || t->op[i].step->body[0] == '@')
			continue;
		run_path(r, c, (const char *)t->op[i].step->body, path,
			 sizeof(path));
		r->stale.path = realloc(r->stale.path,
					(r->stale.n + 1) * sizeof(char *));
		if (!r->stale.path ||
		    !(r->stale.path[r->stale.n++] = strdup(path)))
			abort();
		r->stale.born |= t->born;
	}
}

int stale_mend(struct run *r)
{
	uint64_t before = r->kept;
	uint32_t i;
	size_t k;
	char *path, *slash;
	int rc = 0;

	for (i = 0; i < r->stale.n; i++) {
		path = r->stale.path[i];
		while (!rc && (slash = strrchr(path, '/'))) {
			rc = mend_node(r, path, r->stale.born);
			if (!path[1])
				break;
			slash[slash == path] = 0;
		}
		free(path);
	}
	free(r->stale.path);
	memset(&r->stale, 0, sizeof(r->stale));
	if (rc || r->kept == before)
		return rc;
	rc = run_barrier(r, conn_listening);
	for (k = 0; k < CONNS && !rc; k++) {
		if (r->conn[k].events[OURS].n)
			return run_fail(r,
					"our daemon sent an unexpected event");
		events_drop(&r->conn[k]);
	}
	return rc;
}

/* Stock has more entries than ours on path or a parent. */
static bool any_kept(struct run *r, char *path)
{
	static struct message m[SIDES];
	char *slash;
	int side;

	for (; (slash = strrchr(path, '/')); slash[slash == path] = 0) {
		for (side = 0; side < SIDES; side++)
			if (run_ask(r, side, &r->conn[0], XS_GET_PERMS, 0, path,
				    (uint32_t)strlen(path) + 1, &m[side]))
				return false;
		if (m[STOCK].type != XS_ERROR && m[OURS].type != XS_ERROR &&
		    m[STOCK].len > m[OURS].len)
			return true;
		if (!path[1])
			break;
	}
	return false;
}

bool stale_counts(struct run *r, const struct conn *c, const struct step *s)
{
	char path[XENSTORE_PAYLOAD_MAX + 32];

	if ((s->type != XS_WRITE && s->type != XS_MKDIR &&
	     s->type != XS_SET_PERMS) ||
	    c <= &r->conn[DOM0_RING] ||
	    strcmp(message_error(&r->reply[STOCK]), "ENOSPC") ||
	    strcmp(message_error(&r->reply[OURS]), "OK"))
		return false;
	run_path(r, c, (const char *)s->body, path, sizeof(path));
	return any_kept(r, path);
}
