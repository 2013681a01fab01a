/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ox-node: the nodes in oxenstored's dump, their permissions and the special
 * ones; see ox-dump.h.  Called by ox-dump.c and,
 * for one value, by successor-ox.c.
 */
#include "stock/ox-internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/array.h"

#define FIRST_RESERVED 0x7ff0u /* domids from here on are reserved */
#define OWNER_INSTEAD  0u

const char *const ox_specials[OX_SPECIALS] = {"@releaseDomain",
					      "@introduceDomain"};

/* Whether it is "/" and that name. */
static bool is_special(const struct ox_field *hex, unsigned int i)
{
	char path[32];
	struct wbuf to;
	struct ox_line line = {.n = 1, .f = {*hex}};
	struct err err;

	wbuf_init_fixed(&to, path, sizeof(path));
	return !ox_string(&line, 0, "path", &to, &err) && path[0] == '/' &&
	       !strcmp(path + 1, ox_specials[i]);
}

/* ---- permissions ---- */

/*
 * oxenstored accepts any number as a domid.  False if no domain can have it.
 * DOMID_ANY is such a number there, and grants nothing.
 */
static bool read_domid(const uint8_t *p, size_t len, uint16_t *ret)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < len && v < FIRST_RESERVED; i++)
		v = v * 10 + (uint32_t)(p[i] - '0');
	*ret = (uint16_t)v;
	return v < FIRST_RESERVED;
}

static bool all_digits(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return len > 0;
}

/* One entry; *n counts those that are kept. */
static int read_perm(struct ox_reading *r, const uint8_t *p, size_t len,
		     uint32_t *n)
{
	struct rec_perm perm = {0};

	if (len < 2 || !p[0] || !strchr("nrwb", p[0]) ||
	    !all_digits(p + 1, len - 1))
		return ox_wrong(
			&r->line, r->err,
			"field permissions: entry \"%.*s\": expected n, "
			"r, w or b and a domid",
			(int)(len < 24 ? len : 24), (const char *)p);
	perm.perm = p[0];
	if (!read_domid(p + 1, len - 1, &perm.domid)) {
		r->losses->n[*n ? LOSS_ENTRY : LOSS_OWNER]++;
		if (*n)
			return 0;
		perm.domid = OWNER_INSTEAD;
	}
	if (*n == UINT16_MAX)
		return ox_wrong(&r->line, r->err,
				"field permissions: more than %u entries",
				UINT16_MAX);
	if (!array_room(r->ctx, r->perms, *n, r->perms_size))
		return ox_no_memory(r);
	r->perms[(*n)++] = perm;
	return 0;
}

/* Uses r->value for the text. */
static int read_perms(struct ox_reading *r, uint16_t *ret_n)
{
	const uint8_t *p, *end, *nul;
	uint32_t n = 0;
	int rc;

	r->value.len = 0;
	rc = ox_bytes(&r->line, 2, "permissions", &r->value, r->err);
	if (rc)
		return rc;
	if (!r->value.len)
		return ox_wrong(&r->line, r->err,
				"field permissions: has no entry, so the node "
				"has no owner");
	p = r->value.data;
	end = p + r->value.len;
	for (; p < end && !rc; p = nul + 1) {
		nul = memchr(p, 0, (size_t)(end - p));
		if (!nul)
			nul = end;
		rc = read_perm(r, p, (size_t)(nul - p), &n);
	}
	*ret_n = (uint16_t)n;
	return rc;
}

/* ---- all of them ---- */

int ox_keep_node(struct ox_reading *r)
{
	const struct ox_line *line = &r->line;
	struct ox_node *node;
	unsigned int i;

	if (line->n < 2)
		return ox_wrong(line, r->err, "field path: missing");
	if (!array_room(r->ctx, r->nodes, r->nnodes, r->nodes_size))
		return ox_no_memory(r);
	node = &r->nodes[r->nnodes++];
	node->at = line->at;
	node->number = line->number;
	node->hex = line->f[1].p;
	node->len = line->f[1].len;
	for (i = 0; i < OX_SPECIALS; i++)
		if (is_special(&line->f[1], i) && !r->special[i])
			r->special[i] = line->number;
	return 0;
}

/* A parent is before its children, siblings are in the order of their names. */
static int by_path(const void *a, const void *b)
{
	const struct ox_node *x = a, *y = b;
	int rc = memcmp(x->hex, y->hex, x->len < y->len ? x->len : y->len);

	return rc ? rc : (x->len > y->len) - (x->len < y->len);
}

/* The digits of the parent's path: those before the last "2f", or "2f". */
static size_t parent_digits(const struct ox_reading *r)
{
	const char *path = (const char *)r->text.data;
	size_t len = (size_t)(strrchr(path, '/') - path);

	return 2 * (len ? len : 1);
}

/* No other line may have its path, and one must have its parent's. */
static int check_place(struct ox_reading *r, const struct ox_node *node)
{
	const char *path = (const char *)r->text.data;
	struct ox_node parent = {.hex = node->hex, .len = parent_digits(r)};

	if (node > r->nodes && !by_path(node - 1, node))
		return ox_twice(r, node[-1].number, "its path");
	if (!path[1] ||
	    bsearch(&parent, r->nodes, r->nnodes, sizeof(parent), by_path))
		return 0;
	return ox_wrong(&r->line, r->err,
			"field path: %.100s: no line has its parent", path);
}

/* ---- a line ---- */

static int put_special(struct ox_reading *r, const struct ox_node *node,
		       unsigned int i)
{
	struct record rec = {.type = REC_SPECIAL_NODE};
	int rc;

	if (node > r->nodes && !by_path(node - 1, node))
		return ox_twice(r, node[-1].number, "its path");
	rc = read_perms(r, &rec.special.perm_count);
	if (rc)
		return rc;
	rec.special.path = ox_specials[i];
	rec.special.path_len = (uint16_t)(strlen(ox_specials[i]) + 1);
	rec.special.perms = r->perms;
	return ox_put(r, &rec);
}

static int put_plain(struct ox_reading *r, const struct ox_node *node)
{
	struct record rec = {.type = REC_NODE_DATA};
	uint16_t perm_count;
	int rc = check_place(r, node);

	if (!rc)
		rc = read_perms(r, &perm_count);
	r->value.len = 0;
	if (!rc)
		rc = ox_bytes(&r->line, 3, "value", &r->value, r->err);
	if (rc)
		return rc;
	if (r->value.len > UINT16_MAX)
		return ox_wrong(&r->line, r->err,
				"field value: %zu bytes; at most %u can be "
				"carried",
				r->value.len, UINT16_MAX);
	rec.node.path = (const char *)r->text.data;
	rec.node.path_len = (uint16_t)r->text.len;
	rec.node.perms = r->perms;
	rec.node.perm_count = perm_count;
	rec.node.value = r->value.data;
	rec.node.value_len = (uint16_t)r->value.len;
	return ox_put(r, &rec);
}

/* 0 to OX_SPECIALS - 1; OX_SPECIALS: below one of them; more: a plain node. */
static unsigned int which_special(const char *path)
{
	unsigned int i;

	for (i = 0; i < OX_SPECIALS; i++) {
		size_t n = strlen(ox_specials[i]);

		if (!strncmp(path + 1, ox_specials[i], n) &&
		    (!path[n + 1] || path[n + 1] == '/'))
			return path[n + 1] ? OX_SPECIALS : i;
	}
	return OX_SPECIALS + 1;
}

static int put_node(struct ox_reading *r, const struct ox_node *node)
{
	const char *path;
	unsigned int special;
	int rc;

	r->text.len = 0;
	rc = ox_string(&r->line, 1, "path", &r->text, r->err);
	if (rc)
		return rc;
	path = (const char *)r->text.data;
	if (path[0] != '/' || r->text.len > UINT16_MAX)
		return ox_wrong(
			&r->line, r->err,
			"field path: not an absolute path, or too long");
	special = which_special(path);
	if (special < OX_SPECIALS)
		return put_special(r, node, special);
	if (special == OX_SPECIALS ||
	    (r->d->fits && !r->d->fits(r->d->arg, path, false, 0))) {
		r->losses->n[LOSS_PATH]++;
		return 0;
	}
	return put_plain(r, node);
}

int ox_put_nodes(struct ox_reading *r)
{
	const char *end = (const char *)r->d->data + r->d->len;
	struct ox_lines in;
	size_t i;
	int rc = 0;

	if (r->nnodes)
		qsort(r->nodes, r->nnodes, sizeof(*r->nodes), by_path);
	for (i = 0; i < r->nnodes && !rc; i++) {
		const struct ox_node *node = &r->nodes[i];

		ox_lines_init(&in, node->at, (size_t)(end - node->at));
		in.number = node->number - 1;
		if (ox_line_next(&in, &r->line, &rc, r->err))
			rc = put_node(r, node);
		ox_no_more(r, 4);
	}
	return rc;
}

/* ---- one value ---- */

bool ox_dump_value(const void *data, size_t len, const char *path, char *ret,
		   size_t size)
{
	struct err err;
	struct ox_lines in;
	struct ox_line line;
	uint8_t name[256];
	struct wbuf to;
	int rc;

	ox_lines_init(&in, data, len);
	while (ox_line_next(&in, &line, &rc, &err)) {
		if (line.n < 4 || line.f[0].len != 5 ||
		    memcmp(line.f[0].p, "store", 5))
			continue;
		wbuf_init_fixed(&to, name, sizeof(name));
		if (ox_string(&line, 1, "path", &to, &err) ||
		    strcmp((char *)name, path))
			continue;
		wbuf_init_fixed(&to, ret, size);
		return !ox_string(&line, 3, "value", &to, &err);
	}
	return false;
}
