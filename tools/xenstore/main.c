/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main: from the command line to a running daemon.  Chooses the host and how to
 * begin: as the first daemon (start.c) or as a successor (successor.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/stdfd.h"
#include "daemon.h"
#include "host/handoff.h"
#include "host/host-xen.h"
#include "listening.h"
#include "options.h"
#include "start.h"
#include "successor-beside.h"
#include "successor-ox.h"
#include "successor.h"
#include "trace.h"

static _Noreturn void fail(const struct err *err)
{
	fprintf(stderr, "xenstored: %s\n", err->text);
	syslog(LOG_CRIT, "%s", err->text);
	exit(1);
}

/* In an update: reports the reason, or execs the old binary. */
static _Noreturn void give_up(const struct handoff *ho, const struct err *err)
{
	if (ho->rehearse) {
		handoff_tell(ho, err->text);
		exit(1);
	}
	if (ho->beside)
		beside_refuse(ho->beside, err);
	if (!ho->update && ho->back_fd >= 0)
		syslog(LOG_CRIT, "%s; back to oxenstored", err->text);
	if (ho->update || ho->back_fd >= 0)
		handoff_return(err->text); /* returns if there is no way back */
	fail(err);
}

static void on_signal(struct daemon *d)
{
	trace_reopen(d->log);
}

/* One of ours has left its state, or sends it. */
static bool follows_ours(const struct handoff *ho)
{
	return ho->rehearse || ho->update || ho->beside;
}

static bool begins_anew(const struct options *o, const struct handoff *ho)
{
	return !follows_ours(ho) && !o->live_update && !o->ox_live;
}

/* This process is to be the successor of oxenstored. */
static bool after_ox(const struct options *o, const struct handoff *ho)
{
	return o->ox_live && !follows_ours(ho);
}

/* Returns 0 if it can be; oxenstored sees only whether it is 0. */
static int try_ox(const struct options *o)
{
	struct err err = {0};

	if (!ox_trial(o, &err))
		return 0;
	openlog("xenstored", LOG_PID, LOG_DAEMON);
	err_prefix(&err, "cannot take over from oxenstored");
	fail(&err);
}

/*
 * Without a trace file the daemon still serves: SIGHUP tries again.  Only a path
 * that is too long ends it.
 */
static int begin_log(struct trace *trace, const struct options *o,
		     const struct handoff *ho, struct err *no_log)
{
	bool first = !follows_ours(ho);
	int rc = trace_init(trace, o->trace_file, o->trace_size, o->no_fork,
			    no_log);

	/* a successor takes its predecessor's log file from the image */
	if (rc && first) {
		if (!trace->console)
			fprintf(stderr, "xenstored: %s\n", no_log->text);
		log_line(&trace->log, LOG_EVENT, "%s", no_log->text);
	}
	if (!ho->rehearse && !ho->beside) /* only the serving daemon traces */
		log_want(&trace->log, o->trace);
	start_raise_files(first ? &trace->log : NULL);
	return rc == ENAMETOOLONG ? rc : 0;
}

/* Before the daemon is made.  *ret_tell: as start_background() sets it. */
static int prepare(struct options *o, int *ret_tell, struct err *err)
{
	int rc = host_xen_probe(err);

	return rc ? rc : start_background(o, ret_tell, err);
}

/* For scripts that are about to start or update to this binary. */
static int probe(void)
{
	struct err err = {0};

	if (host_xen_probe(&err)) {
		fprintf(stderr, "xenstored: %s\n", err.text);
		return 1;
	}
	return 0;
}

/* Tests (base/fault.h): faults hit one process of an update at a time. */
static void choose_faults(const struct handoff *ho)
{
	if (ho->rehearse)
		fault_only("rehearsal");
	else if (ho->returned)
		fault_only(ho->guard ? "back" : "none");
	if (ho->returned)
		fault_crash("back");
	if (ho->rehearse || ho->update)
		fault_memory(ho->rehearse ? "rehearsal" : "restore");
	if (ho->beside)
		fault_memory("beside");
}

static struct daemon *new_daemon(const struct options *o,
				 const struct handoff *ho, char **argv,
				 struct log *log, struct err *err)
{
	struct config config = {
		.binary = argv[0],
		.priv_domid = (uint16_t)o->priv_domid,
		.priv_given = o->priv_given,
		.store_domid = (uint16_t)o->store_domid,
		.store_given = o->store_given,
		.event_timeout_ms = o->event_timeout_ms,
		.unread_max = o->client_unread,
		.keep_orphans = o->keep_orphans,
		.pid_file = o->pid_file,
		.trace_file = o->trace_file,
		.no_fork = o->no_fork,
		/* a successor takes the limits in force from the image */
		.limits = follows_ours(ho) ? NULL : &o->limits,
	};
	struct host *host = ho->rehearse ? host_null_new(argv, err)
					 : host_xen_new(argv, err);

	return host ? daemon_new(NULL, host, log, &config, err) : NULL;
}

static int begin(struct daemon *d, struct handoff *ho, const struct options *o,
		 struct trace *trace, const struct err *no_log, int tell,
		 struct err *err)
{
	if (ho->beside) {
		beside_take_over(d, ho->beside, o, no_log);
		return 0;
	}
	if (ho->update)
		return successor_take_over(d, ho, o, err);
	if (o->ox_live)
		return ox_take_over(d, ho, o, err);
	if (o->live_update)
		return successor_take_stock(d, o, err);
	return start_serve(d, o, trace, tell, err);
}

int main(int argc, char **argv)
{
	struct options options;
	struct err err = {0}, no_log = {0};
	struct trace trace;
	struct handoff ho;
	struct daemon *d;
	int std = stdfd_reserve(), tell = -1, rc = handoff_begin(&ho, &err);

	choose_faults(&ho);
	umask(0077);
	if (!rc && std)
		rc = err_set(&err, std, "descriptors 0 to 2: %s",
			     strerror(std));
	if (!rc)
		rc = options_parse(argc, argv, &options, &err);
	if (rc)
		give_up(&ho, &err);
	if (options.print)
		return options_print(&options);
	if (options.probe)
		return probe();
	if (options.ox_trial)
		return try_ox(&options);
	rc = begins_anew(&options, &ho) ? start_check(&options, &err) : 0;
	if (rc == EEXIST) {
		fprintf(stderr, "xenstored: %s\n", err.text);
		return 0; /* nothing has been touched */
	}
	openlog("xenstored", LOG_PID, LOG_DAEMON);
	if (!rc)
		rc = begin_log(&trace, &options, &ho, &no_log);
	if (rc && no_log.code)
		give_up(&ho, &no_log);
	if (!rc && begins_anew(&options, &ho))
		rc = prepare(&options, &tell, &err);
	if (rc)
		give_up(&ho, &err);
	if (after_ox(&options, &ho))
		ox_begin(&ho, &options, argv, &trace.log);
	options_lasting(argv);
	d = new_daemon(&options, &ho, argv, &trace.log, &err);
	if (d && ho.rehearse)
		successor_rehearse(d, &ho, &options, &no_log);
	if (d)
		d->signal = on_signal;
	if (d)
		rc = begin(d, &ho, &options, &trace, &no_log, tell, &err);
	if (!d || rc)
		give_up(&ho, &err);
	if (ho.beside)
		daemon_round(d); /* ends the pause */
	if (!options.no_sockets)
		listening_begin(d, &options, begins_anew(&options, &ho));
	daemon_run(d);
	return 0;
}
