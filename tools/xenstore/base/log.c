/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log: see log.h.  Called from every room above the pure ones. */
#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"

#define TEXT 1024u /* bytes of a formatted line */

static const struct limit guests_limit = {LOG_GUESTS_MOST, LOG_GUESTS_MS};
static const struct limit domain_limit = {LOG_DOMAIN_MOST, LOG_GUESTS_MS};
static const struct limit trace_limit = {LOG_TRACE_MOST, LOG_TRACE_MS};
static const struct limit told_limit = {1, LOG_GUESTS_MS};

void log_want(struct log *l, unsigned int wanted)
{
	l->wanted = wanted | LOG_EVENT;
	l->on = l->path ? l->wanted : LOG_EVENT;
}

int log_set_file(struct log *l, const char *path)
{
	int rc = l->set_file(l->arg, path);

	log_want(l, l->wanted);
	return rc;
}

void log_restore(struct log *l, unsigned int wanted, const char *path)
{
	int rc = *path ? log_set_file(l, path) : 0;

	log_want(l, wanted);
	if (rc)
		log_line(l, LOG_EVENT, "trace file %s: %s", path, strerror(rc));
}

static uint64_t now_ms(const struct log *l)
{
	return l->now_ms ? l->now_ms(l->clock) : 0;
}

static void put(struct log *l, unsigned int sort, const char *text)
{
	char line[LOG_LINE];

	escape(line, sizeof(line), text, strlen(text), ESCAPE_LINE);
	l->put(l->arg, sort, line);
}

static void tell_holes(struct log *l)
{
	if (l->trace_holes)
		log_line(l, LOG_EVENT,
			 "trace: left out %" PRIu64
			 " lines (at most %u a second)",
			 l->trace_holes, LOG_TRACE_MOST);
	l->trace_holes = 0;
}

static void tell_guests(struct log *l)
{
	uint32_t n = limiter_left_out(&l->guests);

	if (n)
		log_line(l, LOG_EVENT,
			 "log: left out %u lines caused by guests (at most %u "
			 "a minute)",
			 n, LOG_GUESTS_MOST);
}

void log_tell_left_out(struct log *l)
{
	if (!l)
		return;
	l->trace_holes += limiter_left_out(&l->trace);
	tell_holes(l);
	tell_guests(l);
}

/* Marks each hole in the trace itself; a LOG_EVENT line sums them up. */
static bool trace_pass(struct log *l, size_t len)
{
	uint32_t n = 1 + (uint32_t)(len / LOG_TRACE_UNIT);
	uint64_t now = now_ms(l);
	char text[64];

	if (!limiter_pass(&l->trace, &trace_limit, now, n))
		return false;
	n = limiter_left_out(&l->trace);
	if (!n)
		return true;
	snprintf(text, sizeof(text), "left out %u lines here", n);
	put(l, LOG_IO, text);
	l->trace_holes += n;
	if (limiter_pass(&l->told, &told_limit, now, 1))
		tell_holes(l);
	return true;
}

void log_text(struct log *l, unsigned int sort, const char *text)
{
	if (log_on(l, sort) &&
	    ((sort & LOG_EVENT) || trace_pass(l, strlen(text))))
		put(l, sort, text);
}

void log_line(struct log *l, unsigned int sort, const char *fmt, ...)
{
	char text[TEXT];
	va_list ap;

	if (!log_on(l, sort))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_text(l, sort, text);
}

void log_guest(struct log *l, struct limiter *own, const char *fmt, ...)
{
	uint64_t now = l ? now_ms(l) : 0;
	char text[TEXT];
	uint32_t more;
	va_list ap;
	size_t n;

	if (!l || (own && !limiter_pass(own, &domain_limit, now, 1)) ||
	    !limiter_pass(&l->guests, &guests_limit, now, 1))
		return;
	tell_guests(l);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = strlen(text);
	more = own ? limiter_left_out(own) : 0;
	if (more)
		snprintf(text + n, sizeof(text) - n,
			 "; before this, left out %u lines about the domain "
			 "(at most %u a minute)",
			 more, LOG_DOMAIN_MOST);
	put(l, LOG_EVENT, text);
}

void log_domain_ends(struct log *l, struct limiter *own, unsigned int domid)
{
	uint32_t n = limiter_left_out(own);

	if (n)
		log_guest(l, NULL,
			  "domain %u: left out %u lines about it (at most %u a "
			  "minute)",
			  domid, n, LOG_DOMAIN_MOST);
}

void log_stamp(const struct log *l, char *buf, size_t size)
{
	uint64_t ms = l->wall_ms ? l->wall_ms(l->clock) : 0;
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	buf[0] = '\0';
	if (!ms || !localtime_r(&seconds, &tm))
		return;
	n = strftime(buf, size, "%Y%m%d %T", &tm);
	snprintf(buf + n, size - n, ".%03u ", (unsigned int)(ms % 1000));
}
