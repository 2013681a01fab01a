/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unread: see unread.h.  Called by out.c, event.c and update/. */
#include "transport/unread.h"

#include "transport/conn-trace.h"
#include "transport/conn.h"
#include "transport/lost.h"

#define OF_READ_ONLY 64u
#define OF_RING	     16u
#define FREE_AT_ONCE 256u

static uint64_t most_unread(const struct conn *c)
{
	uint64_t most = c->d->config.unread_max;

	if (c->kind == CONN_RING)
		return most / OF_RING;
	return c->client.read_only ? most / OF_READ_ONLY : most;
}

void unread_bound(struct conn *c)
{
	uint64_t bytes = conn_pending(c);

	if (!c->client.cred.privileged || c->life >= CONN_GIVEN_UP ||
	    bytes <= most_unread(c))
		return;
	if (c->kind == CONN_RING) {
		conn_drop_events(c, "its unread events take more memory than "
				    "--client-unread allows");
		return;
	}
	c->life = CONN_GIVEN_UP;
	log_guest(c->d->log, NULL,
		  "%s: %u KiB of events unread; its connection is closed "
		  "(--client-unread)",
		  conn_program(c), (unsigned int)(bytes >> 10));
	conn_ready(c, CONN_READY_GONE);
}

void unread_close(struct daemon *d)
{
	struct conn *c, *tmp;

	list_for_each_safe (c, tmp, &d->conns.all, all)
		if (c->life == CONN_GIVEN_UP)
			conn_close(c);
}

/* Frees at most n.  Returns true when there are more. */
static bool free_some(struct daemon *d, uint64_t n)
{
	struct out *o;

	for (; n && (o = list_first(&d->conns.old_outs, struct out, next));
	     n--) {
		list_del(&o->next);
		out_free(d, o);
	}
	return !list_empty(&d->conns.old_outs);
}

static bool free_step(struct job *j, uint64_t work)
{
	return free_some(container_of(j, struct daemon, conns.free_outs), work);
}

void unread_free(struct daemon *d, struct list *outs)
{
	bool waits = !list_empty(&d->conns.old_outs);

	list_splice(&d->conns.old_outs, outs);
	if (!waits && free_some(d, FREE_AT_ONCE))
		job_add(&d->jobs, &d->conns.free_outs, free_step);
}
