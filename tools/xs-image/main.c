// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xs-image: looks at, checks, compares and changes images of a xenstore
 * daemon, offline.  Here: the table of commands, options, usage.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "xs-image.h"

#include "base/stdfd.h"

static const struct command {
	const char *name;
	const char *args;
	const char *options; /* letters of the options table */
	int min, max;	     /* arguments */
	int (*run)(struct tool *t);
	const char *text;
} commands[] = {
	{"show", "[IMAGE]", "jd", 0, 1, cmd_show,
	 "every record, as a line of text or of JSON"},
	{"verify", "[IMAGE]", "sd", 0, 1, cmd_verify,
	 "every rule of the format; names record, field and byte"},
	{"diff", "IMAGE IMAGE", "d", 2, 2, cmd_diff,
	 "what differs in meaning, whatever the order and the dialect"},
	{"convert", "[IMAGE]", "dtBLo", 0, 1, cmd_convert,
	 "to another dialect or byte order; says what is lost"},
	{"extract", "DOMID [IMAGE]", "dBLo", 1, 2, cmd_extract,
	 "one domain's part, as an image for a migration"},
	{"stat", "[IMAGE]", "jd", 0, 1, cmd_stat,
	 "nodes, bytes, watches, transactions of each domain"},
};

static const struct help {
	struct option option;
	const char *arg, *text;
} options[] = {
	{{"json", no_argument, NULL, 'j'}, "", "one JSON object a line"},
	{{"strict", no_argument, NULL, 's'}, "", "warnings count as errors"},
	{{"dialect", required_argument, NULL, 'd'},
	 " NAME",
	 "read as spec, xen1 or xen2, whatever it looks like"},
	{{"to", required_argument, NULL, 't'},
	 " NAME",
	 "the dialect to write: spec, xen1 (Xen 4.15 to 4.20), xen2"},
	{{"big", no_argument, NULL, 'B'}, "", "write big-endian"},
	{{"little", no_argument, NULL, 'L'}, "", "write little-endian"},
	{{"output", required_argument, NULL, 'o'},
	 " FILE",
	 "write there, not to standard output"},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "Usage: xs-image COMMAND [OPTIONS] [ARGUMENTS]\n\n"
		    "Images of a xenstore daemon: what a live update or a "
		    "migration hands over.\nIMAGE is a file; - or none is "
		    "standard input.\n\n");
	for (i = 0; i < COUNT(commands); i++)
		fprintf(to, "  %-8s %-14s %s\n", commands[i].name,
			commands[i].args, commands[i].text);
	fprintf(to, "\n");
	for (i = 0; i < COUNT(options); i++)
		fprintf(to, "  -%c, --%s%-*s %s\n", options[i].option.val,
			options[i].option.name,
			16 - (int)strlen(options[i].option.name),
			options[i].arg, options[i].text);
	fprintf(to, "\nExit code: 0 good, 1 the image is bad or differs, 2 "
		    "anything else went wrong.\n");
}

static int wrong(const char *what, const char *which)
{
	fprintf(stderr, "xs-image: %s%s; see xs-image --help\n", what, which);
	return EXIT_TROUBLE;
}

static int set_option(struct options *o, int letter, const char *arg)
{
	switch (letter) {
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
		o->have_dialect = true;
		if (image_dialect_by_name(arg, &o->dialect))
			return wrong("no dialect is called ", arg);
		break;
	case 't':
		o->have_to = true;
		if (image_dialect_by_name(arg, &o->to))
			return wrong("no dialect is called ", arg);
		break;
	}
	return 0;
}

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
			return wrong("an argument is missing behind ",
				     argv[optind - 1]);
		if (!strchr(c->options, letter))
			return wrong("not an option of this command: ",
				     argv[optind - 1]);
		rc = set_option(&t->opt, letter, optarg);
		if (rc)
			return rc;
	}
	if (argc - optind < c->min || argc - optind > c->max)
		return wrong("arguments of this command: ", c->args);
	while (optind < argc)
		t->argv[t->argc++] = argv[optind++];
	if (t->opt.big && t->opt.little)
		return wrong("big- or little-endian", "");
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
	const struct command *c;
	int rc;

	if (stdfd_reserve())
		return EXIT_TROUBLE;
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "help"))) {
		usage(stdout);
		return EXIT_GOOD;
	}
	if (argc < 2)
		return wrong("a command is missing", "");
	c = find(argv[1]);
	if (!c)
		return wrong("no command is called ", argv[1]);
	rc = parse(&t, c, argc - 1, argv + 1);
	if (rc)
		return rc;
	t.ctx = talloc_new(NULL);
	if (!t.ctx)
		return wrong("out of memory", "");
	rc = c->run(&t);
	talloc_free(t.ctx);
	if ((ferror(stdout) || fclose(stdout)) && errno != EPIPE) {
		fprintf(stderr, "xs-image: standard output: %s\n",
			strerror(errno));
		rc = EXIT_TROUBLE;
	}
	return rc;
}
