// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tools: requests outside transactions as command lines of the installed client
 * tools. They report that something failed, but not the errno.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "live.h"
#include "wire/wire.h"

#define MAX_ARGS 20

/* Returns the tool's output, and its exit code or -1. */
static int run_tool(struct live *l, const char *const argv[],
		    struct sh_bytes *ret)
{
	char buf[4096];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(fds))
		return -1;
	pid = fork();
	if (!pid) {
		(void)dup2(fds[1], STDOUT_FILENO);
		if (!freopen("/dev/null", "w", stderr))
			_exit(126);
		close(fds[0]);
		close(fds[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0)
		sh_bytes_put(l, ret, buf, (size_t)n);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Whether a command line passes this path or value unchanged. */
static bool plain(const struct word *w)
{
	size_t i;

	for (i = 0; i < w->len; i++)
		if (!isprint((unsigned char)w->p[i]) || w->p[i] == '\\')
			return false;
	return w->p[0] != '-';
}

static int done(struct live *l, struct peer *p, const struct request *q,
		int code, const void *body, size_t len)
{
	if (code < 0 || code > 1)
		return 1;
	client_reply(l, p, q, code ? EINVAL : 0, body, len);
	return 0;
}

static int tool_read(struct live *l, struct peer *p, const struct request *q)
{
	const char *argv[] = {"xenstore-read", "-R", q->w[0].p, NULL};
	const char *exists[] = {"xenstore-exists", q->w[0].p, NULL};
	struct sh_bytes out = {0}, none = {0};
	int code = run_tool(l, argv, &out);

	if (code != run_tool(l, exists, &none))
		return run_fail(&l->run,
				"xenstore-exists gives another result");
	return done(l, p, q, code, out.p, out.len);
}

static int tool_list(struct live *l, struct peer *p, const struct request *q)
{
	const char *argv[] = {"xenstore-list", q->w[0].p, NULL};
	struct sh_bytes out = {0};
	int code = run_tool(l, argv, &out);
	size_t i;

	for (i = 0; i < out.len; i++)
		if (out.p[i] == '\n')
			out.p[i] = 0;
	if (out.len > XENSTORE_PAYLOAD_MAX)
		return 1;
	return done(l, p, q, code, out.p, out.len);
}

static int tool_write(struct live *l, struct peer *p, const struct request *q)
{
	const char *argv[] = {"xenstore-write", q->w[0].p, q->w[1].p, NULL};
	struct sh_bytes out = {0};

	if (!plain(&q->w[1]) || strlen(q->w[1].p) != q->w[1].len)
		return 1;
	return done(l, p, q, run_tool(l, argv, &out), "OK", 3);
}

static int tool_rm(struct live *l, struct peer *p, const struct request *q)
{
	const char *argv[] = {"xenstore-rm", q->w[0].p, NULL};
	struct sh_bytes out = {0};

	/* the tool uses a transaction: other events, in another order */
	if (l->watched)
		return 1;
	return done(l, p, q, run_tool(l, argv, &out), "OK", 3);
}

static int tool_chmod(struct live *l, struct peer *p, const struct request *q)
{
	const char *argv[MAX_ARGS] = {"xenstore-chmod"};
	struct sh_bytes out = {0};
	int i;

	if (q->n > MAX_ARGS - 2)
		return 1;
	for (i = 0; i < q->n; i++) {
		/* the tool takes a malformed number for another number */
		if (!plain(&q->w[i]) ||
		    (i &&
		     (q->w[i].len < 2 ||
		      strspn(q->w[i].p + 1, "0123456789") != q->w[i].len - 1)))
			return 1;
		argv[i + 1] = q->w[i].p;
	}
	return done(l, p, q, run_tool(l, argv, &out), "OK", 3);
}

/* The permissions in xenstore-ls -p's line of a child: "name = ...  (n0,r1)" */
static char *ls_perms(char *text, const char *name)
{
	size_t len = strlen(name);
	char *line, *rest = text, *open;

	while ((line = strsep(&rest, "\n"))) {
		open = strrchr(line, '(');
		if (strncmp(line, name, len) != 0 ||
		    strncmp(line + len, " = ", 3) != 0 || !open)
			continue;
		open[strcspn(open, ")")] = 0;
		return open + 1;
	}
	return NULL;
}

static int tool_perms(struct live *l, struct peer *p, const struct request *q)
{
	char *up = talloc_strdup(l, q->w[0].p), *slash = strrchr(up, '/');
	const char *argv[] = {"xenstore-ls", "-p", up, NULL};
	struct sh_bytes out = {0}, all = {0};
	char *perms, *one;
	int code;

	if (!slash || !slash[1])
		return 1;
	*slash = 0;
	if (slash == up)
		argv[2] = talloc_strdup(l, "/");
	code = run_tool(l, argv, &out);
	sh_bytes_put(l, &out, "", 1);
	perms = code ? NULL : ls_perms((char *)out.p, slash + 1);
	while (perms && (one = strsep(&perms, ",")))
		sh_bytes_put(l, &all, one, strlen(one) + 1);
	return done(l, p, q, !all.len, all.p, all.len);
}

static const struct {
	uint32_t type;
	int min, max; /* words */
	int (*call)(struct live *l, struct peer *p, const struct request *q);
} tools[] = {
	{WIRE_READ, 1, 1, tool_read},	    {WIRE_DIRECTORY, 1, 1, tool_list},
	{WIRE_WRITE, 2, 2, tool_write},	    {WIRE_RM, 1, 1, tool_rm},
	{WIRE_SET_PERMS, 2, 9, tool_chmod}, {WIRE_GET_PERMS, 1, 1, tool_perms},
};

int tools_request(struct live *l, struct peer *p, const struct request *q)
{
	size_t i;

	if (q->tx || !q->n || !q->w[0].len || !plain(&q->w[0]) ||
	    q->w[0].len > 3000)
		return 1;
	for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (tools[i].type == q->type && q->n >= tools[i].min &&
		    q->n <= tools[i].max)
			return tools[i].call(l, p, q);
	return 1;
}
