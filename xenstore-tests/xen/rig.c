/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig: see rig.h and the table at the end. Everything that waits waits for a
 * store event, and for at most LIMIT_S. Called by the scenarios in dom0/.
 */
#include "rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link.h"

static struct tally tally = {.name = "rig"};
static struct link link_to_store;
static const char *waiting_for = "?";

static void on_alarm(int sig)
{
	static const char text[] = "rig: waited too long for ";

	(void)sig;
	if (write(2, text, sizeof(text) - 1) > 0 &&
	    write(2, waiting_for, strlen(waiting_for)) > 0)
		_exit(write(2, "\n", 1) == 1 ? 1 : 2);
	_exit(2);
}

uint32_t domid_arg(const char *text)
{
	char *end;
	unsigned long domid = strtoul(text, &end, 10);

	if (!*text || *end || domid > 0x7fef) {
		fprintf(stderr, "rig: %s is not a domid\n", text);
		exit(2);
	}
	return (uint32_t)domid;
}

static struct link *store(void)
{
	if (!link_to_store.tally)
		link_open(&link_to_store, "/run/xenstored/socket", &tally);
	return &link_to_store;
}

static void must(int rc, const char *what)
{
	if (rc)
		finding(&tally, "%s: %s", what, strerror(rc));
}

/* Waits until the node at @path satisfies @is_it. */
static void wait_node(const char *path, const char *value, char *have,
		      bool (*is_it)(int rc, const char *have,
				    const char *value))
{
	char event[LINK_PATH], token[LINK_PATH];
	int rc;

	waiting_for = path;
	must(link_watch(store(), XS_WATCH, path, "rig"), "watch");
	do {
		link_event(store(), true, event, token);
		rc = link_path(store(), XS_READ, 0, path, have, NULL);
		if (rc && rc != ENOENT)
			must(rc, path);
	} while (!is_it(rc, have, value));
}

static bool is_value(int rc, const char *have, const char *value)
{
	return !rc && (!value || !strcmp(have, value));
}

static bool begins_so(int rc, const char *have, const char *value)
{
	size_t len = strlen(value);

	return !rc && !strncmp(have, value, len) && have[len] == ' ';
}

static bool is_none(int rc, const char *have, const char *value)
{
	(void)have;
	(void)value;
	return rc == ENOENT;
}

static int rig_wait(char **args)
{
	char have[XENSTORE_PAYLOAD_MAX + 1];

	wait_node(args[0], args[1], have, is_value);
	return 0;
}

static int rig_wait_none(char **args)
{
	char have[XENSTORE_PAYLOAD_MAX + 1];

	wait_node(args[0], NULL, have, is_none);
	return 0;
}

static void write_at(const char *base, const char *leaf, const char *value)
{
	char path[LINK_PATH];

	snprintf(path, sizeof(path), "%s/%s", base, leaf);
	must(link_write(store(), 0, path, value, strlen(value)), path);
}

static void wait_at(const char *base, const char *leaf, const char *value,
		    char *have, bool (*is_it)(int, const char *, const char *))
{
	char path[LINK_PATH];

	snprintf(path, sizeof(path), "%s/%s", base, leaf);
	wait_node(path, value, have, is_it);
}

/* All are asked before the first reply is awaited. */
static int rig_ask(char **args)
{
	char have[XENSTORE_PAYLOAD_MAX + 1], word[32];
	int i, rc = 0;

	snprintf(word, sizeof(word), "%d", (int)getpid());
	for (i = 0; args[i]; i++)
		write_at(args[i], "ping", word);
	for (i = 0; args[i]; i++) {
		wait_at(args[i], "pong", word, have, begins_so);
		printf("%s%s\n", args[i], have + strlen(word));
		rc |= !strstr(have, "wrong=nothing");
	}
	return rc;
}

static int rig_order(char **args)
{
	char have[XENSTORE_PAYLOAD_MAX + 1];

	write_at(args[0], "hold/order", args[1]);
	wait_at(args[0], "hold/done", args[1], have, is_value);
	return 0;
}

static int rig_tell(char **args)
{
	write_at(args[0], "hold/order", args[1]);
	return 0;
}

/* As a toolstack does it; the frame number is unused. */
int introduce(struct link *l, uint32_t domid, uint32_t port)
{
	char payload[32];
	int n = snprintf(payload, sizeof(payload), "%u%c0%c%u", domid, '\0',
			 '\0', port);

	return link_ask(l, XS_INTRODUCE, 0, payload, (size_t)n + 1, NULL, NULL);
}

static int rig_introduce(char **args)
{
	uint32_t port = (uint32_t)strtoul(args[1], NULL, 10);

	must(introduce(store(), domid_arg(args[0]), port), "introduce");
	return 0;
}

/* Expects @node to fire that often while a command runs or after it. */
static int fires(const char *node, char **args)
{
	char event[XENSTORE_PAYLOAD_MAX + 1], token[LINK_PATH];
	int status, n = 0, want = atoi(args[0]);

	must(link_watch(store(), XS_WATCH, node, "rig"), "watch");
	link_event(store(), true, event, token);
	alarm(0); /* the command has a limit of its own */
	status = system(args[1]);
	alarm(LIMIT_S);
	waiting_for = node;
	for (; n < want; n++)
		link_event(store(), true, event, token);
	/* events fired before this reply arrive before it */
	(void)link_path(store(), XS_READ, 0, "/", event, NULL);
	while (link_event(store(), false, event, token))
		n++;
	printf("%s %d times, exit status %d\n", node, n, WEXITSTATUS(status));
	return status || n != want;
}

static int rig_introduces(char **args)
{
	return fires("@introduceDomain", args);
}

static int rig_releases(char **args)
{
	return fires("@releaseDomain", args);
}

static const struct command {
	const char *name;
	int args;
	const char *arg_names, *meaning;
	int (*run)(char **args);
} commands[] = {
	{"wait", 1, "PATH [VALUE]", "waits until the node exists", rig_wait},
	{"wait-none", 1, "PATH", "waits until it does not", rig_wait_none},
	{"ask", 1, "BASE...", "gets the counts of loads; see load-main.c",
	 rig_ask},
	{"order", 2, "BASE WORDS", "gives a load an order; see load-hold.c",
	 rig_order},
	{"tell", 2, "BASE WORDS", "the same without a reply", rig_tell},
	{"releases", 2, "N COMMAND",
	 "expects it to fire @releaseDomain N times", rig_releases},
	{"introduces", 2, "N COMMAND", "... @introduceDomain", rig_introduces},
	{"gone", 1, "DOMID", "waits until Xen does not know it", rig_gone},
	{"kill", 1, "DOMID", "destroys it without the toolstack", rig_kill},
	{"crash", 1, "DOMID", "crashes it without the toolstack", rig_crash},
	{"scribble", 1, "DOMID", "writes wild indexes to its ring",
	 rig_scribble},
	{"at-exec", 4, "PID kill|crash DOMID COMMAND...",
	 "run the command; the guest dies while PID is between two binaries",
	 rig_at_exec},
	{"make", 0, "",
	 "makes a domain with a ring and no kernel; prints its domid",
	 rig_make},
	{"introduce", 2, "DOMID PORT", "introduces a domain", rig_introduce},
	{"revoke", 1, "DOMID", "revokes its ring's grant", rig_revoke},
	{"grant", 1, "DOMID", "grants it again", rig_grant},
	{"stop", 1, "DOMID", "as if it had powered off", rig_stop},
	{"dying", 1, "DOMID", "is it dying, and kept?", rig_dying},
	{"churn", 1, "N", "N domains come and go, each announced once",
	 rig_churn},
};

int main(int argc, char **argv)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, on_alarm);
	alarm(LIMIT_S);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc >= 2 && !strcmp(argv[1], commands[i].name) &&
		    argc - 2 >= commands[i].args)
			return commands[i].run(argv + 2);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, "rig %s %s: %s\n", commands[i].name,
			commands[i].arg_names, commands[i].meaning);
	return 2;
}
