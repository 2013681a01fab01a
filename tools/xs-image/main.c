// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xs-image: shows, checks, compares and converts images of a xenstore daemon,
 * offline.  This file has the tables of commands and options, and --help.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "xs-image.h"

#include "base/stdfd.h"
#include "base/version.h"

static const struct command {
	const char *name;
	const char *args;
	const char *options; /* allowed letters of options[], besides hV */
	int min, max;	     /* number of arguments */
	int (*run)(struct tool *t);
	const char *text;
} commands[] = {
	{"show", "[IMAGE]", "jd", 0, 1, cmd_show,
	 "print each record as a line of text or JSON"},
	{"verify", "[IMAGE]", "sd", 0, 1, cmd_verify,
	 "check every rule of the format"},
	{"diff", "IMAGE IMAGE", "d", 2, 2, cmd_diff,
	 "show what differs in meaning"},
	{"convert", "[IMAGE]", "dtBLo", 0, 1, cmd_convert,
	 "write another dialect or byte order"},
	{"extract", "DOMID [IMAGE]", "dBLo", 1, 2, cmd_extract,
	 "write one domain's state, for a migration"},
	{"stat", "[IMAGE]", "jd", 0, 1, cmd_stat, "count what each domain has"},
};

static const struct help {
	struct option option;
	const char *arg, *text;
} options[] = {
	{{"json", no_argument, NULL, 'j'}, "", "print one JSON object a line"},
	{{"strict", no_argument, NULL, 's'}, "", "treat warnings as errors"},
	{{"dialect", required_argument, NULL, 'd'},
	 " spec|xen1|xen2",
	 "read IMAGE as this dialect (default: detect it)"},
	{{"to", required_argument, NULL, 't'},
	 " spec|xen1|xen2",
	 "write this dialect (xen1: Xen 4.15 to 4.20)"},
	{{"big", no_argument, NULL, 'B'}, "", "write big-endian"},
	{{"little", no_argument, NULL, 'L'}, "", "write little-endian"},
	{{"output", required_argument, NULL, 'o'},
	 " FILE",
	 "write to FILE (default: standard output)"},
	{{"help", no_argument, NULL, 'h'}, "", "show this help, and exit"},
	{{"version", no_argument, NULL, 'V'}, "", "show the version, and exit"},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void print_help(void)
{
	char left[64];
	size_t i;

	printf("Usage: xs-image COMMAND [OPTION]... [ARGUMENT]...\n\n"
	       "Shows, checks, compares and converts images of a xenstore "
	       "daemon: what a live\nupdate or a migration hands over.  IMAGE "
	       "is a file; - or nothing is standard\ninput.\n\nCommands:\n");
	for (i = 0; i < COUNT(commands); i++) {
		snprintf(left, sizeof(left), "%s [-%s] %s", commands[i].name,
			 commands[i].options, commands[i].args);
		printf("  %-30s %s\n", left, commands[i].text);
	}
	printf("\nOptions:\n");
	for (i = 0; i < COUNT(options); i++) {
		snprintf(left, sizeof(left), "-%c, --%s%s",
			 options[i].option.val, options[i].option.name,
			 options[i].arg);
		printf("  %-30s %s\n", left, options[i].text);
	}
	printf("\nExit code: 0 good, 1 the image is bad or differs, 2 anything "
	       "else went wrong.\n");
}

static int wrong(const char *what, const char *which)
{
	fprintf(stderr, "xs-image: %s%s; see xs-image --help\n", what, which);
	return EXIT_TROUBLE;
}

static int set_option(struct options *o, int letter, const char *arg)
{
	switch (letter) {
	case 'h':
	case 'V':
		o->print = letter;
		break;
	case 'j':
		o->json = true;
		break;
	case 's':
		o->strict = true;
		break;
	case 'B':
		o->big = true;
		break;
	case 'L':
		o->little = true;
		break;
	case 'o':
		o->out = arg;
		break;
	case 'd':
		o->dialect = image_dialect_by_name(arg);
		if (!o->dialect)
			return wrong("unknown dialect: ", arg);
		break;
	case 't':
		o->to = image_dialect_by_name(arg);
		if (!o->to)
			return wrong("unknown dialect: ", arg);
		break;
	}
	return 0;
}

/* c NULL: options without a command. */
static int parse(struct tool *t, const struct command *c, int argc, char **argv)
{
	struct option longs[COUNT(options) + 1] = {{0}};
	char shorts[2 * COUNT(options) + 2] = ":", *end = shorts + 1;
	size_t i;
	int letter, rc;

	for (i = 0; i < COUNT(options); i++) {
		longs[i] = options[i].option;
		*end++ = (char)longs[i].val;
		if (longs[i].has_arg)
			*end++ = ':';
	}
	*end = 0;
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (letter == '?')
			return wrong("unknown option ", argv[optind - 1]);
		if (letter == ':')
			return wrong("missing argument of ", argv[optind - 1]);
		if (letter != 'h' && letter != 'V' &&
		    !strchr(c ? c->options : "", letter))
			return wrong("not an option of this command: ",
				     argv[optind - 1]);
		rc = set_option(&t->opt, letter, optarg);
		if (rc || t->opt.print)
			return rc;
	}
	if (!c)
		return wrong("missing command", "");
	if (argc - optind < c->min || argc - optind > c->max)
		return wrong("wrong number of arguments, expected: ", c->args);
	while (optind < argc)
		t->argv[t->argc++] = argv[optind++];
	if (t->opt.big && t->opt.little)
		return wrong("--big and --little exclude each other", "");
	return 0;
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct tool t = {0};
	static char help[] = "--help";
	const struct command *c = NULL;
	int rc;

	if (stdfd_reserve())
		return EXIT_TROUBLE;
	if (argc > 1 && !strcmp(argv[1], "help"))
		argv[1] = help;
	if (argc > 1 && argv[1][0] != '-') {
		c = find(argv[1]);
		if (!c)
			return wrong("unknown command: ", argv[1]);
		argc--;
		argv++;
	}
	rc = parse(&t, c, argc, argv);
	if (rc)
		return rc;
	if (t.opt.print == 'h') {
		print_help();
	} else if (t.opt.print) {
		puts("xs-image " XENSTORED_VERSION);
	} else {
		t.ctx = talloc_new(NULL);
		if (!t.ctx)
			return wrong("out of memory", "");
		rc = c->run(&t);
		talloc_free(t.ctx);
	}
	if ((ferror(stdout) || fclose(stdout)) && errno != EPIPE) {
		fprintf(stderr, "xs-image: standard output: %s\n",
			strerror(errno));
		rc = EXIT_TROUBLE;
	}
	return rc;
}
