/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help: see help.h.  Called by main.c and migrate.c. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "update.h"

/*
 * The commands of this version's xenstored.  A command with several forms has a
 * line for each; a form without a text shares that of the next.
 */
static const struct {
	const char *name, *args, *text;
} commands[] = {
	{"check", "", "check the store; problems are logged"},
	{"help", "", "list the commands of the running xenstored"},
	{"live-update",
	 "[-Fp] [-c ARGUMENTS] [-t SECONDS] [--beside|--in-place] FILE", NULL},
	{"live-update", "[-Fp] [-c ARGUMENTS] [-t SECONDS] [-v VERSION] FILE",
	 NULL},
	{"live-update", "[-Fp] [-c ARGUMENTS] [-t SECONDS] --dialect NAME FILE",
	 "replace the running xenstored by the binary FILE\n"
	 "  -c ARGUMENTS              start FILE with these arguments\n"
	 "  -F                        end transactions still open after "
	 "SECONDS\n"
	 "                            (stock daemons only)\n"
	 "  -p, --progress            show the steps even without a terminal\n"
	 "  -t SECONDS                time limit (default " UPDATE_TIMEOUT ")\n"
	 "  -v VERSION                highest format version that FILE reads\n"
	 "  --beside                  load FILE in a second process while this "
	 "one serves\n"
	 "  --in-place                execute FILE in this process (default)\n"
	 "  --dialect spec|xen1|xen2  format that FILE reads"},
	{"live-update", "--report", "show the result of the last update"},
	{"log", "[on|off|+SWITCH|-SWITCH]", "show or set what is logged"},
	{"logfile", "FILE", "log to FILE from now on"},
	{"memreport", "[FILE]", "report memory use to FILE or the log file"},
	{"print", "STRING", "write STRING to the log"},
	{"quota", "[DOMID]", "show the limits, or what a domain uses"},
	{"quota", "max [-r]",
	 "show the most that any domain used (-r: then reset it)"},
	{"quota", "set NAME N", "set a limit (0: none)"},
	{"quota-soft", "[set NAME N]",
	 "show or set from where on a warning is logged"},
	{"migrate-freeze", "DOMID", "stop using the domain's ring"},
	{"migrate-save",
	 "[--freeze] [--no-backends] [--add PATH] [--leave-out PATH] DOMID "
	 "[FILE]",
	 "write one domain's state to FILE (default: standard output)"},
	{"migrate-thaw", "DOMID", "use a frozen ring again"},
	{"migrate-restore", "[--merge] [--trust] [--evtchn PORT] [FILE]",
	 "restore one domain's state from FILE (default: standard input)"},
	{"migrate-forget", "[--keep-nodes] DOMID",
	 "release a domain that moved away and remove its nodes"},
	{"save-image", "[--exit] FILE",
	 "write the whole state to FILE, for xenstored --restore FILE\n"
	 "(--exit: then exit)"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_text(const char *text)
{
	size_t len;

	for (; text && *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		printf("      %.*s\n", (int)len, text);
	}
}

void help_print(unsigned int wait_s)
{
	size_t i;

	printf("Usage: xenstore-control [OPTION]... COMMAND [ARGUMENT]...\n\n"
	       "Sends a command to the running xenstored and prints the "
	       "answer.\n\n"
	       "Options:\n"
	       "  -w, --wait SECONDS  wait this long for an answer (default "
	       "%u)\n"
	       "  -h, --help          show this help, and exit\n"
	       "  -V, --version       show the version, and exit\n\n"
	       "Commands (\"xenstore-control help\" lists those of the running "
	       "xenstored):\n",
	       wait_s);
	for (i = 0; i < COMMANDS; i++) {
		printf("  %s%s%s\n", commands[i].name,
		       *commands[i].args ? " " : "", commands[i].args);
		print_text(commands[i].text);
	}
}

void help_usage(const char *command)
{
	const char *before = "Usage:";
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, command) != 0)
			continue;
		fprintf(stderr, "%s xenstore-control %s %s\n", before, command,
			commands[i].args);
		before = "      ";
	}
	if (before[0] == 'U')
		fprintf(stderr,
			"unknown command %s; see xenstore-control "
			"--help\n",
			command);
}
