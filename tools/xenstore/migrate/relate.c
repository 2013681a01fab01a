/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relate: see relate.h.  Knows paths and values, neither the store nor images.
 * Its memory grows with the number of backend areas and frontends.
 */
#include "migrate/relate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"
#define PARTS_MAX 8 /* names of a path that the rule looks at */

/* Two paths, one of which names the other; the second may be NULL. */
struct pair {
	char *a, *b;
};

struct pairs {
	struct pair *p;
	size_t n, size;
};

struct relate {
	char id[8]; /* the domid's digits */
	char home[40], libxl[20];
	struct pairs claims;  /* area that a frontend names, frontend */
	struct pairs answers; /* area, frontend that it names */
	struct pairs roots;   /* paths that relate by what was learnt; sorted */
	uint16_t domid;
};

struct relate *relate_new(const void *ctx, uint16_t domid)
{
	struct relate *r = talloc_zero(ctx, struct relate);

	if (!r)
		return NULL;
	r->domid = domid;
	snprintf(r->id, sizeof(r->id), "%u", domid);
	snprintf(r->home, sizeof(r->home), "/local/domain/%u", domid);
	snprintf(r->libxl, sizeof(r->libxl), "/libxl/%u", domid);
	return r;
}

static int pairs_add(struct relate *r, struct pairs *to, const char *a,
		     size_t a_len, const char *b, size_t b_len)
{
	struct pair *p;

	if (!array_room(r, to->p, to->n, to->size))
		return ENOMEM;
	p = to->p + to->n;
	p->a = talloc_strndup(r, a, a_len);
	p->b = b ? talloc_strndup(r, b, b_len) : NULL;
	if (!p->a || (b && !p->b))
		return ENOMEM;
	to->n++;
	return 0;
}

/* ---- paths ---- */

/* Whether path is top or below it. */
static bool below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return !strncmp(path, top, len) && (path[len] == '/' || !path[len]);
}

struct part {
	const char *s;
	size_t len;
};

/* The names of an absolute path, the first PARTS_MAX of them. */
static unsigned int split(const char *path, struct part part[PARTS_MAX])
{
	unsigned int n = 0;

	while (*path == '/' && path[1] && n < PARTS_MAX) {
		part[n].s = ++path;
		part[n].len = strcspn(path, "/");
		path += part[n++].len;
	}
	return n;
}

static bool part_is(const struct part *p, const char *s)
{
	return p->len == strlen(s) && !memcmp(p->s, s, p->len);
}

static bool in_some_home(const struct part *p, unsigned int n)
{
	return n > 3 && part_is(&p[0], "local") && part_is(&p[1], "domain");
}

/* Below somebody's backend folder. */
static bool in_backend(const struct part *p, unsigned int n)
{
	return in_some_home(p, n) && n > 4 && part_is(&p[3], "backend");
}

/* ---- learning ---- */

/* "/vm/UUID", in the home's node `vm`. */
static int learn_vm(struct relate *r, const char *value)
{
	struct part p[PARTS_MAX];
	size_t len = strlen(value);

	if (split(value, p) != 2 || !part_is(&p[0], "vm") ||
	    value[len - 1] == '/')
		return 0;
	return pairs_add(r, &r->roots, value, len, NULL, 0);
}

/* F/backend = P, F below the home. */
static int learn_claim(struct relate *r, const char *path, size_t up,
		       const char *value)
{
	struct part p[PARTS_MAX];
	unsigned int n = split(value, p);

	if (!in_some_home(p, n) || n < 5)
		return 0;
	return pairs_add(r, &r->claims, value, strlen(value), path, up);
}

/* P/frontend = F or P/frontend-id = D. */
static int learn_answer(struct relate *r, const char *path, size_t up,
			const char *value, bool is_path)
{
	struct part p[PARTS_MAX];
	unsigned int n = split(path, p);

	/* an area needs at least a type and a name below the backend folder */
	if (in_backend(p, n) && n > 6)
		return pairs_add(r, &r->roots, path, up, NULL, 0);
	if (!is_path)
		return 0;
	return pairs_add(r, &r->answers, path, up, value, strlen(value));
}

int relate_learn(struct relate *r, const char *path, const void *value,
		 size_t len)
{
	const char *name = strrchr(path, '/');
	char text[3080];
	size_t up;

	if (!name || !len || len >= sizeof(text) || memchr(value, 0, len))
		return 0;
	up = (size_t)(name++ - path);
	if (strcmp(name, "vm") && strcmp(name, "backend") &&
	    strcmp(name, "frontend") && strcmp(name, "frontend-id"))
		return 0;
	memcpy(text, value, len);
	text[len] = 0;
	if (!strcmp(name, "vm")) {
		if (up == strlen(r->home) && below(path, r->home))
			return learn_vm(r, text);
	} else if (!strcmp(name, "backend")) {
		if (below(path, r->home))
			return learn_claim(r, path, up, text);
	} else if (!strcmp(name, "frontend")) {
		if (below(text, r->home))
			return learn_answer(r, path, up, text, true);
	} else if (!strcmp(text, r->id)) {
		return learn_answer(r, path, up, text, false);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int rc = strcmp(x->a, y->a);

	if (rc || !x->b || !y->b)
		return rc;
	return strcmp(x->b, y->b);
}

static void sort(struct pairs *p)
{
	if (p->n)
		qsort(p->p, p->n, sizeof(*p->p), compare);
}

static bool find(const struct pairs *p, const struct pair *what)
{
	return p->n && bsearch(what, p->p, p->n, sizeof(*p->p), compare);
}

int relate_learned(struct relate *r)
{
	size_t i;
	int rc;

	sort(&r->claims);
	for (i = 0; i < r->answers.n; i++) {
		const struct pair *p = &r->answers.p[i];

		if (!find(&r->claims, p))
			continue;
		rc = pairs_add(r, &r->roots, p->a, strlen(p->a), NULL, 0);
		if (rc)
			return rc;
	}
	sort(&r->roots);
	return 0;
}

/* ---- asking ---- */

const char *relate_root(const struct relate *r, size_t i)
{
	return i < r->roots.n ? r->roots.p[i].a : NULL;
}

/* Whether path or one above it relates by what was learnt. */
static bool below_root(const struct relate *r, const char *path)
{
	char up[3080];
	struct pair what = {up, NULL};
	size_t len = strlen(path);

	if (!r->roots.n || len >= sizeof(up))
		return false;
	memcpy(up, path, len + 1);
	while (len) {
		if (up[len] == '/')
			up[len] = 0;
		if (!up[len] && find(&r->roots, &what))
			return true;
		len--;
	}
	return false;
}

bool relate_node(const struct relate *r, const char *path, uint16_t owner)
{
	struct part p[PARTS_MAX];
	unsigned int n;

	if (owner == r->domid || below(path, r->home) || below(path, r->libxl))
		return true;
	n = split(path, p);
	if (in_backend(p, n) && n > 5 && part_is(&p[5], r->id))
		return true;
	return below_root(r, path);
}
