/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of xs-threads share: how a thread calls the library and how it
 * reports errors. Independent of the daemon.
 */
#ifndef XS_THREADS_H
#define XS_THREADS_H

#include <stdbool.h>
#include <stdint.h>
#include <xenstore.h>

#include "xensim/guest-stats.h"

#define PATH_SIZE 160
#define EVENT_S	  20			/* later an event counts as lost */
#define CONST	  "/tool/threads/const" /* holds 42 */

extern struct guest_stats *stats;
extern const char *base;   /* the parent of all nodes of this process */
extern bool stopping, bad; /* atomic: told to end; a thread found an error */

static inline bool is(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static inline void add(uint64_t *counter, uint64_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* Counts and prints an error; all threads end soon after the first. */
void finding(uint64_t *counter, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Before and after each call; what names it. */
void call_begin(const char *what);
void call_end(void);

/* A library call; returns its value, with errno as the call left it. */
#define CALL(call)                                                             \
	({                                                                     \
		call_begin(#call);                                             \
		__typeof__(call) value_ = (call);                              \
		call_end();                                                    \
		value_;                                                        \
	})

/* A call that must return true. */
#define OK(call)                                                               \
	do {                                                                   \
		if (!CALL(call))                                               \
			finding(&stats->wrong, "%s: %m", #call);               \
	} while (0)

/* A call that must return false or NULL, with this errno. */
#define FAILS(error, call)                                                     \
	do {                                                                   \
		if (CALL(call))                                                \
			finding(&stats->wrong, "%s: no error", #call);         \
		else if (errno != (error))                                     \
			finding(&stats->wrong, "%s: %m, not %s", #call,        \
				#error);                                       \
	} while (0)

/* The path of a node below base; buf has PATH_SIZE bytes. */
const char *at(char *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes a number; reads a node that must hold one (UINT64_MAX: it did not). */
void put(struct xs_handle *xs, xs_transaction_t t, const char *path,
	 uint64_t value);
uint64_t get(struct xs_handle *xs, xs_transaction_t t, const char *path);
void expect(struct xs_handle *xs, xs_transaction_t t, const char *path,
	    uint64_t value);

xs_transaction_t tx_start(struct xs_handle *xs);
/* True if committed, or aborted as requested; EAGAIN is counted, no error. */
bool tx_end(struct xs_handle *xs, xs_transaction_t t, bool abort);

/*
 * The next event of a handle used by one thread only, by poll() and
 * xs_check_watch(); NULL on timeout. The caller frees it.
 */
char **event_next(struct xs_handle *xs);
/* Expects the next event to be this one. */
void event_polled(struct xs_handle *xs, const char *path, const char *token);
/* After a round trip, expects no event. */
void no_event(struct xs_handle *xs, const char *when);

/* ---- xs-threads-shared.c: one handle for many threads ---- */

#define WORKERS 4
#define READERS 3

extern struct xs_handle *shared;
int shared_init(void); /* 0, or -1 with errno */
void *worker(void *number);
void *reader(void *unused);
void shared_quit(void); /* ends the readers, after all workers */
void shared_check(void);

/* ---- xs-threads-own.c: threads with a handle each ---- */

void own_init(void);
void *ping(void *unused);
void *pong(void *unused);
void *hammer(void *unused);
void *filtering(void *unused);
void *short_lived(void *unused);
void *control(void *unused);
void *read_only(void *handle); /* on the read-only socket */

/* ---- xs-threads-domain.c: what a toolstack does with domains ---- */

void *domains(void *domids); /* three unsigned ints */

#endif
