/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-threads: what a toolstack does with domains. Of three booted ones the
 * first gets a suspend port and the second as its target; the third is released
 * and introduced again and again. Each release and each introduction must be
 * announced once.
 */
#include "xs-threads.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY 9999 /* a domain that does not exist */

static void has_path(struct xs_handle *xs, unsigned int domid)
{
	char want[PATH_SIZE], *have = CALL(xs_get_domain_path(xs, domid));

	snprintf(want, sizeof(want), "/local/domain/%u", domid);
	if (!have || strcmp(have, want))
		finding(&stats->wrong, "path of %u: %s", domid,
			have ? have : strerror(errno));
	free(have);
}

static void introduced(struct xs_handle *xs, unsigned int domid, bool want)
{
	if (CALL(xs_is_domain_introduced(xs, domid)) != want)
		finding(&stats->wrong, "domain %u is %sintroduced", domid,
			want ? "not " : "");
}

/* The library opens a handle of its own to read the port. */
static void suspend_port(struct xs_handle *xs, unsigned int domid,
			 unsigned int port)
{
	char path[PATH_SIZE];
	int have;

	snprintf(path, sizeof(path),
		 "/local/domain/%u/device/suspend/event-channel", domid);
	put(xs, XBT_NULL, path, port);
	have = CALL(xs_suspend_evtchn_port((int)domid));
	if (have != (int)port)
		finding(&stats->wrong, "suspend port: seen %d, expected %u",
			have, port);
	OK(xs_rm(xs, XBT_NULL, path));
	have = CALL(xs_suspend_evtchn_port((int)domid));
	if (have != -1)
		finding(&stats->wrong, "suspend port: seen %d, expected -1",
			have);
}

static void ask(struct xs_handle *xs, const unsigned int *domids,
		unsigned int i)
{
	unsigned int k;

	for (k = 0; k < 3; k++) {
		introduced(xs, domids[k], true);
		has_path(xs, domids[k]);
	}
	introduced(xs, NOBODY, false);
	has_path(xs, NOBODY);
	suspend_port(xs, domids[0], i % 1000 + 1);
	OK(xs_resume_domain(xs, domids[0]));
	OK(xs_set_target(xs, domids[0], domids[1]));
	FAILS(ENOENT, xs_set_target(xs, NOBODY, domids[1]));
	FAILS(ENOENT, xs_resume_domain(xs, NOBODY));
	if (i % 64 == 0) /* the daemon logs it */
		FAILS(EINVAL, xs_introduce_domain(xs, NOBODY, 1, 1));
}

void *domains(void *arg)
{
	const unsigned int *domids = arg, it = domids[2];
	struct xs_handle *xs = CALL(xs_open(0)), *watch = CALL(xs_open(0));
	char path[PATH_SIZE];
	unsigned int gfn, port, i;

	snprintf(path, sizeof(path), "/local/domain/%u/store/ring-ref", it);
	gfn = (unsigned int)get(xs, XBT_NULL, path);
	snprintf(path, sizeof(path), "/local/domain/%u/store/port", it);
	port = (unsigned int)get(xs, XBT_NULL, path);
	OK(xs_watch(watch, "@introduceDomain", "in"));
	event_polled(watch, "@introduceDomain", "in");
	OK(xs_watch(watch, "@releaseDomain", "out"));
	event_polled(watch, "@releaseDomain", "out");
	for (i = 0; !is(&stopping); i++) {
		ask(xs, domids, i);
		OK(xs_release_domain(xs, it));
		event_polled(watch, "@releaseDomain", "out");
		no_event(watch, "released");
		introduced(xs, it, false);
		OK(xs_introduce_domain(xs, it, gfn, port));
		event_polled(watch, "@introduceDomain", "in");
		no_event(watch, "introduced");
		/* as for a restored or rebooted domain: not announced */
		OK(xs_introduce_domain(xs, it, gfn, port));
		no_event(watch, "introduced again");
	}
	xs_close(watch);
	xs_close(xs);
	return NULL;
}
