/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-load: a program in dom0 that puts a checked load on the daemon's socket
 * through Debian's libxenstore, and reports counts like a simulated guest
 * (tools/xensim/guest-stats.h). Independent of the daemon. Run by the demo and
 * by the end-to-end tests.
 *
 * libxenstore has one request in flight, so the longest gap is the longest time
 * of a call. A second handle keeps one transaction open.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#include "xensim/guest-stats.h"

#define LOST_US	     30000000u
#define EVENT_MS     20000
#define NAME_MAX_LEN 40

struct load {
	struct xs_handle *xs, *held; /* held: for the open transaction */
	struct guest_stats *stats;
	char base[64];
	unsigned int domid; /* an existing domain, for permissions */
	uint64_t counter, pair, watched, kept, round;
	xs_transaction_t tx; /* on held */
	uint64_t hold_until_us, hold_us;
	uint64_t pause_us; /* between stories */
	bool bad;
};

static volatile sig_atomic_t stopping;
static volatile uint64_t in_flight_us; /* start of the request; 0: none */
static struct guest_stats *watchdog_stats;

static uint64_t time_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

static void add(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static void on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

/* Once a second: has the current request been lost? */
static void on_alarm(int sig)
{
	static const char text[] = "xs-load: a request got no reply\n";
	uint64_t since = in_flight_us;

	(void)sig;
	if (!since || time_us() - since < LOST_US) {
		alarm(1);
		return;
	}
	add(&watchdog_stats->lost, 1);
	memcpy(watchdog_stats->text, text, sizeof(text));
	watchdog_stats->state = GUEST_FAILED;
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

static void finding(struct load *l, uint64_t *counter, const char *what)
{
	int err = errno;

	add(counter, 1);
	fprintf(stderr, "xs-load %s: %s (errno %d)\n", l->base, what, err);
	if (!l->stats->text[0])
		snprintf(l->stats->text, sizeof(l->stats->text), "%s", what);
	l->bad = true;
}

static void begin(struct load *l)
{
	add(&l->stats->sent, 1);
	l->stats->outstanding = 1;
	in_flight_us = time_us();
}

static void end(struct load *l)
{
	int err = errno;
	uint64_t took = time_us() - in_flight_us;

	in_flight_us = 0;
	l->stats->outstanding = 0;
	add(&l->stats->answered, 1);
	add(&l->stats->latency_sum_us, took);
	if (took > l->stats->latency_max_us)
		l->stats->latency_max_us = took;
	if (took > __atomic_load_n(&l->stats->gap_max_us, __ATOMIC_RELAXED))
		__atomic_store_n(&l->stats->gap_max_us, took, __ATOMIC_RELAXED);
	errno = err;
}

/* Counts a library call as one request. */
#define ASK(l, ret, call)                                                      \
	do {                                                                   \
		begin(l);                                                      \
		(ret) = call;                                                  \
		end(l);                                                        \
	} while (0)

static const char *at(struct load *l, const char *leaf)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", l->base, leaf);
	return path;
}

static void put(struct load *l, struct xs_handle *h, xs_transaction_t t,
		const char *leaf, uint64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	bool ok;

	ASK(l, ok, xs_write(h, t, at(l, leaf), text, (unsigned int)n));
	if (!ok)
		finding(l, &l->stats->wrong, "a write failed");
}

/* Expects leaf to hold value. */
static void expect(struct load *l, struct xs_handle *h, xs_transaction_t t,
		   const char *leaf, uint64_t value)
{
	char want[24];
	unsigned int len = 0;
	char *have;

	snprintf(want, sizeof(want), "%llu", (unsigned long long)value);
	ASK(l, have, xs_read(h, t, at(l, leaf), &len));
	if (!have || len != strlen(want) || memcmp(have, want, len) != 0)
		finding(l, &l->stats->wrong,
			have ? "a node has another value" : "a read failed");
	free(have);
}

/* ---- stories ---- */

static void story_counter(struct load *l)
{
	expect(l, l->xs, XBT_NULL, "counter", l->counter);
	put(l, l->xs, XBT_NULL, "counter", ++l->counter);
	expect(l, l->xs, XBT_NULL, "counter", l->counter);
}

/* Returns 0 if the transaction could not be started. */
static xs_transaction_t tx_start(struct load *l, struct xs_handle *h)
{
	xs_transaction_t t;

	ASK(l, t, xs_transaction_start(h));
	if (t == XBT_NULL)
		finding(l, &l->stats->wrong, "cannot start a transaction");
	else
		add(&l->stats->tx_open, 1);
	return t;
}

/* True if committed, or aborted as requested. */
static bool tx_end(struct load *l, struct xs_handle *h, xs_transaction_t t,
		   bool abort)
{
	bool ok;

	ASK(l, ok, xs_transaction_end(h, t, abort));
	add(&l->stats->tx_open, UINT64_MAX); /* one less */
	if (ok && !abort)
		add(&l->stats->tx_committed, 1);
	if (ok)
		return true;
	if (errno == EAGAIN)
		add(&l->stats->tx_again, 1);
	else
		finding(l,
			errno == ENOENT ? &l->stats->tx_lost : &l->stats->wrong,
			"a transaction cannot be ended");
	return false;
}

static void story_transaction(struct load *l)
{
	xs_transaction_t t = tx_start(l, l->xs);
	bool abort = l->round % 3 == 2;

	if (t == XBT_NULL)
		return;
	expect(l, l->xs, t, "a", l->pair);
	put(l, l->xs, t, "a", l->pair + 1);
	put(l, l->xs, t, "b", l->pair + 1);
	expect(l, l->xs, XBT_NULL, "a", l->pair);
	expect(l, l->xs, t, "b", l->pair + 1);
	if (tx_end(l, l->xs, t, abort) && !abort)
		l->pair++;
	expect(l, l->xs, XBT_NULL, "a", l->pair);
	expect(l, l->xs, XBT_NULL, "b", l->pair);
}

/* Expects the next event to be this one. */
static void event(struct load *l, const char *path, const char *token)
{
	uint64_t until = time_us() + EVENT_MS * 1000ull;
	struct pollfd p = {xs_fileno(l->xs), POLLIN, 0};
	char **v = xs_check_watch(l->xs);

	while (!v && time_us() < until && !l->bad) {
		if (poll(&p, 1, 100) < 0 && errno != EINTR)
			break;
		v = xs_check_watch(l->xs);
	}
	if (!v) {
		finding(l, &l->stats->events_lost, "an event did not come");
		return;
	}
	add(&l->stats->events, 1);
	if (strcmp(v[XS_WATCH_PATH], path) || strcmp(v[XS_WATCH_TOKEN], token))
		finding(l, &l->stats->wrong,
			"an event has another path or token");
	free(v);
}

static void no_event(struct load *l)
{
	char **v = xs_check_watch(l->xs);

	if (!v)
		return;
	add(&l->stats->events_surplus, 1);
	finding(l, &l->stats->wrong, "an event too many");
	free(v);
}

/* One watch stays, another is set and removed. */
static void story_watch(struct load *l)
{
	char path[160];
	bool ok;

	snprintf(path, sizeof(path), "%s/watched", l->base);
	put(l, l->xs, XBT_NULL, "watched", ++l->watched);
	event(l, path, "stays");
	ASK(l, ok, xs_watch(l->xs, path, "goes"));
	if (!ok)
		finding(l, &l->stats->wrong, "a watch failed");
	event(l, path, "goes");
	ASK(l, ok, xs_unwatch(l->xs, path, "goes"));
	if (!ok)
		finding(l, &l->stats->wrong, "an unwatch failed");
	put(l, l->xs, XBT_NULL, "watched", ++l->watched);
	event(l, path, "stays");
	no_event(l);
}

static void story_directory(struct load *l)
{
	struct xs_permissions perms[2] = {{0, XS_PERM_NONE},
					  {l->domid, XS_PERM_READ}};
	struct xs_permissions *have;
	unsigned int n = 0;
	char **list;
	bool ok;

	put(l, l->xs, XBT_NULL, "dir/one", l->round);
	put(l, l->xs, XBT_NULL, "dir/two", l->round);
	ASK(l, list, xs_directory(l->xs, XBT_NULL, at(l, "dir"), &n));
	if (!list || n != 2 || strcmp(list[0], "one") || strcmp(list[1], "two"))
		finding(l, &l->stats->wrong, "a listing is another one");
	free(list);
	ASK(l, ok,
	    xs_set_permissions(l->xs, XBT_NULL, at(l, "dir/one"), perms, 2));
	ASK(l, have, xs_get_permissions(l->xs, XBT_NULL, at(l, "dir/one"), &n));
	if (!ok || !have || n != 2 || have[1].id != l->domid ||
	    have[1].perms != XS_PERM_READ)
		finding(l, &l->stats->wrong, "permissions are other ones");
	free(have);
	ASK(l, ok, xs_rm(l->xs, XBT_NULL, at(l, "dir")));
	if (!ok)
		finding(l, &l->stats->wrong, "a removal failed");
	ASK(l, list, xs_directory(l->xs, XBT_NULL, at(l, "dir"), &n));
	if (list || errno != ENOENT)
		finding(l, &l->stats->wrong, "a removed node is there");
	free(list);
}

/* Keeps a transaction open on the other handle for hold_us each time. */
static void story_hold(struct load *l)
{
	if (!l->hold_us)
		return;
	if (l->tx == XBT_NULL) {
		l->tx = tx_start(l, l->held);
		if (l->tx != XBT_NULL)
			put(l, l->held, l->tx, "held", l->kept + 1);
		l->hold_until_us = time_us() + l->hold_us;
		return;
	}
	if (time_us() < l->hold_until_us && !stopping)
		return;
	expect(l, l->xs, XBT_NULL, "held", l->kept);
	expect(l, l->held, l->tx, "held", l->kept + 1);
	if (tx_end(l, l->held, l->tx, false))
		l->kept++;
	l->tx = XBT_NULL;
	expect(l, l->xs, XBT_NULL, "held", l->kept);
}

/* ---- main loop ---- */

static void set_up(struct load *l)
{
	char path[160];
	bool ok;

	put(l, l->xs, XBT_NULL, "counter", 0);
	put(l, l->xs, XBT_NULL, "a", 0);
	put(l, l->xs, XBT_NULL, "b", 0);
	put(l, l->xs, XBT_NULL, "held", 0);
	put(l, l->xs, XBT_NULL, "watched", 0);
	snprintf(path, sizeof(path), "%s/watched", l->base);
	ASK(l, ok, xs_watch(l->xs, path, "stays"));
	if (!ok)
		finding(l, &l->stats->wrong, "a watch failed");
	event(l, path, "stays");
}

static void run(struct load *l)
{
	static void (*const stories[])(struct load *) = {
		story_counter,	 story_transaction, story_watch,
		story_directory, story_counter,
	};
	struct timespec pause = {.tv_nsec = (long)(l->pause_us * 1000)};
	struct pollfd event = {.fd = xs_fileno(l->xs), .events = POLLIN};

	set_up(l);
	l->stats->state = GUEST_RUNNING;
	while (!stopping && !l->bad) {
		stories[l->round % 5](l);
		story_hold(l);
		no_event(l);
		l->round++;
		/* notices an unexpected event at once */
		if (l->pause_us)
			ppoll(&event, 1, &pause, NULL);
	}
	if (l->tx != XBT_NULL && !l->bad)
		story_hold(l);
	l->stats->state = l->bad ? GUEST_FAILED : GUEST_DONE;
}

static struct guest_stats *map_stats(const char *file)
{
	struct guest_stats *stats;
	int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, sizeof(*stats)))
		return NULL;
	stats = mmap(NULL, sizeof(*stats), PROT_READ | PROT_WRITE, MAP_SHARED,
		     fd, 0);
	close(fd);
	return stats == MAP_FAILED ? NULL : stats;
}

static void catch_signals(void)
{
	struct sigaction term = {.sa_handler = on_term};
	struct sigaction alrm = {.sa_handler = on_alarm,
				 .sa_flags = SA_RESTART};

	/* calls of the library must not be interrupted */
	term.sa_flags = SA_RESTART;
	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	sigaction(SIGALRM, &alrm, NULL);
	signal(SIGPIPE, SIG_IGN);
	alarm(1);
}

int main(int argc, char **argv)
{
	struct load l = {.tx = XBT_NULL};

	if (argc < 3 || argc > 6 || strlen(argv[1]) > NAME_MAX_LEN) {
		fprintf(stderr, "usage: xs-load NAME STATS-FILE [HOLD-MS "
				"[PAUSE-US [DOMID]]]\n");
		return 2;
	}
	snprintf(l.base, sizeof(l.base), "/tool/load/%s", argv[1]);
	l.hold_us = argc > 3 ? strtoul(argv[3], NULL, 10) * 1000u : 0;
	l.pause_us = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	l.domid = argc > 5 ? (unsigned int)strtoul(argv[5], NULL, 10) : 1;
	l.stats = map_stats(argv[2]);
	l.xs = xs_open(0);
	l.held = xs_open(0);
	if (!l.stats || !l.xs || !l.held) {
		perror("xs-load");
		return 2;
	}
	watchdog_stats = l.stats;
	l.stats->version = GUEST_STATS_VERSION;
	l.stats->pid = (uint64_t)getpid();
	__atomic_store_n(&l.stats->magic, GUEST_STATS_MAGIC, __ATOMIC_RELEASE);
	catch_signals();
	run(&l);
	xs_close(l.held);
	xs_close(l.xs);
	return l.bad ? 1 : 0;
}
