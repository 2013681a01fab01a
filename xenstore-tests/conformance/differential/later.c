/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * later: where the stock daemon of Xen 4.20 differs from that of 4.17. Some
 * requests are left out for it: it limits the paths of guests only, and ends
 * when the owner of a special node dies. Used by exec.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define LONG_PATH 2000 /* below each limit of ours */

static bool special(const struct step *s)
{
	return s->len && s->body[0] == '@';
}

/* A guest would own the special node; "n0" is the shortest entry. */
static bool gives_special_node(const struct step *s)
{
	uint32_t path = (uint32_t)strnlen((const char *)s->body, s->len) + 1;

	return s->type == XS_SET_PERMS && special(s) && path + 1 < s->len &&
	       strtoul((const char *)s->body + path + 1, NULL, 10) != 0;
}

bool later_leaves_out(const struct run *r, const struct step *s)
{
	if (!r->later || s->kind != STEP_REQUEST)
		return false;
	if (s->type == XS_WATCH && special(s) &&
	    memchr(s->body, ' ', strnlen((const char *)s->body, s->len)))
		return true;
	return gives_special_node(s) ||
	       (s->conn <= DOM0_RING &&
		strnlen((const char *)s->body, s->len) > LONG_PATH);
}

bool later_announces(const struct run *r, const struct step *s)
{
	return r->later && s->type == XS_SET_PERMS && special(s);
}

bool later_untouched(const struct run *r, const struct step *s)
{
	return r->later && s->type == XS_SET_PERMS &&
	       r->reply[STOCK].type == XS_ERROR &&
	       r->reply[OURS].type == XS_ERROR;
}

static bool may_read_root(struct run *r, struct conn *c)
{
	static struct message m;

	return !run_ask(r, OURS, c, XS_READ, 0, "/", 2, &m) &&
	       m.type == XS_READ;
}

static bool special_alone(void *arg, const uint8_t *body, uint32_t len)
{
	return body[0] == '@' && !events_count(arg, body, len);
}

/*
 * Its watches of special nodes also fire when the node's permissions are set,
 * and for clients that may only read "/".
 */
bool later_events(struct run *r, struct conn *c)
{
	if (!r->later || (!later_announces(r, r->now) && !may_read_root(r, c)))
		return false;
	return events_filter(&c->events[STOCK], special_alone,
			     &c->events[OURS]);
}

/* Its nodes are 8 bytes smaller, and may have N bytes, not N - 1. */
size_t later_node_size(const struct run *r)
{
	return r->profile->node_size - (r->later ? 9 : 0);
}
