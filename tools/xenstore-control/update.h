/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update: xenstore-control live-update.
 *
 *	-f FILE, -c ARGUMENTS, -s (again while the answer is BUSY) --> done
 *	   |          |                                         |
 *	   +----------+--- trouble, SIGINT, SIGTERM: -a --------+
 *
 * What a person has to know is asked for with -r, which a stock daemon does
 * not understand: everything then looks as with its own client.
 */
#ifndef UPDATE_H
#define UPDATE_H

#include <stdint.h>

/* Exit codes of the program. */
#define EXIT_LOCAL  1 /* no connection, interrupted */
#define EXIT_USAGE  2 /* the command line */
#define EXIT_DAEMON 3 /* the daemon said no, or nothing */

#define UPDATE_TIMEOUT "60" /* seconds: the default of -t */

/*
 * argv[0] is "live-update"; wait_ms bounds the wait for each answer but that
 * of the update itself.  Returns the exit code.
 */
int update_run(int argc, char **argv, uint64_t wait_ms);

#endif
