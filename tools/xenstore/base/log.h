/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: lines for the administrator.
 *
 * The creator of a log decides where lines go: main to syslog and the trace
 * file, a test to memory.  LOG_EVENT lines are few and always written.  The
 * others are the trace: they have the stock C daemon's names for switching
 * them, and are only written while there is a trace file.
 *
 * A line has only printable ASCII (escape.h).  Lines that a guest can cause are
 * limited: see log_guest().
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/limiter.h"

#define LOG_EVENT 0x01u /* start, update, domains, errors */
#define LOG_IO	  0x02u /* every request, reply and event */
#define LOG_OBJ	  0x04u /* connections, watches, transactions come and go */
#define LOG_WRL	  0x08u /* domains that wait because of conflicts */
#define LOG_ACC	  0x10u /* a domain's account after each change */
#define LOG_VAL	  0x20u /* no lines: adds values to those of LOG_IO */

#define LOG_DEFAULT (LOG_IO | LOG_OBJ) /* on at a first start */
#define LOG_LINE    8192u	       /* bytes of the longest, with its NUL */

/*
 * The limits: lines that all guests together can cause, that one domain can
 * cause, and lines of the trace, each in a number of ms.  A trace line counts
 * once for each LOG_TRACE_UNIT bytes begun, so that bytes are limited, too.
 */
#define LOG_GUESTS_MOST 60u
#define LOG_DOMAIN_MOST 6u
#define LOG_GUESTS_MS	60000u
#define LOG_TRACE_MOST	100000u
#define LOG_TRACE_MS	1000u
#define LOG_TRACE_UNIT	256u

struct log_switch {
	const char *name;  /* in --trace-control and the log command */
	unsigned int sort; /* 0: the stock daemon's, without effect here */
	const char *meaning;
};

/* All of them; *ret_n is how many. */
const struct log_switch *log_switches(unsigned int *ret_n);
/*
 * Changes *wanted; arg is "on", "off", "+name" or "-name".  LOG_EVENT stays on,
 * and "on" leaves LOG_VAL as it is.  Returns 0 or EINVAL.
 */
int log_switch(unsigned int *wanted, const char *arg);

struct log {
	void (*put)(void *arg, unsigned int sort, const char *line);
	/*
	 * Writes lines to this file, too, from now on (path NULL: opens the
	 * same file again), and sets path.  Returns 0 or an errno.  NULL where
	 * there are no files.  Called by log_set_file() only.
	 */
	int (*set_file)(void *arg, const char *path);
	void *arg;
	unsigned int wanted; /* LOG_ bits that are switched on */
	unsigned int on;     /* LOG_ bits that are written */
	const char *path;    /* the trace file, or NULL */
	/* a monotonic clock and the time of day, in ms; NULL: there is none */
	uint64_t (*now_ms)(void *clock);
	uint64_t (*wall_ms)(void *clock);
	void *clock;
	struct limiter guests;
	struct limiter trace;
	struct limiter told;  /* lines that report trace_holes */
	uint64_t trace_holes; /* trace lines left out and not reported yet */
};

static inline int log_on(const struct log *l, unsigned int sort)
{
	return l && (l->on & sort);
}

/* Switches to these LOG_ bits. */
void log_want(struct log *l, unsigned int wanted);
/* As l->set_file, which must not be NULL. */
int log_set_file(struct log *l, const char *path);
/* Sets what the predecessor had: LOG_ bits, and the trace file ("": none). */
void log_restore(struct log *l, unsigned int wanted, const char *path);

/* Writes a line, if lines of this sort (one LOG_ bit) are on. */
void log_line(struct log *l, unsigned int sort, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same without a format; text is cut at LOG_LINE bytes. */
void log_text(struct log *l, unsigned int sort, const char *text);
/*
 * Writes a LOG_EVENT line that a guest can cause.  own: the domain's limiter,
 * or NULL if the line is about no single domain.  Lines beyond the limits are
 * left out and counted; the next line that is written reports how many.
 */
void log_guest(struct log *l, struct limiter *own, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * The domain and its limiter end: reports its lines that were left out and not
 * reported yet.
 */
void log_domain_ends(struct log *l, struct limiter *own, unsigned int domid);
/* Reports all that was left out so far, before the log ends or moves on. */
void log_tell_left_out(struct log *l);

/* Writes "YYYYMMDD HH:MM:SS.mmm ", local time; "" without a clock. */
void log_stamp(const struct log *l, char *buf, size_t size);

#endif
