/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: xenstore-control live-update.
 *
 *	-f FILE, -c ARGUMENTS, -s (again while the answer is BUSY) --> done
 *	   |          |             |
 *	   +----------+-------------+--- error or signal: -a
 *
 * It asks with -r for what it prints.  A stock daemon does not know -r; then it
 * prints what the stock client prints.
 */
#ifndef UPDATE_H
#define UPDATE_H

#include <stdint.h>

/* Exit codes of the program. */
#define EXIT_LOCAL  1 /* no connection, interrupted, no output */
#define EXIT_USAGE  2 /* wrong command line */
#define EXIT_DAEMON 3 /* the daemon refused or did not answer */

#define UPDATE_TIMEOUT "60" /* seconds: the default of -t */

/*
 * Runs live-update, which is argv[0].  wait_ms bounds the wait for each answer
 * except that of the update itself.  Returns the exit code.
 */
int update_run(int argc, char **argv, uint64_t wait_ms);

#endif
