/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remade: a transaction makes a node, removes it, and makes it again as the
 * parent of another. No other client has seen the first one. If the node exists
 * in the end, stock fires for its removal all the same; ours fires only for the
 * node below, which reaches the same watches. Used by exec.c and tx.c.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

struct remade {
	struct remade *next;
	char *removed, *made; /* made is below removed */
};

static bool done(const struct tx_op *op, uint32_t type)
{
	return op->step->type == type && op->ours->type == type;
}

static bool is_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	return !strncmp(path, above, len) && path[len] == '/';
}

static void note(struct run *r, const char *removed, const char *made)
{
	struct remade *one = calloc(1, sizeof(*one));

	if (!one)
		abort();
	one->removed = strdup(removed);
	one->made = strdup(made);
	if (!one->removed || !one->made)
		abort();
	one->next = r->remade;
	r->remade = one;
}

void remade_note(struct run *r, const struct conn *c, const struct tx_slot *t)
{
	char removed[XENSTORE_PAYLOAD_MAX + 32], made[sizeof(removed)];
	uint32_t i, k;

	for (i = 0; i < t->n; i++) {
		if (!done(&t->op[i], XS_RM))
			continue;
		run_path(r, c, (const char *)t->op[i].step->body, removed,
			 sizeof(removed));
		for (k = i + 1; k < t->n; k++) {
			if (!done(&t->op[k], XS_WRITE) &&
			    !done(&t->op[k], XS_MKDIR))
				continue;
			run_path(r, c, (const char *)t->op[k].step->body, made,
				 sizeof(made));
			if (is_below(made, removed))
				note(r, removed, made);
		}
	}
}

void remade_forget(struct run *r)
{
	struct remade *one;

	while ((one = r->remade)) {
		r->remade = one->next;
		free(one->removed);
		free(one->made);
		free(one);
	}
}

static bool is_remade(const struct run *r, const char *path)
{
	const struct remade *one;

	for (one = r->remade; one; one = one->next)
		if ((!strcmp(path, one->removed) ||
		     is_below(path, one->removed)) &&
		    is_below(one->made, path))
			return true;
	return false;
}

struct filter {
	struct run *r;
	struct conn *c;
};

static bool remade_alone(void *arg, const uint8_t *body, uint32_t len)
{
	const struct filter *f = arg;
	char path[XENSTORE_PAYLOAD_MAX + 32];

	run_path(f->r, f->c, (const char *)body, path, sizeof(path));
	return is_remade(f->r, path) &&
	       !events_count(&f->c->events[OURS], body, len);
}

bool remade_events(struct run *r, struct conn *c)
{
	struct filter f = {r, c};

	return r->remade && events_filter(&c->events[STOCK], remade_alone, &f);
}
