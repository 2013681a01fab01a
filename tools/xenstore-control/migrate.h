/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate: the commands about one domain's image.  The daemon reads and writes
 * the file itself; this program names it, or carries it between the daemon and
 * its standard input or output.
 */
#ifndef XENSTORE_CONTROL_MIGRATE_H
#define XENSTORE_CONTROL_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this is the place for the command. */
bool migrate_is(const char *command);
/* Runs it; returns an exit code.  argv[0] is the command. */
int migrate_run(int argc, char **argv, uint64_t wait_ms);

#endif
