/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: lines for the administrator.
 *
 * Where they go is the business of whoever made the log (main: syslog and the
 * trace file; a test: memory).  LOG_EVENT lines are few and always written;
 * the others are switched.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#define LOG_EVENT 0x01u /* start, update, domains, errors */
#define LOG_IO	  0x02u /* every request and answer */

struct log {
	void (*put)(void *arg, unsigned int sort, const char *line);
	/*
	 * Lines go to this file, too, from now on (path NULL: to the same one,
	 * opened again).  Returns 0 or an errno; NULL: there are no files here.
	 */
	int (*set_file)(void *arg, const char *path);
	void *arg;
	unsigned int on;  /* LOG_ bits */
	const char *path; /* of that file; NULL: there is none */
};

static inline int log_on(const struct log *l, unsigned int sort)
{
	return l && (l->on & sort);
}

void log_line(const struct log *l, unsigned int sort, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
