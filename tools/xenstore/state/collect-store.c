/* SPDX-License-Identifier: GPL-2.0-or-later */
/* collect-store: nodes; see collect.h. */
#include <string.h>
#include <talloc.h>

#include "state/collect.h"
#include "store/path.h"
#include "store/store.h"
#include "store/tree.h"

void collect_generations(struct dump *o)
{
	struct record rec = {.type = REC_NODE_GENERATIONS};

	rec.generations.count = o->ngens;
	rec.generations.gens = o->gens;
	if (o->ngens)
		dump_put(o, &rec);
	o->ngens = 0;
}

/*
 * The next node in preorder; NODE_NONE after the last.  path and *len (without
 * the NUL) are those of `id`, and become those of the result.
 */
static uint32_t next_node(const struct tree *t, uint32_t id, char *path,
			  size_t *len)
{
	const struct node *n = tree_node(t, id);

	if (n->first) {
		id = n->first;
	} else {
		for (;; n = tree_node(t, id)) {
			if (id == NODE_ROOT)
				return NODE_NONE;
			*len -= n->name->len + 1u;
			if (n->next)
				break;
			id = n->parent;
		}
		id = n->next;
	}
	n = tree_node(t, id);
	if (n->parent == NODE_ROOT)
		*len = 0;
	path[(*len)++] = '/';
	memcpy(path + *len, n->name->s, n->name->len + 1u);
	*len += n->name->len;
	return id;
}

void collect_node(struct dump *o, uint32_t id, const char *path, size_t len)
{
	const struct tree *t = o->d->store->tree;
	const struct node *n = tree_node(t, id);
	const struct perms *p = node_perms(t, n);
	const struct rec_node node = {
		.path = path,
		.path_len = (uint16_t)(len + 1),
		.value = node_value(n),
		.value_len = n->value_len,
		.perm_count = (uint16_t)p->n,
		.perms = dump_perms(o, p),
	};

	dump_put_node(o, &node);
}

void collect_node_gens(struct dump *o, uint32_t id, const char *path,
		       size_t len)
{
	const struct node *n = tree_node(o->d->store->tree, id);

	collect_node(o, id, path, len);
	o->gens[o->ngens].value = n->value_gen;
	o->gens[o->ngens++].children = n->children_gen;
	if (o->ngens == GENS_AT_ONCE)
		collect_generations(o);
}

void collect_nodes(struct dump *o)
{
	const struct tree *t = o->d->store->tree;
	char path[PATH_SIZE] = "/";
	uint32_t id = NODE_ROOT;
	size_t len = 1;

	for (; id && !o->rc; id = next_node(t, id, path, &len))
		collect_node_gens(o, id, path, len);
	collect_generations(o);
}

void collect_specials(struct dump *o)
{
	struct record rec = {.type = REC_SPECIAL_NODE};
	unsigned int i;

	for (i = 0; i < SPECIAL_COUNT; i++) {
		const struct special *s = &o->d->store->special[i];

		rec.special.path = s->path;
		rec.special.path_len = (uint16_t)(strlen(s->path) + 1);
		rec.special.perm_count = (uint16_t)s->perms->n;
		rec.special.generation = s->generation;
		rec.special.perms = dump_perms(o, s->perms);
		dump_put(o, &rec);
	}
}
