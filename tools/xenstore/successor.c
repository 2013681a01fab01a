/* SPDX-License-Identifier: GPL-2.0-or-later */
/* successor: see successor.h.  Called by main.c, successor-beside.c and
 * successor-ox.c. */
#include "successor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/host-posix.h"
#include "host/host-xen.h"
#include "start.h"
#include "state/state.h"
#include "stock/take-over.h"
#include "update/update.h"

/*
 * After an image of at least this size, the rehearsal keeps its memory until the
 * update needs it.  Ending it then costs about 0.4 ms: too much for less.
 */
#define STAY_LEAST (4u << 20)

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
			"the environment nor as %s (%s); to start without "
			"one leave -U out",
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

void successor_of_stock(struct daemon *d, const struct options *o,
			const struct state_restored *from, bool ox)
{
	struct err err;

	if (start_pid_file(o->pid_file, &err) ||
	    (!o->no_sockets && start_ro_socket(d, o, &err)))
		log_line(d->log, LOG_EVENT, "%s", err.text);
	log_line(d->log, LOG_EVENT,
		 "took over %u nodes, %u connections and %u watches from %s",
		 from->counts.nodes, from->counts.conns, from->counts.watches,
		 ox ? "oxenstored" : "a stock daemon");
	update_took_stock(d, from, ox);
	state_resume(d);
}

/* On failure the file is left for an investigation: nothing else has it. */
int successor_take_stock(struct daemon *d, const struct options *o,
			 struct err *err)
{
	struct state_restored from;
	size_t len = 0;
	char *path;
	void *data;
	int rc = posix_run_path(STOCK_FILE, &path, err);

	if (rc)
		return rc;
	rc = map_state(path, &data, &len, err);
	if (!rc) {
		rc = stock_take_over(d, data, len, &from, err);
		munmap(data, len);
		if (rc)
			err_prefix(err, "%s", path);
		else
			unlink(path);
	}
	free(path);
	if (rc)
		return rc;
	successor_of_stock(d, o, &from, false);
	/* too late to refuse: the stock daemon has ended */
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
		   struct image *image, struct state_restored *ret,
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
	/* no MAP_POPULATE: mapping each page as it is read is cheaper */
	image->data =
		mmap(NULL, image->len, PROT_READ, MAP_PRIVATE, ho->image_fd, 0);
	if (image->data == MAP_FAILED)
		return err_set(err, errno, "cannot map the image: %s",
			       strerror(errno));
	return state_restore(d, image->data, image->len, ret, err);
}

int successor_take_over(struct daemon *d, struct handoff *ho,
			const struct options *o, struct err *err)
{
	struct state_restored from;
	struct image image;
	int rc = restore(d, ho, &image, &from, err);

	if (rc) {
		err_prefix(err, "the state left by the old xenstored");
		handoff_return(err->text); /* returns if there is no way back */
		return rc;
	}
	fault_memory(NULL);
	fault_only("");
	handoff_done(ho);
	/* settings made at run time outrank the command line */
	if (from.have_log)
		log_restore(d->log, from.log_switches, from.log_path);
	if (start_pid_file(o->pid_file, err))
		log_line(d->log, LOG_EVENT, "%s", err->text);
	if (ho->returned) {
		posix_notify_main_pid(getpid()); /* the guard's pid, perhaps */
		update_returned(d, &from, ho->returned);
	}
	state_resume(d);
	if (!ho->returned)
		update_took_over(d, &from, UPDATE_IN_PLACE);
	posix_release_image(d->host, image.data, image.len, ho->image_fd,
			    ho->guard);
	return 0;
}

/*
 * A trace file that the old daemon used, and that cannot be opened any more, must
 * not prevent updates.  A new one that cannot be opened is a mistake.
 */
int successor_check_log(const struct options *o,
			const struct state_restored *from,
			const struct err *no_log, struct err *err)
{
	if (!no_log->code || !strcmp(o->trace_file, from->log_path))
		return 0;
	return err_set(err, no_log->code, "%s", no_log->text);
}

_Noreturn void successor_rehearse(struct daemon *d, const struct handoff *ho,
				  const struct options *o,
				  const struct err *no_log)
{
	struct state_restored from;
	struct err err = {0};
	struct image image;
	bool stays;
	int rc;

	handoff_step(ho, "asking the hypervisor");
	rc = host_xen_probe(&err);
	if (!rc)
		rc = restore(d, ho, &image, &from, &err);
	if (!rc)
		rc = successor_check_log(o, &from, no_log, &err);
	fault_memory(NULL);
	fault_pause("rehearsal");
	fault_crash("rehearsal");
	if (!rc && fault("rehearsal-refuses"))
		rc = err_set(&err, EINVAL, "made to refuse");
	if (!rc) {
		handoff_step(ho, "checking the store that was restored");
		rc = state_check(d, &err);
	}
	stays = !rc && image.len >= STAY_LEAST;
	if (stays)
		munmap(image.data, image.len); /* not later, in the pause */
	handoff_tell(ho, rc ? err.text : NULL);
	if (stays)
		handoff_stay(ho);
	_exit(rc ? 1 : 0);
}
