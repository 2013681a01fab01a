/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xs-threads: threads with a handle each. Two play ping-pong through watches;
 * one writes all the time while another sets and removes watches on the node;
 * one opens and closes handles; others do what toolstacks do: control commands,
 * the read-only socket, domains.
 */
#include "xs-threads.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct xs_handle *own(unsigned long flags)
{
	struct xs_handle *xs = CALL(xs_open(flags));

	if (!xs)
		finding(&stats->wrong, "xs_open(%lu): %m", flags);
	return xs;
}

/* ---- ping-pong: exactly one event for each write ---- */

#define LAST UINT32_MAX /* after this ping both end */

static pthread_barrier_t both_watch;

void own_init(void)
{
	pthread_barrier_init(&both_watch, NULL, 2);
}

/* Blocks in xs_read_watch(); a surplus event would find the old value. */
void *ping(void *unused)
{
	struct xs_handle *xs = own(0);
	char there[PATH_SIZE], back[PATH_SIZE], **v;
	uint64_t i = 0;
	unsigned int n;

	at(there, "ping");
	at(back, "pong");
	put(xs, XBT_NULL, back, 0);
	OK(xs_watch(xs, back, "pong"));
	event_polled(xs, back, "pong");
	pthread_barrier_wait(&both_watch);
	while (!is(&bad)) {
		i++;
		put(xs, XBT_NULL, there, is(&stopping) ? LAST : i);
		v = xs_read_watch(xs, &n);
		if (!v)
			finding(&stats->events_lost, "pong: %m");
		add(&stats->events, 1);
		free(v);
		if (get(xs, XBT_NULL, back) == LAST)
			break;
		expect(xs, XBT_NULL, back, i);
	}
	no_event(xs, "pong");
	xs_close(xs);
	return unused;
}

/* Uses poll(). */
void *pong(void *unused)
{
	struct xs_handle *xs = own(0);
	char there[PATH_SIZE], back[PATH_SIZE];
	uint64_t i = 0, have;

	at(there, "ping");
	at(back, "pong");
	OK(xs_watch(xs, there, "ping"));
	event_polled(xs, there, "ping");
	pthread_barrier_wait(&both_watch);
	do {
		event_polled(xs, there, "ping");
		have = get(xs, XBT_NULL, there);
		if (have != ++i && have != LAST)
			finding(&stats->wrong, "ping: seen %llu, expected %llu",
				(unsigned long long)have,
				(unsigned long long)i);
		no_event(xs, "ping");
		put(xs, XBT_NULL, back, have);
	} while (have != LAST && !is(&bad));
	xs_close(xs);
	return unused;
}

/* ---- a watch removed while it fires all the time ---- */

#define HOT	8
#define PER_SET 20

static bool cold; /* no thread waits for more events */

void *hammer(void *unused)
{
	struct xs_handle *xs = own(0);
	char path[PATH_SIZE];
	unsigned int i;

	for (i = 0; !is(&cold) && !is(&bad); i++)
		put(xs, XBT_NULL, at(path, "hot/%u", i % HOT), i);
	xs_close(xs);
	return unused;
}

static void event_of(char **v, const char *token)
{
	char path[PATH_SIZE];

	add(&stats->events, 1);
	at(path, "hot");
	if (!xs_path_is_subpath(path, v[XS_WATCH_PATH]) ||
	    strcmp(v[XS_WATCH_TOKEN], token))
		finding(&stats->wrong, "event: seen %s %s, expected %s",
			v[XS_WATCH_PATH], v[XS_WATCH_TOKEN], token);
	free(v);
}

/*
 * Without the filter the library's queue may still hold events. In either case
 * the daemon sends none after its reply to UNWATCH.
 */
static void set_and_unset(struct xs_handle *xs, bool filter, unsigned int i)
{
	char path[PATH_SIZE], token[40], **v;
	unsigned int n;

	at(path, "hot");
	snprintf(token, sizeof(token), "hot %u", i);
	OK(xs_watch(xs, path, token));
	FAILS(EEXIST, xs_watch(xs, path, token));
	for (n = 0; n < PER_SET; n++) {
		v = event_next(xs);
		if (!v) {
			finding(&stats->events_lost, "%s: %m", token);
			return;
		}
		event_of(v, token);
	}
	OK(xs_unwatch(xs, path, token));
	while (!filter && (v = xs_check_watch(xs)))
		event_of(v, token);
	no_event(xs, filter ? "unwatched, filtered" : "unwatched");
}

void *filtering(void *unused)
{
	struct xs_handle *with = own(XS_UNWATCH_FILTER), *without = own(0);
	unsigned int i;

	for (i = 0; !is(&stopping); i++) {
		set_and_unset(with, true, i);
		set_and_unset(without, false, i);
	}
	__atomic_store_n(&cold, true, __ATOMIC_RELEASE);
	xs_close(with);
	xs_close(without);
	return unused;
}

/* ---- handles opened and closed ---- */

void *short_lived(void *unused)
{
	static const unsigned long flags[] = {
		0, XS_OPEN_READONLY, XS_OPEN_SOCKETONLY, XS_UNWATCH_FILTER};
	char path[PATH_SIZE], held[PATH_SIZE];
	struct xs_handle *xs;
	unsigned int i, len;
	xs_transaction_t t;

	at(path, "short");
	at(held, "held");
	for (i = 0; !is(&stopping); i++) {
		xs = own(flags[i % 4]); /* a "read-only" handle may write */
		if (!xs)
			break;
		FAILS(ENOENT, xs_read(xs, XBT_NULL, held, &len));
		OK(xs_watch(xs, path, "short"));
		event_polled(xs, path, "short");
		if (CALL(xs_restrict(xs, 1)))
			finding(&stats->wrong,
				"xs_restrict: expected an error");
		put(xs, XBT_NULL, path, i);
		if (i % 2)
			event_polled(xs, path, "short");
		t = tx_start(xs);
		put(xs, t, held, i);
		add(&stats->tx_open, UINT64_MAX); /* goes with the handle */
		xs_close(xs);
	}
	return unused;
}

/* ---- control commands ---- */

static void control_answers(struct xs_handle *xs, const char *command,
			    const char *arg, const char *text)
{
	unsigned int len = arg ? (unsigned int)strlen(arg) + 1 : 0;
	char *reply = CALL(xs_control_command(xs, command, (void *)arg, len));

	if (!reply || !strstr(reply, text))
		finding(&stats->wrong, "control %s: %s", command,
			reply ? reply : strerror(errno));
	free(reply);
}

/* Slowly, because each command is a line in the daemon's log. */
void *control(void *unused)
{
	struct xs_handle *xs = own(0);

	while (!is(&stopping)) {
		control_answers(xs, "help", NULL, "print");
		control_answers(xs, "print", "xs-threads", "OK");
		FAILS(EINVAL, xs_control_command(xs, "no such", NULL, 0));
		FAILS(EINVAL, xs_debug_command(xs, "no such", NULL, 0));
		(void)poll(NULL, 0, 20);
	}
	xs_close(xs);
	return unused;
}

/* ---- the read-only socket ---- */

void *read_only(void *handle)
{
	struct xs_permissions perm = {0, XS_PERM_READ};
	struct xs_handle *xs = handle;
	char path[PATH_SIZE], text[] = "x";
	xs_transaction_t t;

	at(path, "ro");
	while (!is(&stopping)) {
		expect(xs, XBT_NULL, CONST, 42);
		FAILS(EROFS, xs_write(xs, XBT_NULL, path, "", 0));
		FAILS(EROFS, xs_mkdir(xs, XBT_NULL, path));
		FAILS(EROFS, xs_rm(xs, XBT_NULL, CONST));
		FAILS(EROFS, xs_set_permissions(xs, XBT_NULL, CONST, &perm, 1));
		FAILS(EROFS, xs_introduce_domain(xs, 1, 1, 1));
		FAILS(EROFS, xs_control_command(xs, "print", text, 2));
		OK(xs_watch(xs, path, "ro"));
		event_polled(xs, path, "ro");
		t = tx_start(xs);
		expect(xs, t, CONST, 42);
		tx_end(xs, t, false);
		OK(xs_unwatch(xs, path, "ro"));
		no_event(xs, "ro");
	}
	return NULL;
}
