/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate: commands that read or write an image: migrate-* and save-image.  The
 * daemon opens the file itself, so this program passes it an absolute path.
 * For standard input and output it copies through a temporary file.
 */
#ifndef XENSTORE_CONTROL_MIGRATE_H
#define XENSTORE_CONTROL_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether migrate_run() handles this command. */
bool migrate_is(const char *command);
/*
 * Runs the command argv[0]; wait_ms bounds the wait for the answer.  Returns an
 * exit code.
 */
int migrate_run(int argc, char **argv, uint64_t wait_ms);

#endif
