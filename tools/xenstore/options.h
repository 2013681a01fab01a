/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options: the command line, as one table.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/quota.h"

struct options;

struct option_desc {
	const char *name;
	char letter;	     /* 0: none */
	const char *arg;     /* NULL: takes none */
	const char *meaning; /* NULL: accepted, of no effect, not shown */
	int (*set)(struct options *o, const char *arg, struct err *err);
};

struct options {
	enum {
		PRINT_NOTHING,
		PRINT_HELP,
		PRINT_VERSION
	} print; /* instead of starting: options_print() */
	bool no_fork;
	bool live_update; /* -U: a predecessor left us an image */
	const char *pid_file;
	const char *trace_file;
	const char *restore;  /* an image to begin from */
	unsigned int trace;   /* LOG_ bits, after all --trace-control */
	uint64_t trace_size;  /* bytes of that file; 0: no limit */
	const char *ro_group; /* may use the read-only socket */
	uint32_t priv_domid;
	uint32_t event_timeout_ms; /* as in struct config */
	uint64_t client_unread;	   /* the same: unread_max */
	bool keep_orphans;
	struct limits limits;
};

/*
 * Reads argv into ret.  What the stock daemon accepts is accepted; an option
 * of no use any more is taken without a word to old XENSTORED_ARGS.  Returns
 * 0, or EINVAL with err saying which argument and what is allowed.
 */
int __must_check options_parse(int argc, char **argv, struct options *ret,
			       struct err *err);
/*
 * What o->print asks for, on standard output.  Returns the exit code: 1 if not
 * all of it could be written.
 */
int options_print(const struct options *o);
/* The table, for documentation. */
const struct option_desc *options_table(size_t *ret_n);

#endif
