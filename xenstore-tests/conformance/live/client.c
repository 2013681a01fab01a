// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client: requests of peers that use the library or tools, with the results
 * turned into the messages that a story expects.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "live.h"
#include "wire/wire.h"

bool live_by_other_means(const struct live *l, const struct peer *p)
{
	char name[64];

	if (p->ring || live_of(p)->read_only || l->mode < LIVE_LIB)
		return false;
	(void)snprintf(name, sizeof(name), ",%s,", p->name);
	return !strstr(l->raw, name);
}

/* False if the line sets something that such a client cannot choose. */
static bool parse(struct word *w, int n, struct request *ret)
{
	uint32_t t;
	int i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < n; i++) {
		if (w[i].bare && !strncmp(w[i].p, "tx=", 3)) {
			ret->tx = (uint32_t)strtoul(w[i].p + 3, NULL, 0);
			continue;
		}
		for (t = 0; t < WIRE_TYPE_COUNT; t++)
			if (wire_type_name(t) &&
			    !strcmp(w[i].p, wire_type_name(t))) {
				ret->type = t;
				ret->w = w + i + 1;
				ret->n = n - i - 1;
				return true;
			}
		return false;
	}
	return false;
}

static bool no_odd_strings(const struct request *q)
{
	int i;

	for (i = 0; i < q->n; i++)
		if (q->w[i].no_nul || (strlen(q->w[i].p) != q->w[i].len &&
				       !(q->type == WIRE_WRITE && i == 1)))
			return false;
	return true;
}

static bool reads_only(uint32_t type)
{
	switch (type) {
	case WIRE_READ:
	case WIRE_DIRECTORY:
	case WIRE_DIRECTORY_PART:
	case WIRE_GET_PERMS:
	case WIRE_GET_DOMAIN_PATH:
	case WIRE_IS_DOMAIN_INTRODUCED:
		return true;
	default:
		return false;
	}
}

static void remember(struct peer *p, const struct request *q)
{
	struct sent *s = talloc_zero(p, struct sent);

	s->type = q->type;
	s->req_id = p->next_req++;
	s->tx_id = q->tx;
	list_add_tail(&p->sent, &s->next);
}

int client_request(struct live *l, struct peer *p, struct word *w, int n)
{
	struct live_peer *lp = live_of(p);
	struct request q;
	bool known = parse(w, n, &q);
	int rc = 1;

	p->any_error = l->mode == LIVE_TOOLS;
	/* a call would wait for a stopped daemon */
	if (l->run.hold && l->mode == LIVE_TOOLS)
		return -1;
	if (l->run.hold) {
		l->become_raw = p->name;
		return live_cannot(l, "a library call would block");
	}
	if (known && no_odd_strings(&q)) {
		remember(p, &q);
		rc = lp->xs ? lib_request(l, p, &q) : tools_request(l, p, &q);
		if (!rc) {
			l->n.through++;
			return 0;
		}
		list_del(p->sent.prev);
	}
	if (l->mode == LIVE_TOOLS)
		return -1;
	/* an error changes nothing: see client_skips() */
	lp->skip_reply = true;
	lp->skip_any = known && reads_only(q.type) && !q.tx;
	l->n.apart++;
	return 0;
}

bool client_skips(struct live *l, struct peer *p, const struct word *w, int n)
{
	struct live_peer *lp = live_of(p);
	int i;

	if (!lp->skip_reply || !n || word_is(&w[0], "EVENT"))
		return false;
	lp->skip_reply = false;
	for (i = 0; i < n; i++)
		lp->skip_any &= !w[i].var;
	if (lp->skip_any || word_is_error(&w[0]))
		return true;
	l->become_raw = p->name;
	(void)live_cannot(l, "not possible with the library");
	return true;
}

void client_reply(struct live *l, struct peer *p, const struct request *q,
		  int error, const void *body, size_t len)
{
	const struct sent *s = list_entry(p->sent.prev, struct sent, next);
	uint32_t h[4] = {error ? (uint32_t)WIRE_ERROR : q->type, s->req_id,
			 s->tx_id, (uint32_t)len};
	const char *name = error ? wire_error_name(error) : NULL;

	(void)l;
	if (name) {
		body = name;
		h[3] = (uint32_t)strlen(name) + 1;
	}
	sh_bytes_put(p, &live_of(p)->replies, h, sizeof(h));
	sh_bytes_put(p, &live_of(p)->replies, body, h[3]);
}

void client_event(struct live *l, struct peer *p, const char *path,
		  const char *token)
{
	size_t a = strlen(path) + 1, b = strlen(token) + 1;
	uint32_t h[4] = {WIRE_WATCH_EVENT, 0, 0, (uint32_t)(a + b)};

	(void)l;
	sh_bytes_put(p, &live_of(p)->events, h, sizeof(h));
	sh_bytes_put(p, &live_of(p)->events, path, a);
	sh_bytes_put(p, &live_of(p)->events, token, b);
}
