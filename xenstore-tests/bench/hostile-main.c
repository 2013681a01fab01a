/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xshostile: see hostile.h. Run by run-hostile.
 *
 *   xshostile kinds                         prints names and descriptions
 *   xshostile attack DIR SOCKETS KIND N     domains 1 to N of xensim's DIR,
 *                                           until stdin ends
 *   xshostile guest DIR SECONDS PID         the victims
 *   xshostile dom0 SOCKETS SECONDS PID
 *   xshostile ahead CPU CMD...              runs CMD on CPU, ahead of others
 *
 * SOCKETS: the directory of the daemon's sockets.
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const struct kind *const tables[] = {flood_kinds, tree_kinds,
					    socket_kinds};
#define PREPARE_S 12.0 /* for all attackers */
#define TABLES	  (sizeof(tables) / sizeof(tables[0]))

static struct guest *guest[HOSTILE_MOST]; /* NULL behind the last */

void take_others(const struct guest *g)
{
	uint32_t i;

	for (i = 0; i < HOSTILE_MOST && guest[i]; i++)
		if (guest[i] != g)
			(void)take_answers(guest[i]);
}

bool enough(void)
{
	static double begun;

	if (begun <= 0)
		begun = now();
	return now() - begun > PREPARE_S;
}

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
	die("unknown kind: %s", name);
}

static void pause_us(long us)
{
	struct timespec ts = {.tv_nsec = us * 1000};

	nanosleep(&ts, NULL);
}

static void attack_loop(uint32_t n, const struct kind *kind)
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
	char path[PATH_MAX];
	struct guest *g;
	uint32_t i;
	int rc;

	if (n < 1 || n > HOSTILE_MOST)
		die("expected 1 to %u attackers", HOSTILE_MOST);
	(void)prctl(PR_SET_TIMERSLACK, 1ul);
	if (kind->client) {
		snprintf(path, sizeof(path), "%s/%s", sockets,
			 kind->read_only ? "socket_ro" : "socket");
		kind->client(path, n);
		return 0;
	}
	for (i = 0; i < n; i++) {
		g = calloc(1, sizeof(*g));
		if (!g)
			die("out of memory");
		g->domid = i + 1;
		g->n = n;
		g->random = i + 1;
		rc = ring_attach(&g->ring, dir, i + 1);
		if (rc)
			die("domain %u: %s", i + 1, strerror(rc));
		guest[i] = g;
		if (kind->prepare)
			kind->prepare(g);
	}
	printf("ready %u\n", guest[0]->made);
	fflush(stdout);
	attack_loop(n, kind);
	return 0;
}

/* The highest priority of a normal process; nothing is real-time here. */
static int ahead(const char *cpu, char **command)
{
	/*
	 * struct sched_attr; with a short slice it runs soon after it wakes up
	 */
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t slice_ns, deadline, period;
	} attr = {.size = sizeof(attr), .nice = -20, .slice_ns = 100000};
	cpu_set_t set;
	int fd;

	(void)setsid(); /* where the kernel groups by session, a group of its own */
	fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!write(fd, "-20", 3);
		close(fd);
	}
	(void)syscall(SYS_sched_setattr, 0, &attr, 0);
	CPU_ZERO(&set);
	CPU_SET(strtoul(cpu, NULL, 10), &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
	execvp(command[0], command);
	die("%s: %s", command[0], strerror(errno));
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
	if (argc > 3 && !strcmp(what, "ahead"))
		return ahead(argv[2], argv + 3);
	if (argc == 5 && !strcmp(what, "guest"))
		return victim_guest(argv[2], HOSTILE_VICTIM,
				    strtod(argv[3], NULL), argv[4]);
	if (argc == 5 && !strcmp(what, "dom0")) {
		snprintf(path, sizeof(path), "%s/socket", argv[2]);
		return victim_dom0(path, strtod(argv[3], NULL), argv[4]);
	}
	die("usage: see the top of hostile-main.c");
}
