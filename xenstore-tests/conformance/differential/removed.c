/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * removed: events of nodes that a transaction has removed.  Who may read only
 * the node above is told of a removal by both daemons, but when a commit does
 * it, by ours alone.  Used by exec.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

/* What ours answers to a request about path; "" when the run has failed. */
static const char *ours_says(struct run *r, struct conn *c, uint32_t type,
			     const char *path)
{
	static struct message m;

	if (run_ask(r, OURS, c, type, 0, path, (uint32_t)strlen(path) + 1, &m))
		return "";
	return message_error(&m);
}

/* Whether the node is gone, and c may read the one above if it is there. */
static bool seen_from_above(struct run *r, struct conn *c, const char *path)
{
	size_t domid = (size_t)(c - r->conn) - DOM0_RING;
	char abs[XENSTORE_PAYLOAD_MAX + 32], *slash;

	if (path[0] == '@')
		return false;
	(void)snprintf(abs, sizeof(abs), "/local/domain/%zu/%s", domid, path);
	if (path[0] == '/')
		(void)snprintf(abs, sizeof(abs), "%s", path);
	if (strcmp(ours_says(r, &r->conn[0], XS_READ, abs), "ENOENT"))
		return false;
	slash = strrchr(abs, '/');
	slash[slash == abs] = 0;
	if (!strcmp(ours_says(r, &r->conn[0], XS_READ, abs), "ENOENT"))
		return true;
	return strcmp(ours_says(r, c, XS_DIRECTORY, abs), "EACCES") != 0;
}

bool removed_in_tx(struct run *r, struct conn *c)
{
	struct events *stock = &c->events[STOCK], *ours = &c->events[OURS];
	struct events all = *ours;
	size_t at = 0, from;
	const uint8_t *p;
	uint32_t len, n;

	if (r->now->type != XS_TRANSACTION_END ||
	    (size_t)(c - r->conn) <= DOM0_RING || ours->n <= stock->n)
		return false;
	ours->len = 0;
	ours->n = 0;
	while (at < all.len) {
		from = at;
		p = events_next(&all, &at, &len);
		n = events_count(ours, p, len);
		if (n >= events_count(stock, p, len) &&
		    seen_from_above(r, c, (const char *)p))
			continue;
		memmove(ours->data + ours->len, all.data + from, at - from);
		ours->len += at - from;
		ours->n++;
	}
	return ours->n < all.n;
}
