/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options: the daemon's command line.  One table holds every option; parsing,
 * --help and the documents are made from it.
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
	const char *meaning; /* NULL: accepted, but not shown */
	int (*set)(struct options *o, const char *arg, struct err *err);
};

struct options {
	enum {
		PRINT_NOTHING,
		PRINT_HELP,
		PRINT_VERSION
	} print; /* instead of starting: options_print() */
	bool no_fork;
	bool probe;	  /* only host_xen_probe(), then exit */
	bool live_update; /* -U: a predecessor left a state */
	/* oxenstored execs its successor with --live and --restart */
	bool ox_live, ox_restart;
	bool ox_trial; /* and tries it first, with --help or --config-test */
	bool no_sockets;
	const char *config_file; /* of oxenstored */
	const char *pid_file;
	const char *trace_file;
	const char *restore;  /* the image to start from */
	unsigned int trace;   /* LOG_ bits, all --trace-control applied */
	uint64_t trace_size;  /* limit of trace_file in bytes; 0: none */
	const char *ro_group; /* may use the read-only socket */
	uint32_t priv_domid, store_domid; /* as in struct config */
	bool priv_given, store_given;
	uint32_t event_timeout_ms; /* as in struct config */
	uint64_t client_unread;	   /* in bytes: unread_max of struct config */
	bool keep_orphans;
	struct limits limits;
};

/*
 * Reads argv into ret, whose strings point into argv.  Accepts every option of
 * the stock daemon, so that existing XENSTORED_ARGS work; those without a use
 * here are ignored.  Returns 0, or EINVAL with err naming the argument and what
 * is allowed.
 */
int __must_check options_parse(int argc, char **argv, struct options *ret,
			       struct err *err);
/*
 * Prints what o->print asks for on standard output.  Returns the exit code: 1
 * if the output could not be written.
 */
int options_print(const struct options *o);
/*
 * Removes from argv the words that only this start is for: later successors get
 * the others.
 */
void options_lasting(char **argv);
/* The table, for documentation. */
const struct option_desc *options_table(size_t *ret_n);

#endif
