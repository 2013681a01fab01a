// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * beside: live updates of the real daemon to itself, loaded beside, one after
 * the other while a story goes on; see live.h. Called by main.c and verbs.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"

#define PATIENCE_US 20000000u

/* Whether the answer to what was sent last has begun to arrive. */
static bool answered(const struct live *l, int timeout_ms)
{
	struct pollfd p = {.fd = l->updater.fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms) > 0;
}

static int ask(struct live *l, const char *words, size_t len)
{
	return link_send(&l->updater, XS_CONTROL, 1, 0, words, (uint32_t)len);
}

static int expect_ok(struct live *l)
{
	struct message m;
	int rc = link_recv(&l->updater, &m);

	if (rc)
		return run_fail(&l->run, "an update is not answered: %s",
				strerror(rc));
	m.body[m.len] = '\0';
	if (strcmp((const char *)m.body, "OK"))
		return run_fail(&l->run, "an update failed: %s",
				(const char *)m.body);
	return 0;
}

static pid_t pid_in_file(const struct live *l)
{
	char path[192];
	long pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/pid", l->side.dir);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return (pid_t)pid;
}

/* The next daemon writes the file when the last one has ended. */
static int find_daemon(struct live *l)
{
	uint64_t until = time_us() + PATIENCE_US;
	pid_t old = l->side.daemon_pid, pid;

	(void)waitpid(old, NULL, 0);
	do {
		pid = pid_in_file(l);
		if (pid > 0 && pid != old) {
			l->side.daemon_pid = pid;
			return 0;
		}
		(void)poll(NULL, 0, 1);
	} while (time_us() < until);
	return run_fail(&l->run, "no other process after an update");
}

static int begin(struct live *l)
{
	char words[300];
	int n = snprintf(words, sizeof(words), "live-update%c-f%c%s", 0, 0,
			 l->program);

	if (ask(l, words, (size_t)n + 1) || expect_ok(l))
		return run_fail(&l->run, "an update cannot be sent");
	n = snprintf(words, sizeof(words), "live-update%c-s%c--beside", 0, 0);
	l->updating = !ask(l, words, (size_t)n + 1);
	return l->updating ? 0 : run_fail(&l->run, "an update cannot be sent");
}

static int finish(struct live *l)
{
	l->updating = false;
	l->n.updates++;
	return expect_ok(l) || find_daemon(l);
}

int live_update(struct live *l)
{
	if (l->mode != LIVE_BESIDE || l->run.hold || l->run.no_updates)
		return 0;
	if (!l->updating)
		return begin(l);
	return answered(l, 0) ? finish(l) : 0;
}

int live_update_end(struct live *l)
{
	if (!l->updating)
		return 0;
	(void)answered(l, PATIENCE_US / 1000);
	return finish(l);
}

const char *live_ended(struct live *l)
{
	return l->mode == LIVE_BESIDE ? NULL : side_ended(&l->side);
}
