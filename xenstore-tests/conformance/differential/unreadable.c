/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unreadable: events of a commit that only one daemon sends, for nodes that the
 * watcher may not read. By the rule it gets an event when such a node is made
 * or removed and it may read the parent. The stock daemon looks at a half-done
 * commit, and so sends some others and omits some of these. Used by exec.c.
 */
#include "diff.h"

#include <string.h>

/* Our reply to a request about path; "" if the run has failed. */
static const char *ours_says(struct run *r, struct conn *c, uint32_t type,
			     const char *path)
{
	static struct message m;

	if (run_ask(r, OURS, c, type, 0, path, (uint32_t)strlen(path) + 1, &m))
		return "";
	return message_error(&m);
}

void run_path(const struct run *r, const struct conn *c, const char *path,
	      char *ret, size_t size)
{
	size_t conn = (size_t)(c - r->conn);

	if (path[0] == '/' || path[0] == '@')
		(void)snprintf(ret, size, "%s", path);
	else
		(void)snprintf(ret, size, "/local/domain/%zu/%s",
			       conn > DOM0_RING ? conn - DOM0_RING : 0, path);
}

static bool may_not_read(struct run *r, struct conn *c, const char *path)
{
	const char *answer = ours_says(r, c, XS_READ, path);

	return !strcmp(answer, "EACCES") || !strcmp(answer, "ENOENT");
}

/* c may read the parent, or the parent is gone, too. */
static bool seen_from_above(struct run *r, struct conn *c, char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = 0;
	if (!strcmp(ours_says(r, &r->conn[0], XS_READ, path), "ENOENT"))
		return true;
	return strcmp(ours_says(r, c, XS_DIRECTORY, path), "EACCES") != 0;
}

/* Removes from one side the events that the other lacks, if intended. */
static bool drop_meant(struct run *r, struct conn *c, int side)
{
	struct events *e = &c->events[side], *other = &c->events[!side];
	char path[XENSTORE_PAYLOAD_MAX + 32];
	struct events all = *e;
	size_t at = 0, from;
	const uint8_t *p;
	uint32_t len;

	e->len = 0;
	e->n = 0;
	while (at < all.len) {
		from = at;
		p = events_next(&all, &at, &len);
		run_path(r, c, (const char *)p, path, sizeof(path));
		if (p[0] != '@' &&
		    events_count(e, p, len) >= events_count(other, p, len) &&
		    may_not_read(r, c, path) &&
		    (side == STOCK || seen_from_above(r, c, path)))
			continue;
		memmove(e->data + e->len, all.data + from, at - from);
		e->len += at - from;
		e->n++;
	}
	return e->n < all.n;
}

bool unreadable_in_tx(struct run *r, struct conn *c)
{
	bool any;

	if (r->now->type != XS_TRANSACTION_END ||
	    (size_t)(c - r->conn) <= DOM0_RING)
		return false;
	any = drop_meant(r, c, OURS);
	return drop_meant(r, c, STOCK) || any;
}

/*
 * The stock daemon announces a death before or after it has removed the
 * domain's rights, depending on timing; ours announces it afterwards. The node
 * is dom0's then, and a domain that acts for dom0 may get the event.
 */
bool unreadable_before_death(struct run *r, struct conn *c)
{
	struct events *e = &c->events[OURS], *other = &c->events[STOCK];
	struct events all = *e;
	size_t at = 0, from;
	const uint8_t *p;
	uint32_t len;

	if (r->now->kind != STEP_DESTROY || !r->release_owner ||
	    r->now->domid != r->release_owner ||
	    (size_t)(c - r->conn) <= DOM0_RING ||
	    strcmp(ours_says(r, c, XS_GET_PERMS, "@releaseDomain"), "OK"))
		return false;
	e->len = 0;
	e->n = 0;
	while (at < all.len) {
		from = at;
		p = events_next(&all, &at, &len);
		if (!strcmp((const char *)p, "@releaseDomain") &&
		    !events_count(other, p, len))
			continue;
		memmove(e->data + e->len, all.data + from, at - from);
		e->len += at - from;
		e->n++;
	}
	return e->n < all.n;
}
