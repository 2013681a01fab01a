/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main: from the command line to a running daemon: picks the host, starts
 * anew or takes over from a predecessor.  The only place that exits.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <talloc.h>
#include <unistd.h>

#include "base/fault.h"
#include "daemon.h"
#include "host/handoff.h"
#include "host/host-posix.h"
#include "host/host-xen.h"
#include "lu/lu-stock.h"
#include "lu/lu.h"
#include "options.h"
#include "trace.h"

#define FILES_WANTED 65536

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

/* A client that watches 1,000 domains needs many; root may just have them. */
static void raise_limits(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim))
		return;
	if (lim.rlim_max < FILES_WANTED) {
		struct rlimit more = {FILES_WANTED, FILES_WANTED};

		if (!setrlimit(RLIMIT_NOFILE, &more))
			return;
	}
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
}

static int write_pid(const char *path, struct err *err)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	int fd, rc;

	if (!path)
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, errno, "pid file %s: %s", path,
			       strerror(errno));
	/* kept open and locked, so that a second daemon does not start */
	if (lockf(fd, F_TLOCK, 0)) {
		close(fd);
		return err_set(err, EEXIST,
			       "pid file %s is locked: another xenstored runs",
			       path);
	}
	rc = ftruncate(fd, 0) || write(fd, text, (size_t)n) != n ? EIO : 0;
	if (rc)
		return err_set(err, rc, "pid file %s cannot be written", path);
	return 0;
}

/* ---- a first start ---- */

/* For those who may look and not change anything. */
static int open_ro_socket(struct daemon *d, const struct options *o,
			  struct err *err)
{
	struct group *gr = NULL;
	char path[512];
	int rc;

	if (o->ro_group) {
		gr = getgrnam(o->ro_group);
		if (!gr)
			return err_set(err, EINVAL,
				       "--ro-group: there is no group %s",
				       o->ro_group);
	}
	snprintf(path, sizeof(path), "%s/socket_ro", posix_rundir());
	rc = posix_listen(path, gr ? 0660 : 0600, gr ? gr->gr_gid : (gid_t)-1,
			  &d->ro_fd, err);
	if (!rc &&
	    host_call(d->host, poll_add, d->ro_fd, HOST_IN, DAEMON_TAG_RO))
		rc = err_set(err, ENOMEM, "%s cannot be polled", path);
	return rc;
}

static int open_sockets(struct daemon *d, const struct options *o,
			struct err *err)
{
	const char *dir = posix_rundir(), *path = getenv("XENSTORED_PATH");
	char rw[512];
	int rc;

	/* whoever may use the read-only socket has to get there: no umask */
	if ((mkdir(dir, 0755) || chmod(dir, 0755)) && errno != EEXIST)
		return err_set(err, errno, "run directory %s: %s", dir,
			       strerror(errno));
	snprintf(rw, sizeof(rw), "%s/socket", dir);
	rc = posix_listen(path && *path ? path : rw, 0600, (gid_t)-1, &d->rw_fd,
			  err);
	if (!rc &&
	    host_call(d->host, poll_add, d->rw_fd, HOST_IN, DAEMON_TAG_RW))
		rc = err_set(err, ENOMEM, "the socket cannot be polled");
	return rc ? rc : open_ro_socket(d, o, err);
}

/*
 * Goes on in a child.  The parent waits for *ret_tell: whoever waits for this
 * process to return finds a daemon that answers and a pid file, or gets an
 * exit code that says that there is none.
 */
static int detach(int *ret_tell, struct err *err)
{
	int fds[2], rc;
	pid_t pid;
	char ok;

	if (pipe2(fds, O_CLOEXEC))
		return err_set(err, errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		rc = errno;
		close(fds[0]);
		close(fds[1]);
		return err_set(err, rc, "fork: %s", strerror(rc));
	}
	if (pid) {
		close(fds[1]);
		_exit(read(fds[0], &ok, 1) == 1 ? 0 : 1);
	}
	close(fds[0]);
	setsid();
	if (chdir("/"))
		perror("xenstored: /");
	*ret_tell = fds[1];
	return 0;
}

/* All is well: lets the parent end, and the terminal go. */
static int detached(struct trace *t, int tell, struct err *err)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "/dev/null: %s", strerror(errno));
	t->console = false;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
	if (write(tell, "", 1) != 1)
		return err_set(err, EPIPE, "the starting process is gone");
	close(tell);
	return 0;
}

/* The state of a daemon that is gone. */
static int from_file(struct daemon *d, const char *path, struct err *err)
{
	struct lu_restored from;
	uint8_t *data;
	size_t len;
	int rc = posix_file_read(d->host, path, d, &data, &len, err);

	if (rc)
		return err_prefix(err, "--restore"), rc;
	rc = lu_restore_file(d, data, len, &from, err);
	talloc_free(data);
	if (rc)
		return err_prefix(err, "--restore %s", path), rc;
	log_line(d->log, LOG_EVENT,
		 "restored %u nodes, %u connections and %u watches from %s",
		 from.counts.nodes, from.counts.conns, from.counts.watches,
		 path);
	return 0;
}

/* tell: of a process that has been detached, or -1. */
static int start(struct daemon *d, const struct options *o, struct trace *t,
		 int tell, struct err *err)
{
	int rc;

	if (o->restore) {
		rc = from_file(d, o->restore, err);
	} else {
		rc = host_xen_start(d->host, err);
		if (!rc)
			rc = daemon_populate(d, err);
	}
	if (!rc)
		rc = open_sockets(d, o, err);
	if (!rc)
		rc = write_pid(o->pid_file, err);
	if (!rc && tell >= 0)
		rc = detached(t, tell, err);
	if (!rc && o->restore)
		lu_resume(d);
	if (!rc)
		posix_notify_ready();
	return rc;
}

/* ---- a successor of a stock daemon ---- */

static int map_state(const char *path, void **ret_data, size_t *ret_len,
		     struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_set(
			err, errno,
			"-U: no predecessor has left a state, neither in "
			"the environment nor as %s (%s); to start anew "
			"leave -U out",
			path, strerror(errno));
	*ret_data = MAP_FAILED;
	if (!fstat(fd, &st) && st.st_size > 0)
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
	char path[512];
	void *data;
	size_t len = 0;
	int rc;

	snprintf(path, sizeof(path), "%s/" STOCK_FILE, posix_rundir());
	rc = map_state(path, &data, &len, err);
	if (rc)
		return rc;
	rc = lu_take_stock(d, data, len, &from, err);
	munmap(data, len);
	if (rc) {
		err_prefix(err, "%s", path);
		return rc;
	}
	unlink(path);
	if (write_pid(o->pid_file, err) || open_ro_socket(d, o, err))
		log_line(d->log, LOG_EVENT, "%s", err->text);
	log_line(d->log, LOG_EVENT,
		 "took over %u nodes, %u connections and %u watches from a "
		 "stock daemon",
		 from.counts.nodes, from.counts.conns, from.counts.watches);
	lu_resume(d);
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
	if (write_pid(o->pid_file, err))
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

static _Noreturn void rehearse(struct daemon *d, const struct handoff *ho)
{
	struct lu_restored from;
	struct err err = {0};
	struct image image;
	int rc = restore(d, ho, &image, &from, &err);
	bool stays;

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

/*
 * Before anything of Xen is opened: mappings of grants do not go along to a
 * child.
 */
static int background(const struct handoff *ho, struct options *o,
		      int *ret_tell, struct err *err)
{
	if (ho->rehearse || ho->update || o->live_update)
		return 0;
	if (o->restore) {
		char *path = realpath(o->restore, NULL); /* for good */

		if (!path)
			return err_set(err, errno, "--restore %s: %s",
				       o->restore, strerror(errno));
		o->restore = path;
	}
	return o->no_fork ? 0 : detach(ret_tell, err);
}

int main(int argc, char **argv)
{
	struct config config = {.binary = argv[0]};
	struct trace trace;
	struct options options;
	struct handoff ho;
	struct err err = {0};
	struct host *host;
	struct daemon *d;
	int rc = handoff_begin(&ho, &err), tell = -1;

	/* one step of an update fails at a time, and the way back never */
	if (ho.rehearse)
		fault_only("rehearsal");
	else if (ho.returned)
		fault_only(ho.guard ? "back" : "none");
	if (ho.returned)
		fault_crash("back");
	if (ho.rehearse || ho.update)
		fault_memory(ho.rehearse ? "rehearsal" : "restore");
	umask(0077);
	if (!rc)
		rc = options_parse(argc, argv, &options, &err);
	if (rc)
		give_up(&ho, &err);
	if (options.help) {
		options_print_help();
		return 0;
	}
	config.priv_domid = (uint16_t)options.priv_domid;
	config.event_timeout_ms = options.event_timeout_ms;
	config.keep_orphans = options.keep_orphans;
	/* a successor has those that were in force */
	if (!ho.update && !ho.rehearse)
		config.limits = &options.limits;
	openlog("xenstored", LOG_PID, LOG_DAEMON);
	raise_limits();
	if (trace_init(&trace, options.trace_file, options.trace_size,
		       options.no_fork, &err))
		give_up(&ho, &err);
	if (!ho.rehearse) /* the trace is of the daemon that serves */
		log_want(&trace.log, options.trace);
	if (background(&ho, &options, &tell, &err))
		fail(&err);
	host = ho.rehearse ? host_null_new(argv, &err)
			   : host_xen_new(argv, &err);
	d = host ? daemon_new(NULL, host, &trace.log, &config, &err) : NULL;
	if (d && ho.rehearse)
		rehearse(d, &ho);
	if (d)
		rc = ho.update ? take_over(d, &ho, &options, &err)
		     : options.live_update
			     ? take_stock(d, &options, &err)
			     : start(d, &options, &trace, tell, &err);
	if (!d || rc)
		give_up(&ho, &err);
	d->signal = on_signal;
	daemon_run(d);
	return 0;
}
