// SPDX-License-Identifier: GPL-2.0-or-later
/* lib: requests as calls of the installed libxenstore. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <xenstore.h>

#include "live.h"
#include "wire/wire.h"

#define MAX_PERMS 16

int lib_open(struct peer *p)
{
	live_of(p)->xs = xs_open(0);
	return live_of(p)->xs ? 0 : errno;
}

void lib_close(struct peer *p)
{
	xs_close(live_of(p)->xs);
	live_of(p)->xs = NULL;
}

/* The result of a call that returns a boolean. */
static int said(struct live *l, struct peer *p, const struct request *q,
		bool ok)
{
	int err = errno;

	client_reply(l, p, q, ok ? 0 : err, "OK", 3);
	return 0;
}

/* The result of a call that returns bytes, NULL for an error; frees it. */
static int said_bytes(struct live *l, struct peer *p, const struct request *q,
		      char *value, size_t len)
{
	int err = errno;

	client_reply(l, p, q, value ? 0 : err, value, len);
	free(value);
	return 0;
}

static int read_node(struct live *l, struct peer *p, const struct request *q)
{
	unsigned int len = 0;
	char *value = xs_read(live_of(p)->xs, q->tx, q->w[0].p, &len);

	return said_bytes(l, p, q, value, len);
}

static int directory(struct live *l, struct peer *p, const struct request *q)
{
	unsigned int n = 0, i;
	char **names = xs_directory(live_of(p)->xs, q->tx, q->w[0].p, &n);
	struct sh_bytes all = {0};
	int err = errno;

	for (i = 0; names && i < n; i++)
		sh_bytes_put(l, &all, names[i], strlen(names[i]) + 1);
	free(names);
	/* the library asks again, in parts */
	if (all.len > XENSTORE_PAYLOAD_MAX)
		return 1;
	client_reply(l, p, q, names ? 0 : err, all.p, all.len);
	return 0;
}

int lib_parts(struct peer *p, const char *path, size_t *ret_names,
	      size_t *ret_bytes)
{
	unsigned int n = 0, i;
	char **names = xs_directory(live_of(p)->xs, 0, path, &n);

	if (!names)
		return errno;
	*ret_names = n;
	*ret_bytes = 0;
	for (i = 0; i < n; i++)
		*ret_bytes += strlen(names[i]) + 1;
	free(names);
	return 0;
}

static int get_perms(struct live *l, struct peer *p, const struct request *q)
{
	unsigned int n = 0, i;
	struct xs_permissions *perms =
		xs_get_permissions(live_of(p)->xs, q->tx, q->w[0].p, &n);
	struct sh_bytes all = {0};
	char text[32];
	int err = errno;

	for (i = 0; perms && i < n; i++) {
		int len = snprintf(text, sizeof(text), "%c%u",
				   "nrwb"[perms[i].perms & 3], perms[i].id);

		sh_bytes_put(l, &all, text, (size_t)len + 1);
	}
	client_reply(l, p, q, perms ? 0 : err, all.p, all.len);
	free(perms);
	return 0;
}

static bool number(const struct word *w, unsigned int *ret)
{
	char *end;

	*ret = (unsigned int)strtoul(w->p, &end, 10);
	return w->len && w->len < 10 && !*end &&
	       strspn(w->p, "0123456789") == w->len;
}

static int set_perms(struct live *l, struct peer *p, const struct request *q)
{
	static const char letters[] = "nrwb";
	struct xs_permissions perms[MAX_PERMS];
	unsigned int i, n = (unsigned int)q->n - 1;

	if (n > MAX_PERMS)
		return 1;
	for (i = 0; i < n; i++) {
		struct word w = q->w[i + 1];
		const char *letter = w.len ? strchr(letters, w.p[0]) : NULL;

		w.p++;
		w.len--;
		if (!letter || !*letter || !number(&w, &perms[i].id))
			return 1;
		perms[i].perms = (unsigned int)(letter - letters);
	}
	return said(
		l, p, q,
		xs_set_permissions(live_of(p)->xs, q->tx, q->w[0].p, perms, n));
}

static int control(struct live *l, struct peer *p, const struct request *q)
{
	struct sh_bytes data = {0};
	char *answer;
	int i;

	for (i = 1; i < q->n; i++)
		sh_bytes_put(l, &data, q->w[i].p, q->w[i].len + 1);
	answer = xs_control_command(live_of(p)->xs, q->w[0].p, data.p,
				    (unsigned int)data.len);
	return said_bytes(l, p, q, answer, answer ? strlen(answer) + 1 : 0);
}

static int transaction(struct live *l, struct peer *p, const struct request *q)
{
	char text[32];
	xs_transaction_t t;

	if (q->type == WIRE_TRANSACTION_END) {
		bool abort = !strcmp(q->w[0].p, "F");

		if (!abort && strcmp(q->w[0].p, "T") != 0)
			return 1;
		return said(l, p, q,
			    xs_transaction_end(live_of(p)->xs, q->tx, abort));
	}
	if (q->tx || q->w[0].len)
		return 1;
	t = xs_transaction_start(live_of(p)->xs);
	if (!t)
		return said(l, p, q, false);
	(void)snprintf(text, sizeof(text), "%u", t);
	client_reply(l, p, q, 0, text, strlen(text) + 1);
	return 0;
}

/* Requests about a domain; the first word is its number. */
static int domain(struct live *l, struct peer *p, const struct request *q)
{
	struct xs_handle *xs = live_of(p)->xs;
	unsigned int domid, other, port;
	char *path;

	if (q->tx || !number(&q->w[0], &domid))
		return 1;
	switch (q->type) {
	case WIRE_GET_DOMAIN_PATH:
		path = xs_get_domain_path(xs, domid);
		return said_bytes(l, p, q, path, path ? strlen(path) + 1 : 0);
	case WIRE_IS_DOMAIN_INTRODUCED:
		client_reply(l, p, q, 0,
			     xs_is_domain_introduced(xs, domid) ? "T" : "F", 2);
		return 0;
	case WIRE_RELEASE:
		return said(l, p, q, xs_release_domain(xs, domid));
	case WIRE_RESUME:
		return said(l, p, q, xs_resume_domain(xs, domid));
	case WIRE_SET_TARGET:
		if (!number(&q->w[1], &other))
			return 1;
		return said(l, p, q, xs_set_target(xs, domid, other));
	default:
		if (!number(&q->w[1], &other) || !number(&q->w[2], &port))
			return 1;
		return said(l, p, q,
			    xs_introduce_domain(xs, domid, other, port));
	}
}

static int node_write(struct live *l, struct peer *p, const struct request *q)
{
	return said(l, p, q,
		    xs_write(live_of(p)->xs, q->tx, q->w[0].p, q->w[1].p,
			     (unsigned int)q->w[1].len));
}

static int node_make(struct live *l, struct peer *p, const struct request *q)
{
	return said(l, p, q,
		    q->type == WIRE_RM
			    ? xs_rm(live_of(p)->xs, q->tx, q->w[0].p)
			    : xs_mkdir(live_of(p)->xs, q->tx, q->w[0].p));
}

static int watch(struct live *l, struct peer *p, const struct request *q)
{
	if (q->tx)
		return 1;
	return said(l, p, q,
		    (q->type == WIRE_WATCH ? xs_watch : xs_unwatch)(
			    live_of(p)->xs, q->w[0].p, q->w[1].p));
}

static const struct {
	uint32_t type;
	int min, max; /* words */
	int (*call)(struct live *l, struct peer *p, const struct request *q);
} calls[] = {
	{WIRE_READ, 1, 1, read_node},
	{WIRE_DIRECTORY, 1, 1, directory},
	{WIRE_GET_PERMS, 1, 1, get_perms},
	{WIRE_SET_PERMS, 1, MAX_PERMS, set_perms},
	{WIRE_WRITE, 2, 2, node_write},
	{WIRE_MKDIR, 1, 1, node_make},
	{WIRE_RM, 1, 1, node_make},
	{WIRE_WATCH, 2, 2, watch},
	{WIRE_UNWATCH, 2, 2, watch},
	{WIRE_TRANSACTION_START, 1, 1, transaction},
	{WIRE_TRANSACTION_END, 1, 1, transaction},
	{WIRE_CONTROL, 1, 16, control},
	{WIRE_GET_DOMAIN_PATH, 1, 1, domain},
	{WIRE_IS_DOMAIN_INTRODUCED, 1, 1, domain},
	{WIRE_RELEASE, 1, 1, domain},
	{WIRE_RESUME, 1, 1, domain},
	{WIRE_SET_TARGET, 2, 2, domain},
	{WIRE_INTRODUCE, 3, 3, domain},
};

int lib_request(struct live *l, struct peer *p, const struct request *q)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].type == q->type && q->n >= calls[i].min &&
		    q->n <= calls[i].max)
			return calls[i].call(l, p, q);
	return 1;
}

void lib_events(struct live *l, struct peer *p)
{
	struct xs_handle *xs = live_of(p)->xs;
	struct pollfd pfd = {.fd = xs_fileno(xs), .events = POLLIN};
	unsigned int len = 0;
	char **event;

	/* events sent before this reply arrive before it */
	free(xs_read(xs, XBT_NULL, "/", &len));
	while (pfd.fd >= 0 && poll(&pfd, 1, 0) > 0 &&
	       (event = xs_check_watch(xs))) {
		client_event(l, p, event[XS_WATCH_PATH], event[XS_WATCH_TOKEN]);
		free(event);
	}
}
