/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xenstore-control: sends commands to the running xenstored.
 *
 * Accepts what the stock program accepts and prints the same.  live-update is
 * in update.c, commands that use an image file are in migrate.c; all others
 * go to the daemon unchanged.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/stdfd.h"
#include "base/version.h"
#include "help.h"
#include "link.h"
#include "migrate.h"
#include "update.h"

#define WAIT_DEFAULT_S 60u
#define WAIT_MAX_S     86400u

/* After EINVAL: unknown command, or wrong arguments.  Lists the commands. */
static void say_commands(struct link *l, uint64_t wait_ms)
{
	static const char *const words[] = {"help"};
	struct reply reply;

	if (link_command(l, words, 1, wait_ms, NULL, &reply) || reply.error)
		fprintf(stderr, "Error when executing command.\n");
	else
		fprintf(stderr,
			"Command not supported. Valid commands are:\n%s\n",
			reply.text);
}

static int command(const char *const *words, int n, uint64_t wait_ms)
{
	struct reply reply;
	struct link link;
	int rc;

	if (link_open_or_print(&link))
		return EXIT_LOCAL;
	rc = link_command(&link, words, n, wait_ms, NULL, &reply);
	if (rc)
		fprintf(stderr, "%s.\n", link_strerror(rc));
	else if (reply.error == EINVAL)
		say_commands(&link, wait_ms);
	else if (reply.error)
		fprintf(stderr,
			"Error %d when trying to execute command.\n%s\n",
			reply.error, strerror(reply.error));
	else if (*reply.text)
		printf("%s\n", reply.text);
	link_close(&link);
	if (rc == E2BIG)
		return EXIT_USAGE;
	return rc || reply.error ? EXIT_DAEMON : 0;
}

/* Returns rc, or EXIT_LOCAL if the output could not be written. */
static int finish(int rc)
{
	if ((ferror(stdout) | fclose(stdout)) && !rc) {
		perror("xenstore-control: standard output");
		return EXIT_LOCAL;
	}
	return rc;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"wait", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	uint32_t wait_s = WAIT_DEFAULT_S;
	uint64_t wait_ms;
	int c;

	if (stdfd_reserve())
		return EXIT_LOCAL;
	signal(SIGPIPE, SIG_IGN); /* write() fails instead */
	while ((c = getopt_long(argc, argv, "+w:hV", longs, NULL)) != -1) {
		if (c == 'h') {
			help_print(WAIT_DEFAULT_S);
			return finish(0);
		}
		if (c == 'V') {
			puts("xenstore-control " XENSTORED_VERSION);
			return finish(0);
		}
		if (c != 'w')
			return EXIT_USAGE;
		if (parse_u32(optarg, WAIT_MAX_S, &wait_s)) {
			fprintf(stderr, "Not a number of seconds: %s\n",
				optarg);
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		/* the stock program's words */
		fprintf(stderr, "Usage:\n%s <command> [<arg>...]\n", argv[0]);
		return EXIT_USAGE;
	}
	wait_ms = wait_s * 1000ull;
	argc -= optind;
	argv += optind;
	if (!strcmp(argv[0], "live-update"))
		return finish(update_run(argc, argv, wait_ms));
	if (migrate_is(argv[0]))
		return finish(migrate_run(argc, argv, wait_ms));
	return finish(command((const char *const *)argv, argc, wait_ms));
}
