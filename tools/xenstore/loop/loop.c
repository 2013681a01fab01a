/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop: see loop.h.  Knows connections and ports, but no message.  Called by
 * daemon.c.
 */
#include "loop/loop.h"

#include <errno.h>
#include <string.h>

#include "transport/conn-ring.h"
#include "transport/look.h"
#include "transport/socket.h"

static void loop_port(struct daemon *d, uint32_t port)
{
	struct conn *c;

	host_call(d->host, evtchn_unmask, port);
	if (port == d->death_port) {
		d->death(d);
		return;
	}
	c = conn_of_port(d, port);
	if (c)
		conn_ready(c, CONN_READY_IN | CONN_READY_OUT);
}

/* Serving a port unmasks it, so all of this round are read first. */
static void loop_ports(struct daemon *d)
{
	uint32_t port[LOOP_PORTS], n = 0, i;

	while (n < LOOP_PORTS && !host_call(d->host, evtchn_pending, &port[n]))
		n++;
	for (i = 0; i < n; i++)
		loop_port(d, port[i]);
}

static void loop_conn_event(struct daemon *d, const struct host_event *ev)
{
	struct conn *c = conn_find(d, (uint32_t)ev->tag);
	uint32_t what = 0;

	if (!c)
		return; /* closed in this round */
	if (ev->what & (HOST_IN | HOST_HUP))
		what |= CONN_READY_IN;
	if (ev->what & HOST_OUT)
		what |= CONN_READY_OUT;
	/* the peer is gone and there is nothing left to read */
	if ((ev->what & HOST_HUP) && !(ev->what & HOST_IN))
		what |= CONN_READY_GONE;
	conn_ready(c, what);
}

static void loop_event(struct daemon *d, const struct host_event *ev)
{
	if (ev->tag == HOST_TAG_EVTCHN)
		loop_ports(d);
	else if (ev->tag == HOST_TAG_SIGNAL)
		d->signal(d);
	else if (ev->tag == HOST_TAG_PATHS)
		d->paths(d);
	else if (ev->tag == DAEMON_TAG_RW)
		socket_accept(d, d->conns.rw_fd);
	else if (ev->tag == DAEMON_TAG_RO)
		socket_accept(d, d->conns.ro_fd);
	else if (ev->tag == DAEMON_TAG_UPDATE)
		d->update_event(d);
	else if (ev->tag == DAEMON_TAG_PREDECESSOR)
		d->predecessor_event(d);
	else if (CONN_TAG_KIND(ev->tag) == CONN_TAG_KIND(CONN_TAG(0u)))
		loop_conn_event(d, ev);
}

static void loop_turn(struct daemon *d, struct flow *f)
{
	uint64_t start = d->store->work;
	struct conn *c;

	while (!d->stop && d->store->work - start < TURN_WORK &&
	       (c = turn_conn(f)))
		conn_run(c, start + TURN_WORK);
	turn_over(d, d->store->work - start);
}

/* A connection that becomes ready meanwhile (a watcher) gets a turn, too. */
static void loop_serve(struct daemon *d)
{
	uint64_t end = d->store->work + ROUND_WORK;
	struct flow *f;

	/* after d->stop a change would be missing from the image */
	while (!d->stop && d->store->work < end && (f = turn_begin(d)))
		loop_turn(d, f);
}

void loop_round(struct daemon *d, int64_t timeout_us)
{
	struct host_event ev[LOOP_EVENTS];
	size_t n = 0, i;
	int rc;

	if (turns_any(d) || jobs_any(&d->jobs))
		timeout_us = 0;
	rc = host_call(d->host, wait, ev, LOOP_EVENTS, timeout_us, &n);
	if (rc && rc != EINTR) {
		log_guest(d->log, NULL, "cannot wait for events: %s",
			  strerror(rc));
		return;
	}
	for (i = 0; i < n; i++)
		loop_event(d, &ev[i]);
	loop_serve(d);
	if (!d->stop)
		jobs_step(&d->jobs);
	conn_reap(d);
	looks_stamp(d);
}
