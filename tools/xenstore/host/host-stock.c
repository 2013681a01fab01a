/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-stock: recognises and execs a stock xenstored; see host-process.h.
 * What only oxenstored needs is in host-ox.c.
 *
 * That daemon expects its state in a file, blocking descriptors that stay open,
 * and -U.  It cannot rehearse; this file only checks that it accepts the
 * arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/elf.h"
#include "host/handoff.h"
#include "host/host-guard.h"
#include "host/host-process.h"

#define BINARY_MAX  (64u << 20)
#define CTRL_MANAGE 21 /* 4.21 is the first that uses libxenmanage */

/* ---- recognising one ---- */

static bool has(const char *p, size_t len, const char *text)
{
	return memmem(p, len, text, strlen(text));
}

/* What it is linked with: "libxenctrl.so.4.17", "libxenmanage.so.1". */
struct linked {
	bool manage, ctrl;
	unsigned int major, minor; /* of ctrl */
};

static void look_at_library(void *arg, const char *name)
{
	static const char manage[] = "libxenmanage.so";
	struct linked *l = arg;

	if (!strncmp(name, manage, sizeof(manage) - 1))
		l->manage = true;
	if (sscanf(name, "libxenctrl.so.%5u.%5u", &l->major, &l->minor) == 2)
		l->ctrl = true;
}

/*
 * By its libraries: libxenctrl's name contains the release, and from 4.21 on it
 * is linked with libxenmanage.  4.22 has two more requests, whose names are in
 * its binary for its log.
 */
static enum host_successor release_of(int fd, const char *p, size_t len)
{
	struct linked l = {0};

	elf_needed(fd, look_at_library, &l);
	if (!l.manage && !l.ctrl)
		return HOST_XEN;
	if (!l.manage && l.major <= 4 && l.minor < CTRL_MANAGE)
		return HOST_XEN_4_15;
	return has(p, len, "GET_QUOTA") ? HOST_XEN_4_22 : HOST_XEN_4_21;
}

int stock_binary_fits(int fd, const char *name, enum host_successor *ret_kind,
		      struct err *err)
{
	bool stock = false, ox;
	struct stat st;
	char *p;

	if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > BINARY_MAX)
		return err_set(err, ENOEXEC, "%s is not an xenstored", name);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set(err, errno, "cannot read %s: %s", name,
			       strerror(errno));
	/* strings in every C xenstored that supports live update */
	stock = has(p, (size_t)st.st_size, "/state_dump") &&
		has(p, (size_t)st.st_size, "live-update") &&
		has(p, (size_t)st.st_size, "TRANSACTION_START");
	ox = ox_binary(fd, p, (size_t)st.st_size);
	if (ox)
		*ret_kind = HOST_OX;
	else if (stock)
		*ret_kind = release_of(fd, p, (size_t)st.st_size);
	munmap(p, (size_t)st.st_size);
	return stock || ox
		       ? 0
		       : err_set(err, ENOEXEC,
				 "%s is not an xenstored that can take over "
				 "from this one",
				 name);
}

/* ---- does it know the arguments? ---- */

/* The real arguments, and the one that only prints a usage. */
void stock_child_run(struct posix *p, struct args *args, int result_fd)
{
	char **last = args->argv;
	struct err err;

	while (*last)
		last++;
	last[0] = (char *)(uintptr_t)(p->kind == HOST_OX ? "--help" : "-H");
	last[1] = NULL;
	if (dup2(result_fd, 1) < 0 || dup2(result_fd, 2) < 0)
		child_say(result_fd, strerror(errno));
	(void)not_run(args->argv[0], run_binary(p, args->argv), &err);
	child_say(result_fd, err.text);
}

int stock_rehearsed(const char *said, struct err *err)
{
	static const char *const bad[] = {"unrecognized option",
					  "invalid option",
					  "requires an argument", "error: "};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strstr(said, bad[i]))
			return err_set(err, EINVAL,
				       "the stock daemon does not accept the "
				       "arguments (%.*s): give others with -c",
				       (int)strcspn(said, "\n"), said);
	if (!strstr(said, "xenstored"))
		return err_set(err, EINVAL,
			       "the stock daemon prints no usage with -H: is "
			       "it an xenstored?");
	return 0;
}

/* ---- the state as a file ---- */

int posix_stock_file(struct host *h, const void *p, size_t len, struct err *err)
{
	bool ox = to_posix(h)->kind == HOST_OX;
	char *path;
	int fd, rc = posix_run_path(ox ? OX_FILE : STOCK_FILE, &path, err);

	if (rc)
		return rc;
	if (p) {
		rc = posix_create(path, 0600, &fd);
		if (!rc) {
			rc = posix_write_close(fd, p, len);
			if (!rc && fault("no-room"))
				rc = ENOSPC;
			if (rc)
				unlink(path);
		}
		if (rc)
			err_set(err, rc, "%s: %s", path, strerror(rc));
	} else {
		rc = unlink(path) ? errno : 0;
	}
	free(path);
	return rc;
}

/* ---- the exec ---- */

static void blocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		(void)fcntl(fd, F_SETFL,
			    on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/* The event channel device and the listening socket, keep[0], block. */
static int hand_over(int evtchn_fd, const int *keep, size_t nkeep, bool on)
{
	int rc = fd_inherit(evtchn_fd, on);
	size_t i;

	blocking(evtchn_fd, on);
	for (i = 0; i < nkeep && !rc; i++) {
		blocking(keep[i], on);
		rc = fd_inherit(keep[i], on);
	}
	return rc;
}

/* A pending signal asks this daemon to end: it must not exec another one. */
static bool is_to_end(void)
{
	sigset_t waiting;
	int sig;

	sigpending(&waiting);
	sigdelset(&waiting, SIGHUP);
	for (sig = 1; sig < SIGRTMIN; sig++)
		if (sigismember(&waiting, sig) == 1)
			return true;
	return false;
}

/*
 * A stock daemon needs all signals unblocked.  A SIGHUP that came in the pause
 * would kill this process then, so it is ignored: the stock daemon opens its log
 * anyway.  If the exec fails, it is sent again.
 */
static int run_stock(struct posix *p, char *const *argv)
{
	sigset_t none, old, waiting;
	int rc;

	if (is_to_end())
		return EINTR;
	sigpending(&waiting);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, &old);
	rc = fault("exec") ? ELIBACC : run_binary(p, argv);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGHUP, SIG_DFL);
	if (sigismember(&waiting, SIGHUP))
		kill(getpid(), SIGHUP);
	return rc;
}

int stock_exec(struct posix *p, const char *binary, const char *args,
	       int evtchn_fd, const int *keep, size_t nkeep,
	       const struct host_back *back, struct err *err)
{
	struct err lost = {0};
	struct guard guard;
	struct args argv;
	size_t i;
	int rc = args_make(p, binary, args, &argv, err);

	if (rc)
		return rc;
	/* descriptors that only ours use are not for a stock daemon */
	for (i = 0; i < back->nkeep; i++)
		(void)fd_inherit(back->keep[i], false);
	(void)fd_inherit(p->epoll_fd, false);
	handoff_hold(true);
	rc = guard_start_stock(p, back, evtchn_fd, &guard, err);
	if (!rc) {
		rc = hand_over(evtchn_fd, keep, nkeep, true);
		if (!rc) {
			fault_pause("exec");
			rc = run_stock(p, argv.argv);
		}
		guard_stop_stock(&guard);
		(void)hand_over(evtchn_fd, keep, nkeep, false);
		rc = not_run(binary, rc, err);
	}
	/* before handoff_hold(): a pending signal may end this process there */
	(void)posix_stock_file(&p->host, NULL, 0, &lost);
	handoff_hold(false);
	free(argv.text);
	return rc;
}
