// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-message: makes requests from words and compares replies and events with
 * words. How they are sent and received is the runner's part.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "story-run.h"
#include "wire/wire.h"

struct peer *peer_find(struct run *r, const char *name)
{
	struct peer *p;

	list_for_each (p, &r->peers, next)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

struct peer *peer_new(struct run *r, const char *name)
{
	struct peer *p = talloc_zero(r, struct peer);

	p->name = talloc_strdup(p, name);
	p->next_req = 1;
	peer_restart(r, p);
	list_add_tail(&r->peers, &p->next);
	return p;
}

/* ---- requests ---- */

static bool option(const struct word *w, const char *name, const char **ret)
{
	size_t n = strlen(name);

	if (!w->bare || strncmp(w->p, name, n) || w->p[n] != '=')
		return false;
	*ret = w->p + n + 1;
	return true;
}

static int wire_type(const char *name, uint32_t *ret)
{
	uint32_t t;

	for (t = 0; t < WIRE_TYPE_COUNT; t++)
		if (wire_type_name(t) && !strcmp(name, wire_type_name(t))) {
			*ret = t;
			return 0;
		}
	return 1;
}

struct head {
	uint32_t h[4]; /* type, req_id, tx_id, len */
	bool type, len;
};

/*
 * Parses tx=, req=, len=, type= and the name; returns how many words those
 * were.
 */
static int request_head(struct run *r, struct peer *p, struct word *w, int n,
			struct head *head)
{
	const char *v;
	int i;

	memset(head, 0, sizeof(*head));
	head->h[1] = p->next_req++;
	for (i = 0; i < n; i++) {
		if (option(&w[i], "tx", &v)) {
			head->h[2] = (uint32_t)strtoul(v, NULL, 0);
		} else if (option(&w[i], "req", &v)) {
			head->h[1] = (uint32_t)strtoul(v, NULL, 0);
		} else if (option(&w[i], "len", &v)) {
			head->h[3] = (uint32_t)strtoul(v, NULL, 0);
			head->len = true;
		} else if (option(&w[i], "type", &v)) {
			head->h[0] = (uint32_t)strtoul(v, NULL, 0);
			return i + 1;
		} else if (!wire_type(w[i].p, &head->h[0])) {
			return i + 1;
		} else {
			run_fail(r, "unknown request '%s'", w[i].p);
			return -1;
		}
	}
	run_fail(r, "the request is missing");
	return -1;
}

int peer_request(struct run *r, struct peer *p, struct word *w, int n,
		 size_t part)
{
	struct sh_bytes body = {0}, all = {0};
	struct head head;
	struct sent *sent;
	int i, at = request_head(r, p, w, n, &head), rc;

	if (at < 0)
		return 1;
	for (i = at; i < n; i++) {
		bool value = head.h[0] == WIRE_WRITE && i == at + 1;

		sh_bytes_put(r, &body, w[i].p,
			     w[i].len + !(value || w[i].no_nul));
	}
	if (!head.len)
		head.h[3] = (uint32_t)body.len;
	sh_bytes_put(r, &all, head.h, sizeof(head.h));
	sh_bytes_put(r, &all, body.p, body.len);
	sent = talloc_zero(p, struct sent);
	sent->type = head.h[0];
	sent->req_id = head.h[1];
	sent->tx_id = head.h[2];
	list_add_tail(&p->sent, &sent->next);
	if (part > all.len)
		part = all.len;
	rc = peer_send(r, p, all.p, part);
	sh_bytes_put(p, &p->held, all.p + part, all.len - part);
	return rc;
}

/* ---- replies ---- */

bool peer_take(struct run *r, struct peer *p, uint32_t hdr[4], char **ret_body)
{
	if (p->in.len < 16)
		return false;
	memcpy(hdr, p->in.p, 16);
	if (hdr[3] > 4096 || p->in.len < 16 + hdr[3])
		return false;
	*ret_body = talloc_zero_size(r, hdr[3] + 1);
	sh_bytes_take(&p->in, NULL, 16);
	sh_bytes_take(&p->in, *ret_body, hdr[3]);
	return true;
}

char *peer_message_text(struct run *r, const uint32_t hdr[4], const char *body)
{
	const char *name = wire_type_name(hdr[0]);

	return talloc_asprintf(r, "%s(req %u, tx %u) %s", name ? name : "?",
			       hdr[1], hdr[2], run_bytes(r, body, hdr[3]));
}

/* The reply must belong to the oldest unanswered request. */
static int reply_belongs(struct run *r, struct peer *p, const uint32_t hdr[4],
			 const char *text)
{
	struct sent *s = list_first(&p->sent, struct sent, next);

	if (!s)
		return run_fail(r, "expected no reply, seen %s", text);
	list_del(&s->next);
	if (hdr[0] != s->type && hdr[0] != WIRE_ERROR)
		return run_fail(r, "expected a reply of type %u, seen %s",
				s->type, text);
	if (hdr[1] != s->req_id || hdr[2] != s->tx_id)
		return run_fail(r, "expected a reply to req %u, tx %u, seen %s",
				s->req_id, s->tx_id, text);
	return 0;
}

/* Compares a payload with words; unset variables take their value from it. */
static bool body_matches(struct run *r, const uint32_t hdr[4], const char *body,
			 struct word *w, int n)
{
	size_t pos = 0, len = hdr[3];
	int i;

	if (n == 1 && word_is(&w[0], "empty"))
		return !len;
	for (i = 0; i < n; i++) {
		bool nul = !w[i].no_nul && hdr[0] != WIRE_READ;
		size_t left = len - pos, have;

		if (word_is(&w[i], STORY_REST))
			return true;
		if (w[i].var) {
			have = strnlen(body + pos, left);
			var_set(r, w[i].var, body + pos, have);
		} else {
			have = w[i].len;
			if (have > left || memcmp(body + pos, w[i].p, have))
				return false;
		}
		pos += have;
		if (nul && (pos >= len || body[pos++]))
			return false;
	}
	return pos == len;
}

bool word_is_error(const struct word *w)
{
	size_t i;

	if (!w->bare || w->len < 3 || w->p[0] != 'E')
		return false;
	for (i = 0; i < w->len; i++)
		if (!isupper((unsigned char)w->p[i]) &&
		    !isdigit((unsigned char)w->p[i]))
			return false;
	return true;
}

int peer_expect(struct run *r, struct peer *p, struct word *w, int n)
{
	bool event = n && word_is(&w[0], "EVENT");
	bool error = n && !event && word_is_error(&w[0]);
	uint32_t hdr[4];
	char *body, *text;

	if (!n)
		return run_fail(r, "the expected reply is missing");
	peer_wait(r, p, event);
	if (!peer_take(r, p, hdr, &body))
		return run_fail(r, "expected '%s', seen nothing%s", w[0].p,
				p->in.len ? " but a part of a message" : "");
	text = peer_message_text(r, hdr, body);
	if (event != (hdr[0] == WIRE_WATCH_EVENT))
		return run_fail(r, "expected '%s', seen %s", w[0].p, text);
	if (!event && reply_belongs(r, p, hdr, text))
		return 1;
	if (event && (hdr[1] || hdr[2])) /* some clients check this */
		return run_fail(r, "expected an event without ids, seen %s",
				text);
	if (error && hdr[0] == WIRE_ERROR && p->any_error)
		return 0;
	if (error != (hdr[0] == WIRE_ERROR) ||
	    !body_matches(r, hdr, body, w + event, n - event))
		return run_fail(r, "expected '%s%s%s', seen %s", w[0].p,
				n > 1 ? " " : "", n > 1 ? w[1].p : "", text);
	return 0;
}
