// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * story-peer: the clients of a story, over sockets and rings; called by story.c
 * and story-verbs.c.
 *
 * A guest looks at its ring only when it has something to write or received an
 * event, so a missing notification of the daemon is noticed. A silent guest
 * polls its ring and never sends an event.
 */
#include <string.h>
#include <talloc.h>

#include "story-run.h"

void peer_restart(struct run *r, struct peer *p)
{
	(void)r;
	p->out.len = p->held.len = p->in.len = 0;
	p->look = false;
	p->deaf = false;
	p->silent = false;
	p->bytewise = false;
	p->takes = SH_NO_LIMIT;
	p->port = SH_STORE_PORT;
	list_init(&p->sent);
}

/* ---- moving bytes ---- */

static void received(struct peer *p, const void *bytes, size_t n)
{
	sh_bytes_put(p, &p->in, bytes, n);
	sh_bytes_put(p, &p->log, bytes, n);
	if (p->deaf)
		p->in.len = 0;
}

static bool socket_pump(struct run *r, struct peer *p)
{
	struct sh_sock *s = sh_sock(r->h, p->fd);
	bool moved = p->out.len || s->to_peer.len;

	if (s->peer_open)
		sh_bytes_put(s, &s->to_daemon, p->out.p, p->out.len);
	p->out.len = 0;
	received(p, s->to_peer.p, s->to_peer.len);
	s->to_peer.len = 0;
	return moved;
}

static bool ring_out(struct peer *p, struct sh_page *page)
{
	bool moved = false;

	while (p->out.len && page->req_prod - page->req_cons < 1024) {
		sh_bytes_take(&p->out, &page->req[page->req_prod % 1024], 1);
		page->req_prod++;
		moved = true;
	}
	return moved;
}

static bool ring_in(struct peer *p, struct sh_page *page)
{
	bool moved = false;

	if (page->rsp_prod - page->rsp_cons > 1024)
		return false;
	while (p->takes && page->rsp_prod != page->rsp_cons) {
		received(p, &page->rsp[page->rsp_cons % 1024], 1);
		page->rsp_cons++;
		if (p->takes != SH_NO_LIMIT)
			p->takes--;
		moved = true;
	}
	return moved;
}

static bool ring_pump(struct run *r, struct peer *p)
{
	struct sh_domain *dom = sh_domain_find(r->h, p->domid);
	bool moved;

	if (!dom || dom->shutdown || dom->dying || dom->paused ||
	    (!p->look && !p->silent && !dom->port[p->port].pending))
		return false;
	p->look = false;
	dom->port[p->port].pending = false;
	moved = ring_out(p, dom->page);
	moved |= ring_in(p, dom->page);
	if (moved && !p->silent)
		sh_kick(r->h, dom, p->port);
	return moved;
}

bool peers_pump(struct run *r)
{
	bool moved = false;
	struct peer *p;

	list_for_each (p, &r->peers, next)
		moved |= p->ring ? ring_pump(r, p) : socket_pump(r, p);
	return moved;
}

int peer_send(struct run *r, struct peer *p, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;
	int rc = 0;

	p->look = true;
	if (!p->bytewise) {
		sh_bytes_put(p, &p->out, b, n);
		return 0;
	}
	for (; n && !rc; n--) {
		sh_bytes_put(p, &p->out, b++, 1);
		p->look = true;
		rc = run_step(r);
	}
	return rc;
}

int peer_silent(struct run *r, struct peer *p)
{
	struct sh_domain *dom = p->ring ? sh_domain_find(r->h, p->domid) : NULL;
	uint32_t hdr[4];
	char *body;

	if (peer_take(r, p, hdr, &body))
		return run_fail(
			r,
			"peer %s received a message the story does not expect: "
			"%s",
			p->name, peer_message_text(r, hdr, body));
	if (p->in.len)
		return run_fail(
			r,
			"peer %s received %zu bytes of an incomplete message",
			p->name, p->in.len);
	if (dom && dom->page->rsp_prod - dom->page->rsp_cons - 1u < 1024 &&
	    p->takes == SH_NO_LIMIT && !dom->shutdown && !dom->dying &&
	    !dom->paused)
		return run_fail(r,
				"the daemon wrote to domain %s's ring "
				"without sending an event",
				p->name);
	return 0;
}

/* Everything a line causes has arrived before the next line. */
void peer_wait(struct run *r, struct peer *p, bool event)
{
	(void)r;
	(void)p;
	(void)event;
}
