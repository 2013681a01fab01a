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

struct filter {
	struct run *r;
	struct conn *c;
	int side;
};

/* An event that the other side lacks, if that is intended. */
static bool meant(void *arg, const uint8_t *body, uint32_t len)
{
	const struct filter *f = arg;
	struct events *events = f->c->events;
	char path[XENSTORE_PAYLOAD_MAX + 32];

	run_path(f->r, f->c, (const char *)body, path, sizeof(path));
	/* those of this side that have been kept */
	return body[0] != '@' &&
	       events_count(&events[f->side], body, len) >=
		       events_count(&events[!f->side], body, len) &&
	       may_not_read(f->r, f->c, path) &&
	       (f->side == STOCK || seen_from_above(f->r, f->c, path));
}

static bool drop_meant(struct run *r, struct conn *c, int side)
{
	struct filter f = {r, c, side};

	return events_filter(&c->events[side], meant, &f);
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

static bool release_alone(void *arg, const uint8_t *body, uint32_t len)
{
	return !strcmp((const char *)body, "@releaseDomain") &&
	       !events_count(arg, body, len);
}

/*
 * The stock daemon announces a death before or after it has removed the
 * domain's rights, depending on timing; ours announces it afterwards. The node
 * is dom0's then, and a domain that acts for dom0 may get the event.
 */
bool unreadable_before_death(struct run *r, struct conn *c)
{
	if (r->now->kind != STEP_DESTROY || !r->release_owner ||
	    r->now->domid != r->release_owner ||
	    (size_t)(c - r->conn) <= DOM0_RING ||
	    strcmp(ours_says(r, c, XS_GET_PERMS, "@releaseDomain"), "OK"))
		return false;
	return events_filter(&c->events[OURS], release_alone,
			     &c->events[STOCK]);
}
