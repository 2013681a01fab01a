/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update: see update.h.  Called by main.c. */
#include "update.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/parse.h"
#include "link.h"
#include "progress.h"
#include "report.h"

#define TIMEOUT_MAX_S  86400u
#define BUSY_MS	       1000u
#define CANCEL_MS      500u
#define SETTLE_MS      5000u
#define SETTLE_STEP_MS 50u
#define WORDS	       11

struct update {
	const char *file;
	const char *cmdline; /* NULL: the daemon keeps its own */
	const char *timeout; /* seconds, as text */
	const char *version; /* NULL: the daemon's default */
	const char *dialect; /* the same */
	const char *how;     /* --beside or --in-place; NULL: the same */
	bool force, report;
	uint32_t timeout_s;
	uint64_t wait_ms;
	struct link link;
	struct progress progress;
	sigset_t mask; /* while waiting */
	struct reply reply;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = sig;
}

/* Blocks the signals except while waiting, with u->mask. */
static void catch_signals(struct update *u)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &u->mask);
	sigdelset(&u->mask, SIGINT);
	sigdelset(&u->mask, SIGTERM);
	sigdelset(&u->mask, SIGHUP);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

/* ---- the command line ---- */

static int usage(const char *text, const char *what)
{
	fprintf(stderr, "%s%s\n", text, what);
	return EXIT_USAGE;
}

static int missing(int option)
{
	switch (option) {
	case 'c':
		return usage("Missing command line value", "");
	case 't':
		return usage("Missing timeout value", "");
	case 'd':
		return usage("Missing dialect", "");
	default:
		return usage("Missing stream version value", "");
	}
}

static int set_timeout(struct update *u, const char *seconds)
{
	if (parse_u32(seconds, TIMEOUT_MAX_S, &u->timeout_s))
		return usage("Not a number of seconds: ", seconds);
	u->timeout = seconds;
	return 0;
}

static int take_option(struct update *u, int c)
{
	uint32_t n;

	switch (c) {
	case 'c':
		u->cmdline = optarg;
		return 0;
	case 'F':
		u->force = true;
		return 0;
	case 't':
		return set_timeout(u, optarg);
	case 'v':
		if (parse_u32(optarg, INT32_MAX, &n))
			return usage("Not a stream version: ", optarg);
		u->version = optarg;
		return 0;
	case 'd':
		u->dialect = optarg;
		return 0;
	case 'b':
		u->how = "--beside";
		return 0;
	case 'i':
		u->how = "--in-place";
		return 0;
	case 'p':
		u->progress.wanted = true;
		return 0;
	default:
		u->report = true;
		return 0;
	}
}

static int parse_options(struct update *u, int argc, char **argv)
{
	static const struct option longs[] = {
		{"beside", no_argument, NULL, 'b'},
		{"dialect", required_argument, NULL, 'd'},
		{"in-place", no_argument, NULL, 'i'},
		{"progress", no_argument, NULL, 'p'},
		{"report", no_argument, NULL, 'r'},
		{NULL, 0, NULL, 0},
	};
	int c, rc;

	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, ":c:Ft:v:pr", longs, NULL)) != -1) {
		if (c == ':')
			return missing(optopt);
		if (c == '?')
			return usage("Unknown option ", argv[optind - 1]);
		rc = take_option(u, c);
		if (rc)
			return rc;
	}
	if (optind + 1 < argc)
		return usage("More than one binary: ", argv[optind + 1]);
	u->file = argv[optind];
	if (u->report && u->file)
		return usage("A report needs no binary: ", u->file);
	if (!u->report && !u->file)
		return usage("Missing binary specification", "");
	return 0;
}

/* ---- talking ---- */

/* Sends one live-update command and waits for its answer; not for -s. */
static int ask(struct update *u, struct link *l, const char *verb,
	       const char *arg)
{
	const char *words[] = {"live-update", verb, arg};

	return link_command(l, words, arg ? 3 : 2, u->wait_ms, &u->mask,
			    &u->reply);
}

static int get_report(struct update *u, struct link *l, struct report *ret)
{
	int rc = ask(u, l, "-r", NULL);

	if (!rc)
		rc = u->reply.error ? u->reply.error
				    : report_parse(u->reply.text, ret);
	return rc;
}

/* The error of ask(), or of the daemon's answer; NULL for OK. */
static const char *refusal(const struct update *u, int rc)
{
	if (rc)
		return link_strerror(rc);
	if (u->reply.error)
		return strerror(u->reply.error);
	return strcmp(u->reply.text, "OK") ? u->reply.text : NULL;
}

/* ---- errors ---- */

/* After a broken connection: says what became of the update. */
static void say_after_loss(struct update *u)
{
	struct report r;
	struct err err;

	link_close(&u->link);
	if (link_open(&u->link, &err))
		fprintf(stderr, "xenstored cannot be reached any more:\n%s\n",
			err.text);
	else if (!get_report(u, &u->link, &r))
		report_print(stderr, &r);
}

/* Adds this if the daemon did not say it and no update is under way. */
static void say_unchanged(struct update *u, const char *why)
{
	struct report r;

	if (!strstr(why, "nothing changed") && !get_report(u, &u->link, &r) &&
	    !strcmp(r.state, "idle"))
		fprintf(stderr, "Nothing changed.\n");
}

static int failed(struct update *u, const char *what, const char *why, int rc,
		  bool begun)
{
	char text[sizeof(u->reply.text)];

	snprintf(text, sizeof(text), "%s", why);
	fprintf(stderr, "%s\n%s\n", what, text);
	if (rc) {
		say_after_loss(u);
		return EXIT_DAEMON;
	}
	if (begun && ask(u, &u->link, "-a", NULL))
		return EXIT_DAEMON;
	say_unchanged(u, text);
	return EXIT_DAEMON;
}

/* Waits until no update is under way. */
static int settled(struct update *u, struct report *ret)
{
	uint64_t until = link_now_ms() + SETTLE_MS;
	struct timespec step = {0, SETTLE_STEP_MS * 1000000};
	int rc;

	do {
		rc = get_report(u, &u->link, ret);
		if (rc || !strcmp(ret->state, "idle"))
			return rc;
		nanosleep(&step, NULL);
	} while (link_now_ms() < until);
	return ETIMEDOUT;
}

/*
 * Sends -a, for a daemon that still reads this connection, then closes it,
 * which aborts the update of any other daemon.
 */
static int cancel(struct update *u)
{
	const char *words[] = {"live-update", "-a"};
	struct report r;
	struct err err;
	sigset_t all;

	sigfillset(&all);
	u->mask = all;
	if (u->wait_ms > SETTLE_MS)
		u->wait_ms = SETTLE_MS;
	if (!link_send(&u->link, WIRE_CONTROL, words, 2))
		(void)!link_receive(&u->link, link_now_ms() + CANCEL_MS, &all,
				    &u->reply);
	link_close(&u->link);
	fprintf(stderr, "Interrupted.\n");
	if (link_open(&u->link, &err)) {
		fprintf(stderr, "xenstored cannot be reached any more:\n%s\n",
			err.text);
		return EXIT_LOCAL;
	}
	if (!settled(u, &r))
		report_print(stderr, &r);
	return EXIT_LOCAL;
}

/* ---- the update ---- */

/* Waits for the answer to -s and shows the steps meanwhile. */
static int await(struct update *u)
{
	int rc;

	for (;;) {
		rc = link_receive(&u->link, progress_next_ms(&u->progress),
				  &u->mask, &u->reply);
		if (rc != ETIMEDOUT)
			return rc;
		progress_show(&u->progress, &u->mask);
		if (interrupted)
			return EINTR;
	}
}

static int start_once(struct update *u)
{
	const char *words[WORDS] = {"live-update", "-s", "-t", u->timeout};
	int n = 4, rc;

	if (u->force)
		words[n++] = "-F";
	if (u->version) {
		words[n++] = "-v";
		words[n++] = u->version;
	}
	if (u->dialect) {
		words[n++] = "--dialect";
		words[n++] = u->dialect;
	}
	if (u->how)
		words[n++] = u->how;
	rc = link_send(&u->link, WIRE_CONTROL, words, n);
	return rc ? rc : await(u);
}

static int start(struct update *u)
{
	uint64_t until = link_now_ms() + u->timeout_s * 1000ull;
	struct timespec pause = {BUSY_MS / 1000, 0};
	int rc;

	for (;;) {
		rc = start_once(u);
		if (rc || u->reply.error || strcmp(u->reply.text, "BUSY"))
			return rc;
		if (link_now_ms() + BUSY_MS > until)
			return 0;
		if (ppoll(NULL, 0, &pause, &u->mask) < 0)
			return EINTR;
	}
}

static int update(struct update *u)
{
	static const char setting[] = "Setting update binary failed:";
	static const char starting[] = "Starting live update failed:";
	struct report r;
	const char *why;
	int rc = ask(u, &u->link, "-f", u->file);

	if (rc == EINTR)
		return cancel(u);
	why = refusal(u, rc);
	if (why)
		return failed(u, setting, why, rc, false);
	rc = u->cmdline ? ask(u, &u->link, "-c", u->cmdline) : 0;
	if (rc == EINTR)
		return cancel(u);
	why = u->cmdline ? refusal(u, rc) : NULL;
	if (why)
		return failed(u, setting, why, rc, true);
	progress_begin(&u->progress);
	rc = start(u);
	progress_end(&u->progress);
	if (rc == EINTR)
		return cancel(u);
	why = refusal(u, rc);
	if (why)
		return failed(u, starting, why, rc, true);
	if (!get_report(u, &u->link, &r))
		report_print(stdout, &r);
	return 0;
}

/* Whether xenstored runs in another domain, which cannot open our file. */
static int in_domain(struct update *u, bool *ret_in_domain)
{
	const char *path = "/tool/xenstored/domid";
	int rc = link_send(&u->link, WIRE_READ, &path, 1);

	if (!rc)
		rc = link_receive(&u->link, link_now_ms() + u->wait_ms,
				  &u->mask, &u->reply);
	*ret_in_domain = !rc && !u->reply.error && strcmp(u->reply.text, "0");
	return rc;
}

static int show_report(struct update *u)
{
	struct report r;
	int rc = get_report(u, &u->link, &r);

	if (!rc) {
		if (strcmp(r.state, "idle"))
			printf("under way: %s\n", r.step);
		report_print(stdout, &r);
		return 0;
	}
	fprintf(stderr, "%s\n",
		rc == EINVAL ? "This xenstored keeps no report of live updates."
			     : link_strerror(rc));
	return EXIT_DAEMON;
}

int update_run(int argc, char **argv, uint64_t wait_ms)
{
	struct update u = {.wait_ms = wait_ms};
	bool elsewhere;
	int rc = set_timeout(&u, UPDATE_TIMEOUT);

	if (!rc)
		rc = parse_options(&u, argc, argv);
	if (rc)
		return rc;
	if (link_open_or_print(&u.link))
		return EXIT_LOCAL;
	catch_signals(&u);
	rc = in_domain(&u, &elsewhere);
	if (rc == EINTR)
		return cancel(&u);
	if (rc) {
		fprintf(stderr, "%s\n", link_strerror(rc));
		return EXIT_DAEMON;
	}
	if (elsewhere) {
		fprintf(stderr,
			"xenstored runs in domain %s; this program can only "
			"update one in dom0.\n",
			u.reply.text);
		return EXIT_LOCAL;
	}
	rc = u.report ? show_report(&u) : update(&u);
	link_close(&u.link);
	return rc;
}
