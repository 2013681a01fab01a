/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xensim: the commands of the simulated Xen.  This file has their table and the
 * two that do not talk to a hypervisor: serve and run.
 */
#include "cmd.h"
#include "hyp.h"
#include "xenstore/base/version.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY	      "libxensim.so"
#define STAND_IN      "libxenmanage.so.1" /* where the system has none */
#define CLOCK_LIBRARY "libxensim-clock.so"
#define ROUND_LIBRARY "libxensim-rounds.so"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	int min_args, max_args;
	const char *args, *help;
} commands[] = {
	{"serve", cmd_serve, 1, 2, "DIR [-d]",
	 "be the hypervisor of DIR (-d: in the background; pid in DIR/pid)"},
	{"stop", cmd_simple, 1, 1, "DIR", "stop the hypervisor of DIR"},
	{"run", cmd_run, 2, INT_MAX,
	 "DIR [--clock N] [--rounds FILE] [--] CMD ARGS...",
	 "run a program in dom0 (--clock: its clock runs N times as fast; "
	 "--rounds: FILE gets how long it works between two waits)"},
	{"create", cmd_create, 1, 7,
	 "DIR [DOMID] [--type pv|pvh|hvm] [--reconnect] [--waits]",
	 "create a domain; prints domid, gfn and event channel (--waits: its "
	 "ring's page names that, as for a domain that Xen makes at boot)"},
	{"boot", cmd_boot, 1, 7,
	 "DIR [DOMID[-LAST]] [--type pv|pvh|hvm] [--bare]",
	 "create a domain, write its nodes (--bare: none) and introduce it to "
	 "the xenstore daemon"},
	{"introduce", cmd_introduce, 2, 2, "DOMID PORT",
	 "introduce an existing domain to the xenstore daemon"},
	{"destroy", cmd_simple, 2, 2, "DIR DOMID", "kill a domain"},
	{"shutdown", cmd_shutdown, 2, 3, "DIR DOMID [REASON]",
	 "shut a domain down, as its guest does (0 poweroff, 1 reboot, 2 "
	 "suspend, 3 crash)"},
	{"pause", cmd_pause, 2, 2, "DIR DOMID",
	 "stop a domain's vcpus, and wait until they have stopped"},
	{"unpause", cmd_simple, 2, 2, "DIR DOMID", "let the vcpus run again"},
	{"move", cmd_move, 3, 6,
	 "DIR DIR-TO DOMID [--copy | --finish] [--evtchn PORT]",
	 "move a paused domain and its process to another hypervisor "
	 "(--copy: only copy it there; --finish: then complete the move; "
	 "--evtchn: its store port's number there)"},
	{"revoke", cmd_grant, 2, 3, "DIR DOMID [GREF]",
	 "revoke a grant (default: the xenstore ring's)"},
	{"grant", cmd_grant, 2, 3, "DIR DOMID [GREF]", "grant it again"},
	{"caps", cmd_caps, 2, 5, "DIR DOMID [control] [hardware] [xenstore]",
	 "give a domain these capabilities and no others (libxenmanage)"},
	{"mismatch", cmd_mismatch, 1, 5,
	 "DIR [control] [evtchn] [gnttab] [manage]",
	 "refuse programs that start from now on, as if these libraries were "
	 "of another Xen release (none: all match)"},
	{"list", cmd_list, 1, 1, "DIR", "list the domains"},
	{"lsevtchn", cmd_lsevtchn, 1, 2, "DIR [DOMID]",
	 "list the event channels of a domain (default: dom0)"},
	{"wait", cmd_wait, 1, 2, "SOCKET [SECONDS]",
	 "wait until a daemon listens on SOCKET"},
	{"stats", cmd_stats, 1, INT_MAX,
	 "[--reset-gap | --wait FIELD N] FILES...",
	 "print the sum of the guests' numbers, or wait until FIELD grew by N "
	 "in each"},
};

static int usage(FILE *out)
{
	size_t i;

	fprintf(out, "Usage: xensim COMMAND ARGUMENT...\n\nCommands:\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %s %s\n      %s\n", commands[i].name,
			commands[i].args, commands[i].help);
	fprintf(out, "\nOptions:\n"
		     "  -h, --help     show this help, and exit\n"
		     "  -V, --version  show the version, and exit\n");
	if (out == stderr)
		return 2;
	return fflush(stdout) ? 1 : 0;
}

static int write_pid(const char *dir)
{
	int dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, len;
	bool ok = false;
	char text[16];

	if (dirfd < 0)
		return errno;
	fd = openat(dirfd, "pid", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0644);
	close(dirfd);
	if (fd < 0)
		return errno;
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	ok = write(fd, text, (size_t)len) == len;
	return close(fd) || !ok ? EIO : 0;
}

static int serve(const char *dir, int ready_fd)
{
	int err = write_pid(dir);

	if (err) {
		fprintf(stderr, "xensim: cannot write %s/pid: %s\n", dir,
			strerror(err));
		return 1;
	}
	return hyp_serve(dir, ready_fd) ? 1 : 0;
}

/* Serves in a child process; returns when that serves or has failed. */
static int serve_detached(const char *dir)
{
	int fds[2], status;
	pid_t pid;
	char line[32];

	if (pipe2(fds, O_CLOEXEC)) {
		perror("xensim: pipe");
		return 1;
	}
	pid = fork();
	if (pid < 0) {
		perror("xensim: fork");
		return 1;
	}
	if (!pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		close(fds[0]);
		(void)setsid();
		if (null >= 0) {
			(void)dup2(null, 0);
			(void)dup2(null, 1);
		}
		_exit(serve(dir, fds[1]));
	}
	close(fds[1]);
	if (read(fds[0], line, sizeof(line)) > 0) {
		close(fds[0]);
		return 0;
	}
	close(fds[0]);
	(void)waitpid(pid, &status, 0);
	return 1;
}

int cmd_serve(int argc, char **argv)
{
	const char *dir = argv[1];

	if (argc == 3 && strcmp(argv[2], "-d") != 0)
		return usage(stderr);
	if (mkdir(dir, 0777) && errno != EEXIST) {
		fprintf(stderr, "xensim: cannot make %s: %s\n", dir,
			strerror(errno));
		return 1;
	}
	return argc == 3 ? serve_detached(dir) : serve(dir, STDOUT_FILENO);
}

/* Finds a library: beside this program, or where it is installed. */
static int find_library(const char *name, char *path, size_t size)
{
	static const char *const places[] = {"", "../lib/xensim/", "../lib/"};
	char self[PATH_MAX], full[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;
	size_t i;

	if (n <= 0)
		return ENOENT;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return ENOENT;
	slash[1] = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(full, sizeof(full), "%s%s%s", self, places[i],
			       name);
		if (!access(full, R_OK) &&
		    (size_t)snprintf(path, size, "%s", full) < size)
			return 0;
	}
	return ENOENT;
}

/* Puts value in front of what variable name holds. */
static int prepend_env(const char *name, const char *value)
{
	const char *old = getenv(name);
	char *text;
	int ret;

	if (!old || !*old)
		return setenv(name, value, 1);
	if (asprintf(&text, "%s:%s", value, old) < 0)
		return -1;
	ret = setenv(name, text, 1);
	free(text);
	return ret;
}

/* Programs find a library that is loaded already by its name. */
static int preload_stand_in(void)
{
	char library[PATH_MAX];

	if (find_library(STAND_IN, library, sizeof(library)))
		return 0;
	return prepend_env("LD_PRELOAD", library) ? errno : 0;
}

static int preload(const char *name)
{
	char library[PATH_MAX];

	if (find_library(name, library, sizeof(library))) {
		fprintf(stderr,
			"xensim: %s: neither beside this program nor in "
			"../lib/xensim; build or install it\n",
			name);
		return ENOENT;
	}
	return prepend_env("LD_PRELOAD", library) ? errno : 0;
}

/* Sets the environment of what is executed next. */
static int faster_clock(const char *rate)
{
	char *end;
	long n = strtol(rate, &end, 10);

	if (*end || n < 1 || n > SIM_CLOCK_MAX) {
		fprintf(stderr,
			"xensim: --clock %s: not a number from 1 to %d\n", rate,
			SIM_CLOCK_MAX);
		return EINVAL;
	}
	return setenv(SIM_ENV_CLOCK, rate, 1) ? errno : preload(CLOCK_LIBRARY);
}

int cmd_run(int argc, char **argv)
{
	int first = 2;
	char *dir;

	if (argc > first + 2 && !strcmp(argv[first], "--clock")) {
		if (faster_clock(argv[first + 1]))
			return 2;
		first += 2;
	}
	if (argc > first + 2 && !strcmp(argv[first], "--rounds")) {
		if (setenv(SIM_ENV_ROUNDS, argv[first + 1], 1) ||
		    preload(ROUND_LIBRARY))
			return 2;
		first += 2;
	}
	first += argc > first && !strcmp(argv[first], "--");
	if (first >= argc)
		return usage(stderr);
	dir = realpath(argv[1], NULL);
	if (!dir) {
		fprintf(stderr,
			"xensim: no hypervisor in %s: %s; start one with: "
			"xensim serve %s\n",
			argv[1], strerror(errno), argv[1]);
		return 1;
	}
	/*
	 * The address sanitizer insists on being the first library; ours only
	 * wraps functions, so the check is switched off.
	 */
	if (preload_stand_in() || preload(LIBRARY))
		return 1;
	if (setenv(SIM_ENV_DIR, dir, 1) ||
	    prepend_env("ASAN_OPTIONS", "verify_asan_link_order=0")) {
		perror("xensim: setenv");
		return 1;
	}
	execvp(argv[first], argv + first);
	fprintf(stderr, "xensim: cannot run %s: %s\n", argv[first],
		strerror(errno));
	return 127;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return usage(stdout);
	if (argc == 2 &&
	    (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")))
		return puts("xensim " XENSTORED_VERSION) < 0 || fflush(stdout);
	if (argc < 3)
		return usage(stderr);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *cmd = &commands[i];

		if (strcmp(cmd->name, argv[1]) != 0)
			continue;
		if (argc - 2 < cmd->min_args || argc - 2 > cmd->max_args) {
			fprintf(stderr, "Usage: xensim %s %s\n", cmd->name,
				cmd->args);
			return 2;
		}
		return cmd->run(argc - 1, argv + 1);
	}
	fprintf(stderr, "xensim: unknown command %s\n", argv[1]);
	return usage(stderr);
}
