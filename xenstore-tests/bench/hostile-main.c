/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xshostile: see hostile.h.  Run by run-hostile.
 *
 *	xshostile kinds				names and what they do
 *	xshostile attack DIR SOCKETS KIND N	domains 1 to N of xensim's DIR,
 *						until stdin ends
 *	xshostile guest DIR SECONDS		the victims
 *	xshostile dom0 SOCKETS SECONDS
 *
 * SOCKETS: the directory of the daemon's sockets.
 */
#include "hostile.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

static const struct kind *const tables[] = {flood_kinds, tree_kinds,
					    socket_kinds};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

bool at_end(void)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};

	return poll(&in, 1, 0) != 0;
}

static int list_kinds(void)
{
	const struct kind *k;
	size_t i;

	for (i = 0; i < TABLES; i++)
		for (k = tables[i]; k->name; k++)
			printf("%s\t%s\n", k->name, k->what);
	return 0;
}

static const struct kind *find_kind(const char *name)
{
	const struct kind *k;
	size_t i;

	for (i = 0; i < TABLES; i++)
		for (k = tables[i]; k->name; k++)
			if (!strcmp(k->name, name))
				return k;
	die("no kind is called %s", name);
}

static void pause_us(long us)
{
	struct timespec ts = {.tv_nsec = us * 1000};

	nanosleep(&ts, NULL);
}

static void attack_loop(struct guest *const *guest, uint32_t n,
			const struct kind *kind)
{
	uint32_t round, i;
	bool moved;

	for (round = 1;; round++) {
		moved = false;
		for (i = 0; i < n; i++)
			moved |= kind->turn ? kind->turn(guest[i])
					    : guest_turn(guest[i], kind);
		if (!moved)
			pause_us(20);
		if ((!moved || round % 16 == 0) && at_end())
			return;
	}
}

static int attack(const char *dir, const char *sockets, const char *name,
		  uint32_t n)
{
	const struct kind *kind = find_kind(name);
	struct guest *guest[HOSTILE_MOST];
	char path[PATH_MAX];
	uint32_t i;
	int rc;

	if (n < 1 || n > HOSTILE_MOST)
		die("1 to %u attackers", HOSTILE_MOST);
	(void)prctl(PR_SET_TIMERSLACK, 1ul);
	if (kind->client) {
		snprintf(path, sizeof(path), "%s/%s", sockets,
			 kind->read_only ? "socket_ro" : "socket");
		kind->client(path, n);
		return 0;
	}
	for (i = 0; i < n; i++) {
		guest[i] = calloc(1, sizeof(*guest[i]));
		if (!guest[i])
			die("no memory");
		guest[i]->domid = i + 1;
		guest[i]->n = n;
		guest[i]->random = i + 1;
		rc = ring_attach(&guest[i]->ring, dir, i + 1);
		if (rc)
			die("domain %u: %s", i + 1, strerror(rc));
		if (kind->prepare)
			kind->prepare(guest[i]);
	}
	printf("ready %u\n", guest[0]->made);
	fflush(stdout);
	attack_loop(guest, n, kind);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char path[PATH_MAX];

	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && !strcmp(what, "kinds"))
		return list_kinds();
	if (argc == 6 && !strcmp(what, "attack"))
		return attack(argv[2], argv[3], argv[4],
			      (uint32_t)strtoul(argv[5], NULL, 10));
	if (argc == 4 && !strcmp(what, "guest"))
		return victim_guest(argv[2], HOSTILE_VICTIM,
				    strtod(argv[3], NULL));
	if (argc == 4 && !strcmp(what, "dom0")) {
		snprintf(path, sizeof(path), "%s/socket", argv[2]);
		return victim_dom0(path, strtod(argv[3], NULL));
	}
	die("usage: see the top of hostile-main.c");
}
