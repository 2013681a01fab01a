/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-ox: recognises oxenstored and tries its arguments; see host-process.h.
 * Called by host-args.c, host-binary.c, host-rehearse.c, host-stock.c and
 * from-ox.c.
 *
 * oxenstored reads its state from a dump in its run directory, with --live
 * --restart, and does not fork then.  Its own live update first runs the new
 * binary with --help, which must exit with 0; so does this one.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/elf.h"
#include "host/host-process.h"

#define OX_RUNDIR "/var/run/xenstored" /* compiled into it */

/* ---- recognising it ---- */

static void look_for_evtchn(void *arg, const char *name)
{
	static const char lib[] = "libxenevtchn.so";

	if (!strncmp(name, lib, sizeof(lib) - 1))
		*(bool *)arg = true;
}

/* Its format's first line and an option; xs-image has the first, too. */
bool ox_binary(int fd, const char *p, size_t len)
{
	static const char *const texts[] = {"$xenstored-dump-format",
					    "--reraise-top-level", "--live",
					    "live-update"};
	bool evtchn = false;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!memmem(p, len, texts[i], strlen(texts[i])))
			return false;
	elf_needed(fd, look_for_evtchn, &evtchn);
	return evtchn;
}

int ox_rundir_fits(struct err *err)
{
	struct stat its, ours;

	if (!stat(OX_RUNDIR, &its) && !stat(posix_rundir(), &ours) &&
	    its.st_dev == ours.st_dev && its.st_ino == ours.st_ino)
		return 0;
	return err_set(err, EXDEV,
		       "oxenstored uses %s and nothing else, but this daemon's "
		       "run directory is %s",
		       OX_RUNDIR, posix_rundir());
}

/* ---- its arguments ---- */

size_t ox_args(const char **argv)
{
	argv[0] = "--live";
	argv[1] = "--restart";
	return 2;
}

/* Its exit status, without waiting for one that does not end. */
static bool exited_with_0(struct posix *p)
{
	const struct timespec a_while = {0, 10000000};
	int status, i;

	for (i = 0; i < 100; i++) {
		if (waitpid(p->child, &status, WNOHANG) == p->child) {
			p->child = 0;
			return WIFEXITED(status) && !WEXITSTATUS(status);
		}
		nanosleep(&a_while, NULL);
	}
	return false;
}

int ox_rehearsed(struct posix *p, struct err *err)
{
	int line = (int)strcspn(p->said, "\n");

	if (exited_with_0(p))
		return 0;
	if (strstr(p->said, "setrlimit"))
		return err_set(
			err, EPERM,
			"oxenstored cannot raise its limit of open files "
			"to fs.nr_open (%.*s): it needs CAP_SYS_RESOURCE "
			"or that hard limit",
			line, p->said);
	return err_set(err, EINVAL,
		       "oxenstored does not accept the arguments (%.*s): give "
		       "others with -c",
		       line, p->said);
}
