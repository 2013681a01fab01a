/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk: compares the two stores: names in order, values and permissions. Used
 * by exec.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

struct todo {
	char **path;
	size_t n, size;
};

static void todo_add(struct todo *t, char *path)
{
	if (t->n == t->size) {
		t->size = t->size ? t->size * 2 : 64;
		t->path = realloc(t->path, t->size * sizeof(*t->path));
	}
	if (!t->path || !path)
		abort();
	t->path[t->n++] = path;
}

/* Compares both replies to one request about path. */
static int compare(struct run *r, uint32_t type, const char *path,
		   const char *what, struct message m[SIDES])
{
	uint32_t len = (uint32_t)strlen(path) + 1;
	struct step s = {.type = type,
			 .kind = STEP_WALK,
			 .len = len,
			 .body = (uint8_t *)(uintptr_t)path};
	int side;

	for (side = 0; side < SIDES; side++)
		if (run_ask(r, side, &r->conn[0], type, 0, path, len, &m[side]))
			return 1;
	if (m[STOCK].type == m[OURS].type && m[STOCK].len == m[OURS].len &&
	    !memcmp(m[STOCK].body, m[OURS].body, m[OURS].len))
		return 0;
	if (allow_reply(r, &s, &m[STOCK], &m[OURS]))
		return 0;
	(void)run_fail(r, "the stores differ: %s of", what);
	run_kind(r, " %s: %s, %s", what, message_error(&m[STOCK]),
		 message_error(&m[OURS]));
	fprintf(r->report, "  ");
	text_bytes(r->report, path, len - 1);
	fprintf(r->report, "\n  stock: ");
	text_message(r->report, &m[STOCK]);
	fprintf(r->report, "  ours: ");
	text_message(r->report, &m[OURS]);
	return 1;
}

/* A listing of any length, read in parts; the caller frees *ret. */
static int list_parts(struct run *r, int side, const char *path, char **ret,
		      size_t *ret_len)
{
	static struct message m;
	char body[XENSTORE_PAYLOAD_MAX];
	size_t len = 0, skip, part;
	char *all = NULL;
	bool end = false;

	while (!end) {
		int n = snprintf(body, sizeof(body), "%s%c%zu", path, 0, len);

		if (run_ask(r, side, &r->conn[0], XS_DIRECTORY_PART, 0, body,
			    (uint32_t)n + 1, &m)) {
			free(all);
			return 1;
		}
		if (m.type != XS_DIRECTORY_PART) {
			free(all);
			return run_fail(r, "%s cannot list %s: %s",
					r->side[side].name, path,
					message_error(&m));
		}
		skip = strlen((char *)m.body) + 1;
		part = m.len - skip;
		/* an empty name ends the list */
		end = !part || (part == 1 && !m.body[skip]) ||
		      (!m.body[m.len - 1] && !m.body[m.len - 2]);
		part -= end && part ? 1 : 0;
		all = realloc(all, len + part + 1);
		if (!all)
			abort();
		memcpy(all + len, m.body + skip, part);
		len += part;
	}
	*ret = all;
	*ret_len = len;
	return 0;
}

static int children(struct run *r, const char *path, char **ret,
		    size_t *ret_len)
{
	static struct message m[SIDES];
	char *other = NULL;
	size_t other_len;
	int rc;

	if (compare(r, XS_DIRECTORY, path, "the children", m))
		return 1;
	if (m[STOCK].type == XS_DIRECTORY) {
		*ret_len = m[STOCK].len;
		*ret = malloc(m[STOCK].len + 1u);
		if (!*ret)
			abort();
		memcpy(*ret, m[STOCK].body, m[STOCK].len);
		return 0;
	}
	if (strcmp(message_error(&m[STOCK]), "E2BIG"))
		return run_fail(r, "neither daemon can list %s", path);
	if (list_parts(r, STOCK, path, ret, ret_len))
		return 1;
	rc = list_parts(r, OURS, path, &other, &other_len);
	if (!rc && (other_len != *ret_len || memcmp(other, *ret, other_len)))
		rc = run_fail(r, "long listings of %s differ", path);
	free(other);
	return rc;
}

static int visit(struct run *r, const char *path, struct todo *todo)
{
	static struct message m[SIDES];
	char *names = NULL, *name;
	size_t len = 0, size;
	int rc = children(r, path, &names, &len);

	if (!rc)
		rc = compare(r, XS_READ, path, "the value", m);
	if (!rc)
		rc = compare(r, XS_GET_PERMS, path, "the permissions", m);
	for (name = names; !rc && name < names + len;
	     name += strlen(name) + 1) {
		char *child;

		size = strlen(path) + strlen(name) + 2;
		child = malloc(size);
		if (child)
			(void)snprintf(child, size, "%s/%s",
				       path[1] ? path : "", name);
		todo_add(todo, child);
	}
	free(names);
	return rc;
}

int walk(struct run *r)
{
	static struct message m[SIDES];
	struct todo todo = {0};
	size_t i;
	int rc;

	rc = compare(r, XS_GET_PERMS, "@introduceDomain", "permissions", m) ||
	     compare(r, XS_GET_PERMS, "@releaseDomain", "permissions", m);
	todo_add(&todo, strdup("/"));
	for (i = 0; i < todo.n; i++) {
		if (!rc)
			rc = visit(r, todo.path[i], &todo);
		free(todo.path[i]);
	}
	free(todo.path);
	return rc;
}
