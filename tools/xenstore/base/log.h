/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log: lines for the administrator.
 *
 * Where they go is the business of whoever made the log (main: syslog and the
 * trace file; a test: memory).  LOG_EVENT lines are few and always written;
 * the others are switched, by the names of the stock daemon.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#define LOG_EVENT 0x01u /* start, update, domains, errors */
#define LOG_IO	  0x02u /* every request and answer */
#define LOG_OBJ	  0x04u /* connections, watches, transactions come and go */
#define LOG_WRL	  0x08u /* who owes what for disturbing transactions */
#define LOG_ACC	  0x10u /* what a request changed of its domain's account */

struct log_switch {
	const char *name;  /* as --trace-control and the log command know it */
	unsigned int sort; /* 0: of the stock daemon, without meaning here */
	const char *meaning;
};

/* All of them; *ret_n is how many. */
const struct log_switch *log_switches(unsigned int *ret_n);
/*
 * Sets *on as "on", "off", "+name" or "-name" say; LOG_EVENT stays.  Returns
 * 0 or EINVAL.
 */
int log_switch(unsigned int *on, const char *arg);

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
