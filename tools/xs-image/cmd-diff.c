// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd-diff: compares the meaning of two images, not their bytes.  Both are read
 * as dialect spec; each thing (a node, a connection, a watch, ...) is looked up
 * by name in the other image, wherever it is there.  HEADER is about the image
 * itself and is not compared.
 *
 * Keeps 40 bytes of each thing, and the text only of those that differ.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "xs-image.h"

#include "image/text.h"

enum {
	A,
	B
};

struct item {
	struct digest name, text;
};

struct side {
	struct input in;
	struct item *items; /* malloc: there may be many */
	size_t n, size;
	/* nodes since the last NODE_GENERATIONS */
	struct wbuf paths;
	uint32_t *path_at;
	size_t npaths, paths_size;
};

struct diff {
	struct tool *t;
	struct seen *hash;  /* only for its hash key */
	struct seen *wrong; /* names of things that differ */
	struct side side[2];
	struct side *now; /* the one being read */
	bool print;
	struct wbuf text;
	uint64_t found;
};

/* The fields that name a thing. */
static const char *const names[] = {"conn-id", "tx-id", "path",
				    "wpath",   "token", "index",
				    "domid",   "name",	"soft"};

static bool is_name(const char *field)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i], field))
			return true;
	}
	return false;
}

/* Appends the bytes of these fields to d->text. */
static void add_names(struct diff *d, const struct record *rec)
{
	const struct record_desc *desc = record_find(rec->type);
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;
	const struct field *f = desc->fields;

	for (; f < desc->fields + desc->nfields; f++) {
		if (f->kind == FIELD_PAD || !is_name(f->name) ||
		    !field_cond_holds(st, &f->when))
			continue;
		/* a connection is named by its id alone */
		if (rec->type == REC_CONNECTION_DATA &&
		    strcmp(f->name, "conn-id"))
			continue;
		if (field_is_variable(f->kind))
			wbuf_bytes(&d->text, field_pointer(st, f),
				   field_count(st, f));
		else
			wbuf_u64(&d->text,
				 field_member(st, f->member, f->size));
	}
}

static int add_item(struct diff *d, const struct item *item)
{
	struct side *s = d->now;
	size_t size = s->size ? s->size * 2 : 1024;
	struct item *items;

	if (s->n == s->size) {
		items = realloc(s->items, size * sizeof(*items));
		if (!items)
			return ENOMEM;
		s->items = items;
		s->size = size;
	}
	s->items[s->n++] = *item;
	return 0;
}

/* Handles one thing; its text is d->text from offset from on. */
static int thing(struct diff *d, const struct thing *name, size_t from)
{
	struct thing text = {.p = d->text.data + from,
			     .p_len = d->text.len - from};
	struct item item = {thing_digest(d->hash, name),
			    thing_digest(d->hash, &text)};
	char sign = d->now == &d->side[A] ? '-' : '+';

	if (d->text.failed)
		return ENOMEM;
	if (!d->print)
		return add_item(d, &item);
	if (!seen_has(d->wrong, &(struct thing){.p = &item.name,
						.p_len = sizeof(item.name)}))
		return 0;
	printf("%c %.*s", sign, (int)text.p_len, (const char *)text.p);
	d->found++;
	return 0;
}

static int add_path(struct side *s, const struct rec_node *n)
{
	size_t size = s->paths_size ? s->paths_size * 2 : 1024;
	uint32_t *at = s->path_at;

	if (s->npaths == s->paths_size) {
		at = realloc(at, size * sizeof(*at));
		if (!at)
			return ENOMEM;
		s->path_at = at;
		s->paths_size = size;
	}
	at[s->npaths++] = (uint32_t)s->paths.len;
	wbuf_bytes(&s->paths, n->path, n->path_len);
	return s->paths.failed ? ENOMEM : 0;
}

/* The record is about the nodes before it: makes a thing for each. */
static int generations(struct diff *d, const struct rec_generations *g)
{
	struct side *s = d->now;
	struct thing name = {.kind = REC_NODE_GENERATIONS};
	uint32_t i;
	int rc = 0;

	if (g->count > s->npaths)
		return EINVAL;
	for (i = 0; i < g->count && !rc; i++) {
		const char *path = (const char *)s->paths.data +
				   s->path_at[s->npaths - g->count + i];

		name.p = path;
		name.p_len = strlen(path);
		d->text.len = 0;
		wbuf_printf(&d->text, "generations of ");
		wbuf_bytes(&d->text, path, name.p_len);
		wbuf_printf(&d->text, ": %llu/%llu\n",
			    (unsigned long long)g->gens[i].value,
			    (unsigned long long)g->gens[i].children);
		rc = thing(d, &name, 0);
	}
	s->npaths = 0;
	s->paths.len = 0;
	return rc;
}

static int each(void *arg, const struct record *rec, struct err *err)
{
	struct diff *d = arg;
	struct thing name = {.kind = rec->type};
	size_t from;
	int rc = 0;

	d->text.len = 0;
	if (rec->type == REC_HEADER)
		return 0;
	if (rec->type == REC_NODE_GENERATIONS) {
		rc = generations(d, &rec->generations);
		return rc ? err_set(err, rc,
				    rc == EINVAL ? "NODE_GENERATIONS: more "
						   "than nodes before it"
						 : "out of memory")
			  : 0;
	}
	if (rec->type == REC_NODE_DATA && !rec->node.conn_id)
		rc = add_path(d->now, &rec->node);
	if (rec->desc || record_find(rec->type))
		add_names(d, rec);
	from = d->text.len;
	image_text(&d->text, rec);
	name.p = d->text.data;
	name.p_len = from;
	if (!rc)
		rc = thing(d, &name, from);
	return rc ? err_set(err, rc, "out of memory") : 0;
}

static int read_side(struct diff *d, struct side *s)
{
	struct image_losses losses;
	struct image_convert c = {
		.from = s->in.guess.format,
		.to = &image_format_native,
		.put = each,
		.arg = d,
	};
	struct err err = {0};
	int rc;

	d->now = s;
	s->npaths = 0;
	s->paths.len = 0;
	rc = image_convert(d->t->ctx, s->in.data, s->in.len, &c, &losses, &err);
	return rc ? input_complain(&s->in, rc, &err) : 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct item));
}

static int is_wrong(struct diff *d, const struct item *item)
{
	struct thing name = {.p = &item->name, .p_len = sizeof(item->name)};

	return seen_add(d->wrong, &name) == ENOMEM ? ENOMEM : 0;
}

/* Finds the items that are not in both, counting duplicates. */
static int match(struct diff *d)
{
	struct side *a = &d->side[A], *b = &d->side[B];
	size_t i = 0, j = 0;
	int order, rc = 0;

	if (a->n)
		qsort(a->items, a->n, sizeof(*a->items), compare);
	if (b->n)
		qsort(b->items, b->n, sizeof(*b->items), compare);
	while ((i < a->n || j < b->n) && !rc) {
		if (i == a->n || j == b->n)
			order = i == a->n ? 1 : -1;
		else
			order = compare(&a->items[i], &b->items[j]);
		if (order < 0)
			rc = is_wrong(d, &a->items[i]);
		else if (order > 0)
			rc = is_wrong(d, &b->items[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return rc;
}

static int diff(struct diff *d)
{
	int rc = read_side(d, &d->side[A]);

	if (!rc)
		rc = read_side(d, &d->side[B]);
	if (!rc && match(d)) {
		fprintf(stderr, "xs-image: out of memory\n");
		rc = EXIT_TROUBLE;
	}
	if (rc)
		return rc;
	d->print = true;
	rc = read_side(d, &d->side[A]);
	if (!rc)
		rc = read_side(d, &d->side[B]);
	return rc ? rc : d->found ? EXIT_BAD : EXIT_GOOD;
}

int cmd_diff(struct tool *t)
{
	struct diff d = {.t = t};
	int i, rc = 0, opened = 0;

	d.hash = seen_new(t->ctx);
	d.wrong = seen_new(t->ctx);
	if (!d.hash || !d.wrong)
		return EXIT_TROUBLE;
	wbuf_init(&d.text, t->ctx);
	for (i = A; i <= B && !rc; i++) {
		wbuf_init(&d.side[i].paths, t->ctx);
		rc = input_open(t, t->argv[i], true, &d.side[i].in);
		opened += !rc;
	}
	if (!rc)
		rc = diff(&d);
	/* an image that cannot be read does not mean that they differ */
	if (rc == EXIT_BAD && !d.print)
		rc = EXIT_TROUBLE;
	for (i = 0; i < opened; i++)
		input_close(&d.side[i].in);
	free(d.side[A].items);
	free(d.side[B].items);
	free(d.side[A].path_at);
	free(d.side[B].path_at);
	return rc;
}
