/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: lines for the administrator.
 *
 * Where they go is the business of whoever made the log (main: syslog and the
 * trace file; a test: memory).  LOG_EVENT lines are few and always written;
 * the others, which make a trace, are switched by the names of the stock
 * daemon and only written while there is a file for them.
 *
 * No line leaves with a byte that is not printable ASCII (escape.h).  Lines
 * that a guest can cause are counted: see log_guest().
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/limiter.h"

#define LOG_EVENT 0x01u /* start, update, domains, errors */
#define LOG_IO	  0x02u /* every request, answer and event */
#define LOG_OBJ	  0x04u /* connections, watches, transactions come and go */
#define LOG_WRL	  0x08u /* who owes what for disturbing transactions */
#define LOG_ACC	  0x10u /* what a request changed of its domain's account */
#define LOG_VAL	  0x20u /* values in LOG_IO's lines; has none of its own */

#define LOG_DEFAULT (LOG_IO | LOG_OBJ) /* switched on at a start */
#define LOG_LINE    8192u	       /* bytes of the longest, with its NUL */

/*
 * Lines in all that guests can cause, those of one domain, and those of a
 * trace, each in so many ms.  A trace line counts once for each LOG_TRACE_UNIT
 * bytes begun, so a trace is bounded in bytes, too.
 */
#define LOG_GUESTS_MOST 60u
#define LOG_DOMAIN_MOST 6u
#define LOG_GUESTS_MS	60000u
#define LOG_TRACE_MOST	100000u
#define LOG_TRACE_MS	1000u
#define LOG_TRACE_UNIT	256u

struct log_switch {
	const char *name;  /* as --trace-control and the log command know it */
	unsigned int sort; /* 0: of the stock daemon, without meaning here */
	const char *meaning;
};

/* All of them; *ret_n is how many. */
const struct log_switch *log_switches(unsigned int *ret_n);
/*
 * Sets *wanted as "on", "off", "+name" or "-name" say; LOG_EVENT stays, and
 * "on" leaves LOG_VAL as it is.  Returns 0 or EINVAL.
 */
int log_switch(unsigned int *wanted, const char *arg);

struct log {
	void (*put)(void *arg, unsigned int sort, const char *line);
	/*
	 * Lines go to this file, too, from now on (path NULL: to the same one,
	 * opened again).  Sets path.  Returns 0 or an errno; NULL: there are no
	 * files here.  Call log_set_file().
	 */
	int (*set_file)(void *arg, const char *path);
	void *arg;
	unsigned int wanted; /* LOG_ bits that are switched on */
	unsigned int on;     /* those of them that are written */
	const char *path;    /* of that file; NULL: there is none */
	/* a clock that only goes forward, and the time of day; NULL: none */
	uint64_t (*now_ms)(void *clock);
	uint64_t (*wall_ms)(void *clock);
	void *clock;
	struct limiter guests;
	struct limiter trace;
	struct limiter told;  /* lines of the next one */
	uint64_t trace_holes; /* trace lines left out that nobody was told of */
};

static inline int log_on(const struct log *l, unsigned int sort)
{
	return l && (l->on & sort);
}

/* Switches to these LOG_ bits. */
void log_want(struct log *l, unsigned int wanted);
/* As l->set_file, which must be there. */
int log_set_file(struct log *l, const char *path);
/* What was set in a predecessor: LOG_ bits, and the file ("": none). */
void log_restore(struct log *l, unsigned int wanted, const char *path);

void log_line(struct log *l, unsigned int sort, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for text that is there already, at most LOG_LINE. */
void log_text(struct log *l, unsigned int sort, const char *text);
/*
 * A LOG_EVENT line that a guest can cause.  own: the domain's; NULL: of none in
 * particular.  What is too much is left out, counted, and told of with the next
 * line that is not.
 */
void log_guest(struct log *l, struct limiter *own, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * The domain goes, and with it own: tells how many of its lines were left out
 * that nobody was told of.
 */
void log_domain_ends(struct log *l, struct limiter *own, unsigned int domid);
/* Tells of what was left out up to now: the log ends, or another goes on. */
void log_tell_left_out(struct log *l);

/* "YYYYMMDD HH:MM:SS.mmm ", local time; "" without a clock. */
void log_stamp(const struct log *l, char *buf, size_t size);

#endif
