// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verify-nodes: records of committed, pending and special nodes; see verify.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "verify.h"

static bool name_is_valid(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char c = p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || c == '-' || c == '_' ||
		      c == '@'))
			return false;
	}
	return len > 0;
}

/* Whether it is a valid absolute path, which "/" is. */
static bool node_path_is_valid(const char *path)
{
	size_t len;

	if (!path[1])
		return true;
	for (; *path; path += len) {
		len = strcspn(++path, "/");
		if (!name_is_valid(path, len))
			return false;
	}
	return true;
}

static struct thing node_thing(uint32_t kind, const char *path, size_t len)
{
	return (struct thing){kind, 0, 0, .p = path, .p_len = len};
}

/*
 * A parent comes before its children.  The image of one domain may omit it, as
 * the other host has it, but it must not come later.
 */
static void check_parent(struct verify *v, const char *path, size_t len)
{
	struct thing me = node_thing(THING_MISSING, path, len), parent;
	size_t up = (size_t)(strrchr(path, '/') - path);
	int rc;

	if (len > 1) {
		parent = node_thing(REC_NODE_DATA, path, up ? up : 1);
		if (!seen_has(v->seen, &parent)) {
			parent.kind = THING_MISSING;
			rc = seen_add(v->seen, &parent);
			if (rc == ENOMEM)
				v->rc = rc;
			if (v->header.scope != REC_SCOPE_MIGRATION)
				verify_bad(v, "path",
					   "its parent is not before it");
		}
	}
	if (v->header.scope == REC_SCOPE_MIGRATION && seen_has(v->seen, &me))
		verify_bad(v, "path", "a child is before it");
}

static void check_committed(struct verify *v)
{
	const struct rec_node *n = &v->rec->node;
	size_t len = n->path_len - 1u;
	struct thing thing = node_thing(REC_NODE_DATA, n->path, len);

	if (n->path[0] == '@') {
		thing.kind = THING_SPECIAL;
		if (strcmp(n->path, "@releaseDomain") &&
		    strcmp(n->path, "@introduceDomain"))
			verify_bad(v, "path", "not a special node");
		verify_once(v, &thing, "path");
		return;
	}
	v->counted.nodes++;
	v->recent++;
	if (!node_path_is_valid(n->path)) {
		verify_bad(v, "path", "not a valid path");
		return;
	}
	if (verify_once(v, &thing, "path"))
		check_parent(v, n->path, len);
}

static void check_of_tx(struct verify *v, uint32_t conn_id, uint32_t tx_id,
			const char *path, size_t len)
{
	struct thing thing = {v->rec->type, conn_id, tx_id, .p = path,
			      .p_len = len};

	if (!node_path_is_valid(path))
		verify_bad(v, "path", "not a valid path");
	if (verify_tx(v, conn_id, tx_id))
		verify_once(v, &thing, "path");
}

static void check_entry(struct verify *v)
{
	const struct rec_tx_entry *e = &v->rec->tx_entry;

	if (!verify_tx(v, e->conn_id, e->tx_id))
		return;
	if (v->entries_conn != e->conn_id || v->entries_tx != e->tx_id)
		v->entries = 0;
	v->entries_conn = e->conn_id;
	v->entries_tx = e->tx_id;
	if (e->parent > v->entries)
		verify_bad(v, "parent",
			   "found %" PRIu32 ", only %" PRIu32
			   " entries of the transaction before it",
			   e->parent, v->entries);
	if (*e->name ? !name_is_valid(e->name, e->name_len - 1u)
		     : e->parent || (e->flags & REC_TX_ENTRY_WAY))
		verify_bad(v, "name", "not a valid name");
	v->entries++;
}

static void check_special(struct verify *v)
{
	const struct rec_special *s = &v->rec->special;
	struct thing thing =
		node_thing(THING_SPECIAL, s->path, s->path_len - 1u);

	if (strcmp(s->path, "@releaseDomain") &&
	    strcmp(s->path, "@introduceDomain"))
		verify_bad(v, "path", "not a special node");
	verify_once(v, &thing, "path");
}

void verify_nodes(struct verify *v)
{
	const struct record *rec = v->rec;

	switch (rec->type) {
	case REC_NODE_DATA:
		if (!rec->node.conn_id)
			check_committed(v);
		else
			check_of_tx(v, rec->node.conn_id, rec->node.tx_id,
				    rec->node.path, rec->node.path_len);
		break;
	case REC_TX_NODE:
		check_of_tx(v, rec->tx_node.conn_id, rec->tx_node.tx_id,
			    rec->tx_node.path, rec->tx_node.path_len);
		break;
	case REC_TX_CHILDREN:
		check_of_tx(v, rec->tx_children.conn_id, rec->tx_children.tx_id,
			    rec->tx_children.path, rec->tx_children.path_len);
		break;
	case REC_TX_ENTRY:
		check_entry(v);
		break;
	case REC_SPECIAL_NODE:
		check_special(v);
		break;
	case REC_NODE_GENERATIONS:
		if (rec->generations.count > v->recent)
			verify_bad(v, "count",
				   "found %" PRIu32 ", only %" PRIu64
				   " nodes since the last ones",
				   rec->generations.count, v->recent);
		v->recent = 0;
		break;
	}
}
