/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help: what --help prints, from one table of commands.  tools/completion reads
 * it, so that a command with its line here can be completed in a shell.
 */
#ifndef HELP_H
#define HELP_H

/*
 * Prints all options and commands on standard output; wait_s is the default of
 * --wait in seconds.
 */
void help_print(unsigned int wait_s);
/* Prints how to call the command on standard error. */
void help_usage(const char *command);

#endif
