/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon: see daemon.h.  Puts the rooms together and runs the loop; called by
 * main.c, start.c and the tests.
 */
#include "daemon.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "control/control.h"
#include "domain/death.h"
#include "domain/domain.h"
#include "domain/first.h"
#include "domain/introduce.h"
#include "loop/loop.h"
#include "update/update.h"
#include "migrate/migrate.h"
#include "ops/ops.h"
#include "store/node.h"

/* The log's clocks. */
static uint64_t host_now_ms(void *host)
{
	return host_call((struct host *)host, now_ms);
}

static uint64_t host_wall_ms(void *host)
{
	return host_call((struct host *)host, wall_ms);
}

static void no_signal(struct daemon *d)
{
	(void)d;
}

struct daemon *daemon_new(const void *ctx, struct host *host, struct log *log,
			  const struct config *config, struct err *err)
{
	struct daemon *d = talloc_zero(ctx, struct daemon);
	struct hash_key key;
	int rc;

	if (!d)
		goto no_memory;
	d->host = host;
	d->log = log;
	if (log) {
		log->clock = host;
		log->now_ms = host_now_ms;
		log->wall_ms = host_wall_ms;
	}
	d->config = *config;
	if (!d->config.event_timeout_ms)
		d->config.event_timeout_ms = EVENT_TIMEOUT_MS;
	if (!d->config.unread_max)
		d->config.unread_max = UNREAD_MAX;
	jobs_init(&d->jobs);
	rc = host_call(host, random, &key, sizeof(key));
	if (rc) {
		err_set(err, rc, "no randomness for the hash tables: %s",
			strerror(rc));
		talloc_free(d);
		return NULL;
	}
	d->store = store_new(d, &key, config->priv_domid);
	if (d->store)
		d->store->jobs = &d->jobs;
	d->domains = domains_new(d);
	control_init(d);
	if (conns_init(d) || !d->store || !d->domains || update_init(d) ||
	    migrate_init(d))
		goto no_memory;
	if (config->limits)
		d->store->limits = *config->limits;
	d->request = ops_request;
	d->death = domains_look;
	d->update_event = update_event;
	d->signal = no_signal;
	d->paths = no_signal;
	return d;
no_memory:
	talloc_free(d);
	err_set(err, ENOMEM, "no memory to start");
	return NULL;
}

void daemon_free(struct daemon *d)
{
	conns_fini(d);
	talloc_free(d);
}

/* "/tool" and "/tool/xenstored", as clients and toolstacks expect them. */
static int make_nodes(struct daemon *d)
{
	struct cred cred = {d->config.priv_domid, PERMS_DOMID_INVALID, true};
	struct node_req req = {.store = d->store};
	struct client me;
	int rc = client_init(&me, d->store, 0, &cred);

	if (rc)
		return rc;
	req.client = &me;
	req.changes = change_list_new(d, d->store);
	if (!req.changes) {
		client_fini(&me, d->store);
		return ENOMEM;
	}
	rc = node_write(&req, "/tool/xenstored", 15, NULL, 0);
	talloc_free(req.changes);
	client_fini(&me, d->store);
	return rc;
}

int daemon_populate(struct daemon *d, struct err *err)
{
	struct domids there = {0};
	int rc = host_call(d->host, evtchn_bind_death, &d->death_port);

	if (rc)
		return err_set(err, rc,
			       "cannot bind VIRQ_DOM_EXC: %s; is another "
			       "xenstored running?",
			       strerror(rc));
	rc = first_look(d, &there);
	if (rc)
		return err_set(err, rc, "cannot list the domains: %s",
			       strerror(rc));
	rc = make_nodes(d);
	if (rc)
		return err_set(err, rc, "no memory for the first nodes");
	rc = domain_introduce_dom0(d);
	if (rc && rc != ENOENT)
		return err_set(err, rc, "cannot map the ring of domain %u: %s",
			       d->config.store_domid, strerror(rc));
	first_introduce(d, &there);
	return 0;
}

void daemon_round(struct daemon *d)
{
	loop_round(d, conns_due(d, update_timeout(d, -1)));
	update_step(d);
}

void daemon_run(struct daemon *d)
{
	while (!d->stop)
		daemon_round(d);
	log_tell_left_out(d->log);
}
