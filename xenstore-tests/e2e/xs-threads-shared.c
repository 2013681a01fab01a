/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-threads: many threads on one handle. Workers write, read, list and use
 * transactions side by side; readers block in xs_read_watch() and account for
 * each event. A worker writes every node once and so knows its events: one
 * each, also for events still unread when it removes its watch.
 */
#include "xs-threads.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NODES	 8 /* written by a worker in a round, one event each */
#define CHILDREN 300
#define DATA	 3000

static struct work {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int number;
	unsigned int generation; /* of its watch; in the token */
	unsigned int round;
	bool seen[NODES];
	unsigned int nseen;
	unsigned int own, own_expected; /* events of the watched node itself */
	uint64_t pair, committed;
} works[WORKERS];

struct xs_handle *shared;

int shared_init(void)
{
	char path[PATH_SIZE];
	unsigned int i;

	shared = xs_open(0);
	if (!shared)
		return -1;
	OK(xs_write(shared, XBT_NULL, CONST, "42", 2));
	for (i = 0; i < CHILDREN; i++)
		put(shared, XBT_NULL, at(path, "big/child-number-%u", i), i);
	put(shared, XBT_NULL, at(path, "sum"), 0);
	for (i = 0; i < WORKERS; i++) {
		pthread_mutex_init(&works[i].lock, NULL);
		pthread_cond_init(&works[i].changed, NULL);
		works[i].number = i;
		put(shared, XBT_NULL, at(path, "pair/%u-a", i), 0);
		put(shared, XBT_NULL, at(path, "pair/%u-b", i), 0);
	}
	return is(&bad) ? -1 : 0;
}

/* ---- readers ---- */

/* Called with the lock held. rest: the path below the watched one. */
static void account(struct work *w, const char *rest)
{
	unsigned int round, k;
	int used = 0;

	if (!*rest) {
		if (++w->own > w->own_expected)
			finding(&stats->events_surplus, "ev/%u: %u, not %u",
				w->number, w->own, w->own_expected);
		return;
	}
	if (sscanf(rest, "/%u-%u%n", &round, &k, &used) != 2 || rest[used] ||
	    round != w->round || k >= NODES) {
		finding(&stats->events_surplus, "ev/%u%s in round %u",
			w->number, rest, w->round);
		return;
	}
	if (w->seen[k])
		finding(&stats->duplicated, "ev/%u%s", w->number, rest);
	w->seen[k] = true;
	w->nseen++;
}

static void event(const char *path, const char *token)
{
	unsigned int number, generation;
	char want[PATH_SIZE];
	struct work *w;
	size_t len;

	add(&stats->events, 1);
	if (sscanf(token, "ev/%u/%u", &number, &generation) != 2 ||
	    number >= WORKERS) {
		finding(&stats->wrong, "event %s %s", path, token);
		return;
	}
	w = &works[number];
	len = strlen(at(want, "ev/%u", number));
	pthread_mutex_lock(&w->lock);
	if (generation != w->generation)
		finding(&stats->events_surplus, "event %s %s, it is %u", path,
			token, w->generation);
	else if (strncmp(path, want, len))
		finding(&stats->wrong, "event %s %s", path, token);
	else
		account(w, path + len);
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void *reader(void *unused)
{
	for (;;) {
		unsigned int n = 0;
		char **v = xs_read_watch(shared, &n);

		if (!v || n != 2) {
			finding(&stats->events_lost, "xs_read_watch: %u, %m",
				n);
			return unused;
		}
		if (!strcmp(v[XS_WATCH_TOKEN], "quit")) {
			free(v);
			return unused;
		}
		event(v[XS_WATCH_PATH], v[XS_WATCH_TOKEN]);
		free(v);
	}
}

/* A new watch fires: one event for each reader. */
void shared_quit(void)
{
	char path[PATH_SIZE];
	unsigned int i;

	for (i = 0; i < READERS; i++)
		OK(xs_watch(shared, at(path, "quit/%u", i), "quit"));
}

/* ---- workers ---- */

/* Waits until a count has reached its expected value. */
static void wait_for(struct work *w, const unsigned int *number,
		     unsigned int least, const char *what)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += EVENT_S;
	pthread_mutex_lock(&w->lock);
	while (*number < least && !rc && !is(&bad))
		rc = pthread_cond_timedwait(&w->changed, &w->lock, &until);
	if (rc)
		finding(&stats->events_lost, "ev/%u, round %u: %u of %u %s",
			w->number, w->round, *number, least, what);
	pthread_mutex_unlock(&w->lock);
}

static void expect_own(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	w->own_expected++;
	pthread_mutex_unlock(&w->lock);
}

static void set_watch(struct work *w)
{
	char path[PATH_SIZE], token[40];

	pthread_mutex_lock(&w->lock);
	w->generation++;
	pthread_mutex_unlock(&w->lock);
	expect_own(w);
	snprintf(token, sizeof(token), "ev/%u/%u", w->number, w->generation);
	OK(xs_watch(shared, at(path, "ev/%u", w->number), token));
	wait_for(w, &w->own, w->own_expected, "of the node itself");
}

static void unwatch(struct work *w)
{
	char path[PATH_SIZE], token[40];

	snprintf(token, sizeof(token), "ev/%u/%u", w->number, w->generation);
	OK(xs_unwatch(shared, at(path, "ev/%u", w->number), token));
	FAILS(ENOENT, xs_unwatch(shared, path, token));
}

static void write_nodes(struct work *w)
{
	char path[PATH_SIZE];
	unsigned int k;

	pthread_mutex_lock(&w->lock);
	w->round++;
	w->nseen = 0;
	memset(w->seen, 0, sizeof(w->seen));
	pthread_mutex_unlock(&w->lock);
	for (k = 0; k < NODES && !is(&bad); k++) {
		xs_transaction_t t = XBT_NULL;

		at(path, "ev/%u/%u-%u", w->number, w->round, k);
		do {
			if (k == 1)
				t = tx_start(shared);
			put(shared, t, path, k);
		} while (k == 1 && !tx_end(shared, t, false) && !is(&bad));
		expect(shared, XBT_NULL, path, k);
	}
}

/* Every fourth time the watch is removed while events are unread. */
static void story_events(struct work *w)
{
	bool again = w->round % 4 == 3;
	char path[PATH_SIZE];
	unsigned int n = 0;
	char **list;

	write_nodes(w);
	if (again)
		unwatch(w);
	list = CALL(xs_directory(shared, XBT_NULL, at(path, "ev/%u", w->number),
				 &n));
	if (!list || n != NODES)
		finding(&stats->wrong, "%s: %u nodes", path, n);
	free(list);
	wait_for(w, &w->nseen, NODES, "events");
	if (again) {
		OK(xs_write(shared, XBT_NULL,
			    at(path, "ev/%u/unwatched", w->number), "", 0));
		OK(xs_rm(shared, XBT_NULL, at(path, "ev/%u", w->number)));
		set_watch(w);
		return;
	}
	expect_own(w);
	OK(xs_rm(shared, XBT_NULL, path));
	wait_for(w, &w->own, w->own_expected, "of the node itself");
}

/* Two nodes always agree: no client sees only one changed. */
static void story_pair(struct work *w)
{
	xs_transaction_t t = tx_start(shared);
	bool abort = w->round % 3 == 2;
	char a[PATH_SIZE], b[PATH_SIZE];

	at(a, "pair/%u-a", w->number);
	at(b, "pair/%u-b", w->number);
	expect(shared, t, a, w->pair);
	put(shared, t, a, w->pair + 1);
	put(shared, t, b, w->pair + 1);
	expect(shared, XBT_NULL, a, w->pair);
	expect(shared, t, b, w->pair + 1);
	if (tx_end(shared, t, abort) && !abort)
		w->pair++;
	expect(shared, XBT_NULL, a, w->pair);
	expect(shared, XBT_NULL, b, w->pair);
}

/* All workers count in one node, so their transactions conflict. */
static void story_sum(struct work *w)
{
	char path[PATH_SIZE];
	xs_transaction_t t;

	at(path, "sum");
	do {
		t = tx_start(shared);
		put(shared, t, path, get(shared, t, path) + 1);
	} while (!tx_end(shared, t, false) && !is(&bad));
	w->committed++;
}

/* Long replies, each different, which must not reach another thread. */
static void story_data(struct work *w)
{
	char path[PATH_SIZE], data[DATA], *have;
	unsigned int n = 0;
	char **list;

	memset(data, 'a' + (char)((w->round * WORKERS + w->number) % 26),
	       sizeof(data));
	at(path, "data/%u", w->number);
	OK(xs_write(shared, XBT_NULL, path, data, sizeof(data)));
	have = CALL(xs_read(shared, XBT_NULL, path, &n));
	if (!have || n != sizeof(data) || memcmp(have, data, sizeof(data)))
		finding(&stats->wrong, "%s has another value", path);
	free(have);
	if (w->round % 16)
		return;
	list = CALL(xs_directory(shared, XBT_NULL, at(path, "big"), &n));
	if (!list || n != CHILDREN)
		finding(&stats->wrong, "%s: %u children: %m", path, n);
	free(list);
}

static void story_perms(struct work *w)
{
	struct xs_permissions p[2] = {{0, XS_PERM_NONE}, {0, XS_PERM_READ}};
	struct xs_permissions *have;
	char path[PATH_SIZE];
	unsigned int n = 0;

	p[0].perms = w->round % 2 ? XS_PERM_READ : XS_PERM_WRITE;
	at(path, "perms/%u", w->number);
	OK(xs_mkdir(shared, XBT_NULL, path));
	OK(xs_set_permissions(shared, XBT_NULL, path, p, 2));
	have = CALL(xs_get_permissions(shared, XBT_NULL, path, &n));
	if (!have || n != 2 || have[0].perms != p[0].perms ||
	    have[1].perms != p[1].perms)
		finding(&stats->wrong, "%s has other permissions", path);
	free(have);
	FAILS(ENOENT, xs_read(shared, XBT_NULL, at(path, "none"), &n));
	FAILS(ENOENT, xs_directory(shared, XBT_NULL, path, &n));
}

void *worker(void *number)
{
	struct work *w = &works[*(unsigned int *)number];

	set_watch(w);
	while (!is(&stopping)) {
		story_events(w);
		story_pair(w);
		story_sum(w);
		story_data(w);
		story_perms(w);
	}
	if (!is(&bad))
		unwatch(w);
	return NULL;
}

/* After all have ended: the sum of what they counted. */
void shared_check(void)
{
	char path[PATH_SIZE];
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < WORKERS; i++) {
		sum += works[i].committed;
		if (works[i].own != works[i].own_expected)
			finding(&stats->events_lost, "ev/%u: %u, not %u", i,
				works[i].own, works[i].own_expected);
	}
	expect(shared, XBT_NULL, at(path, "sum"), sum);
	OK(xs_rm(shared, XBT_NULL, base));
}
