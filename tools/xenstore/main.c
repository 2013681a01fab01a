/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main: from the command line to a running daemon: picks the host, starts
 * anew (start.c) or takes over from a predecessor.  The only place that exits,
 * but for the parent of a daemon that goes to the background.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/stdfd.h"
#include "daemon.h"
#include "host/handoff.h"
#include "host/host-posix.h"
#include "host/host-xen.h"
#include "lu/lu-stock.h"
#include "lu/lu.h"
#include "options.h"
#include "start.h"
#include "trace.h"

/*
 * A rehearsal that took so large an image keeps its memory until the update
 * needs it.  To end it then costs some 0.4 ms, more than little memory does.
 */
#define STAY_LEAST (4u << 20)

static _Noreturn void fail(const struct err *err)
{
	fprintf(stderr, "xenstored: %s\n", err->text);
	syslog(LOG_CRIT, "%s", err->text);
	exit(1);
}

/* In an update there is somebody to tell, and a binary to go back to. */
static _Noreturn void give_up(const struct handoff *ho, const struct err *err)
{
	if (ho->rehearse) {
		handoff_tell(ho, err->text);
		exit(1);
	}
	if (ho->update)
		handoff_return(err->text); /* comes back if there is no way */
	fail(err);
}

/* ---- a successor of a stock daemon ---- */

static int map_state(const char *path, void **ret_data, size_t *ret_len,
		     struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_set(
			err, errno,
			"-U: no predecessor has left a state, neither in "
			"the environment nor as %s (%s); to start anew "
			"leave -U out",
			path, strerror(errno));
	*ret_data = MAP_FAILED;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		*ret_data = mmap(NULL, (size_t)st.st_size, PROT_READ,
				 MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (*ret_data == MAP_FAILED)
		return err_set(err, EINVAL, "%s: empty, or cannot be mapped",
			       path);
	*ret_len = (size_t)st.st_size;
	return 0;
}

/*
 * The state and the descriptors are ours or nobody's: a failure here leaves
 * the file for whoever looks into it.
 */
static int take_stock(struct daemon *d, const struct options *o,
		      struct err *err)
{
	struct lu_restored from;
	size_t len = 0;
	char *path;
	void *data;
	int rc = posix_run_path(STOCK_FILE, &path, err);

	if (rc)
		return rc;
	rc = map_state(path, &data, &len, err);
	if (!rc) {
		rc = lu_take_stock(d, data, len, &from, err);
		munmap(data, len);
		if (rc)
			err_prefix(err, "%s", path);
		else
			unlink(path);
	}
	free(path);
	if (rc)
		return rc;
	if (start_pid_file(o->pid_file, err) || start_ro_socket(d, o, err))
		log_line(d->log, LOG_EVENT, "%s", err->text);
	log_line(d->log, LOG_EVENT,
		 "took over %u nodes, %u connections and %u watches from a "
		 "stock daemon",
		 from.counts.nodes, from.counts.conns, from.counts.watches);
	lu_resume(d);
	/* too late to refuse: served badly is better than not at all */
	if (host_xen_probe(err))
		log_line(d->log, LOG_EVENT, "%s", err->text);
	return 0;
}

/* ---- a successor ---- */

struct image {
	void *data;
	size_t len;
};

static int restore(struct daemon *d, const struct handoff *ho,
		   struct image *image, struct lu_restored *ret,
		   struct err *err)
{
	struct stat st;
	char step[64];

	if (fstat(ho->image_fd, &st) || !st.st_size)
		return err_set(err, EINVAL, "descriptor %d holds no image",
			       ho->image_fd);
	image->len = (size_t)st.st_size;
	snprintf(step, sizeof(step), "restoring an image of %zu bytes",
		 image->len);
	handoff_step(ho, step);
	/* in memory already, and cheaper to map piece by piece as it is read */
	image->data =
		mmap(NULL, image->len, PROT_READ, MAP_PRIVATE, ho->image_fd, 0);
	if (image->data == MAP_FAILED)
		return err_set(err, errno, "the image cannot be mapped: %s",
			       strerror(errno));
	return lu_restore(d, image->data, image->len, ret, err);
}

static int take_over(struct daemon *d, struct handoff *ho,
		     const struct options *o, struct err *err)
{
	struct lu_restored from;
	struct image image;
	int rc = restore(d, ho, &image, &from, err);

	if (rc) {
		err_prefix(err, "the state left by the old xenstored");
		handoff_return(err->text); /* comes back if there is no way */
		return rc;
	}
	fault_memory(NULL);
	fault_only("");
	handoff_done(ho);
	/* what was set at run time, whatever the command line says */
	if (from.have_log)
		log_restore(d->log, from.log_switches, from.log_path);
	if (start_pid_file(o->pid_file, err))
		log_line(d->log, LOG_EVENT, "%s", err->text);
	if (ho->returned) {
		posix_notify_main_pid(); /* it may be another process now */
		lu_returned(d, &from, ho->returned);
	}
	lu_resume(d);
	if (!ho->returned)
		lu_took_over(d, &from);
	posix_release_image(d->host, image.data, image.len, ho->image_fd,
			    ho->guard);
	return 0;
}

/*
 * A log that the daemon has lost keeps nobody from an update; one that is new
 * to it and cannot be opened is a mistake.
 */
static int check_log(const struct options *o, const struct lu_restored *from,
		     const struct err *no_log, struct err *err)
{
	if (!no_log->code || !strcmp(o->trace_file, from->log_path))
		return 0;
	return err_set(err, no_log->code, "%s", no_log->text);
}

/* no_log: why there is no trace file, or nothing. */
static _Noreturn void rehearse(struct daemon *d, const struct handoff *ho,
			       const struct options *o,
			       const struct err *no_log)
{
	struct lu_restored from;
	struct err err = {0};
	struct image image;
	bool stays;
	int rc;

	handoff_step(ho, "asking the hypervisor");
	rc = host_xen_probe(&err);
	if (!rc)
		rc = restore(d, ho, &image, &from, &err);
	if (!rc)
		rc = check_log(o, &from, no_log, &err);
	fault_memory(NULL);
	fault_pause("rehearsal");
	fault_crash("rehearsal");
	if (!rc && fault("rehearsal-refuses"))
		rc = err_set(&err, EINVAL, "made to refuse");
	if (!rc) {
		handoff_step(ho, "checking the store that was restored");
		rc = lu_check_restored(d, &err);
	}
	stays = !rc && image.len >= STAY_LEAST;
	if (stays)
		munmap(image.data, image.len); /* not when somebody waits */
	handoff_tell(ho, rc ? err.text : NULL);
	if (stays)
		handoff_stay(ho);
	_exit(rc ? 1 : 0);
}

static void on_signal(struct daemon *d)
{
	trace_reopen(d->log);
}

static bool begins_anew(const struct options *o, const struct handoff *ho)
{
	return !ho->rehearse && !ho->update && !o->live_update;
}

/*
 * Clients are worth more than a log: it is tried again at each SIGHUP, unless
 * its path can never be.
 */
static int begin_log(struct trace *trace, const struct options *o,
		     const struct handoff *ho, struct err *no_log)
{
	bool first = !ho->rehearse && !ho->update;
	int rc = trace_init(trace, o->trace_file, o->trace_size, o->no_fork,
			    no_log);

	/* a successor is about to be told where its predecessor logged */
	if (rc && first) {
		if (!trace->console)
			fprintf(stderr, "xenstored: %s\n", no_log->text);
		log_line(&trace->log, LOG_EVENT, "%s", no_log->text);
	}
	if (!ho->rehearse) /* the trace is of the daemon that serves */
		log_want(&trace->log, o->trace);
	start_raise_files(first ? &trace->log : NULL);
	return rc == ENAMETOOLONG ? rc : 0;
}

/* Before there is a daemon of its own; tell as start_background() has it. */
static int prepare(struct options *o, int *ret_tell, struct err *err)
{
	int rc = host_xen_probe(err);

	return rc ? rc : start_background(o, ret_tell, err);
}

/* One step of an update is made to fail at a time, and the way back never. */
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
}

static struct daemon *new_daemon(const struct options *o,
				 const struct handoff *ho, char **argv,
				 struct log *log, struct err *err)
{
	struct config config = {
		.binary = argv[0],
		.priv_domid = (uint16_t)o->priv_domid,
		.event_timeout_ms = o->event_timeout_ms,
		.unread_max = o->client_unread,
		.keep_orphans = o->keep_orphans,
		/* a successor has those that were in force */
		.limits = ho->update || ho->rehearse ? NULL : &o->limits,
	};
	struct host *host = ho->rehearse ? host_null_new(argv, err)
					 : host_xen_new(argv, err);

	return host ? daemon_new(NULL, host, log, &config, err) : NULL;
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
	d = new_daemon(&options, &ho, argv, &trace.log, &err);
	if (d && ho.rehearse)
		rehearse(d, &ho, &options, &no_log);
	if (d)
		rc = ho.update ? take_over(d, &ho, &options, &err)
		     : options.live_update
			     ? take_stock(d, &options, &err)
			     : start_serve(d, &options, &trace, tell, &err);
	if (!d || rc)
		give_up(&ho, &err);
	d->signal = on_signal;
	daemon_run(d);
	return 0;
}
