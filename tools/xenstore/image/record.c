/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: the table of the records that a reader must know; record-optional.c
 * has the others.  See table.h and record.h.
 *
 * The only places where a layout is stated.  They know the structs of
 * record.h and nothing else; image-write.c, image-read-body.c and text.c walk
 * them.
 *
 * Types 1 to 5 are the specification's, byte for byte.  Extension records
 * have their fixed fields in the order of their struct at natural alignment,
 * then their variable parts in the order of the pointers.
 */
#include "image/format.h"
#include "image/image.h"
#include "image/rows.h"

#define WHEN_COMMITTED WHEN(COND_EQ, rec_node, conn_id, 0)
#define WHEN_PENDING   WHEN(COND_NE, rec_node, conn_id, 0)

/* For END, whose body is empty. */
static const struct field no_fields[1];

static const struct field global_fields[] = {
	{I32(rec_global, rw_fd, 0, "rw-socket-fd", -1, FD_MAX,
	     "listening socket for read-write connections; -1: none")},
	{I32(rec_global, ro_fd, 4, "ro-socket-fd", -1, FD_MAX,
	     "listening socket for read-only connections; -1: none")},
};

static const struct field conn_fields[] = {
	{CONN_NAME},
	{CONN_TYPE},
	{U16(rec_conn, flags, 6, "flags", 0, UINT16_MAX,
	     "socket: bit 0 read-only")},
	{CONN_DOMID},
	{CONN_TDOMID},
	{U32(rec_conn, evtchn, 12, "evtchn", 0, UINT32_MAX,
	     "the domain's own port to xenstored"),
	 WHEN_RING},
	{CONN_FD},
	{CONN_FD_PAD},
	{U32(rec_conn, data_len, 16, "data-len", 0, UINT32_MAX,
	     "length of data")},
	{BYTES(rec_conn, data, data_len, "data",
	       "bytes not yet written to the connection")},
};

static const struct field_rule conn_rules[] = {
	{LIMIT(rec_conn, flags, 0, 0, "a ring has no flags"), WHEN_RING},
	{LIMIT(rec_conn, flags, 0, REC_CONN_READ_ONLY, "known flags only"),
	 WHEN_SOCKET},
};

static const struct field watch_fields[] = {
	{CONN_ID(rec_watch)}, {WPATH_LEN}, {TOKEN_LEN}, {WPATH}, {TOKEN},
};

static const struct field tx_fields[] = {
	{CONN_ID(rec_tx)},
	{U32(rec_tx, tx_id, 4, "tx-id", 1, UINT32_MAX,
	     "the transaction's id as its client knows it")},
};

static const struct field node_fields[] = {
	{U32(rec_node, conn_id, 0, "conn-id", 0, UINT32_MAX,
	     "0: committed; else pending in a transaction of that connection"),
	 .names_conn = true},
	{U32(rec_node, tx_id, 4, "tx-id", 0, UINT32_MAX,
	     "pending: which transaction")},
	{U16(rec_node, path_len, 8, "path-len", 2, PATH_SIZE_MAX,
	     "length of path with its NUL")},
	{U16(rec_node, value_len, 10, "value-len", 0, UINT16_MAX,
	     "length of value")},
	{U16(rec_node, access, 12, "access", 0, UINT16_MAX,
	     "pending: bit 0: read, bit 1: written; 0: deleted")},
	{U16(rec_node, perm_count, 14, "perm-count", 0, UINT16_MAX,
	     "number of permissions; 0, pending only: the node does not "
	     "exist")},
	{PERMS(rec_node, perms, perm_count, "the first names the owner")},
	{PATH(rec_node, path, path_len, "path", "absolute path")},
	{BYTES(rec_node, value, value_len, "value", "may contain NULs")},
};

static const struct field_rule node_rules[] = {
	{LIMIT(rec_node, perm_count, 1, UINT16_MAX,
	       "a committed node has an owner"),
	 WHEN_COMMITTED},
	{LIMIT(rec_node, tx_id, 1, UINT32_MAX,
	       "a pending node is in a transaction"),
	 WHEN_PENDING},
	{LIMIT(rec_node, access, 0, REC_NODE_READ | REC_NODE_WRITTEN,
	       "known bits only"),
	 WHEN_PENDING},
	{LIMIT(rec_node, value_len, 0, 0, "a missing node has no value"),
	 WHEN(COND_EQ, rec_node, perm_count, 0)},
};

static const struct field conn_state_fields[] = {
	{CONN_ID(rec_conn_state)},
	{U32(rec_conn_state, flags, 4, "flags", 0,
	     REC_CONN_IGNORED | REC_CONN_NO_RING | REC_CONN_PARTIAL_EVENT |
		     REC_CONN_QUIET | REC_CONN_FROZEN | REC_CONN_UNUSED |
		     REC_CONN_MORE,
	     "bit 0: in error, not served; bit 1: its ring is not mapped; bit "
	     "2: the partly written message is an event; bit 3: idle until its "
	     "peer's next event; bit 4: frozen, its ring is not touched; bit "
	     "5: ignored; bit 6: complete requests are waiting")},
	{U32(rec_conn_state, next_tx_id, 8, "next-tx-id", 0, UINT32_MAX,
	     "the first id to try for the next transaction")},
	{U32(rec_conn_state, unread_ms, 12, "unread-ms", 0, UINT32_MAX,
	     "1 + milliseconds for which its events have waited; 0: none "
	     "wait")},
};

static const struct field conn_input_fields[] = {
	{CONN_ID(rec_conn_input)},
	{U32(rec_conn_input, data_len, 4, "data-len", 0, UINT32_MAX,
	     "length of data")},
	{BYTES(rec_conn_input, data, data_len, "data",
	       "bytes read from the connection, not yet processed")},
};

static const struct field conn_output_fields[] = {
	{CONN_ID(rec_conn_output)},
	{U32(rec_conn_output, partial, 4, "partial", 0, UINT32_MAX,
	     "how many bytes of its pending data complete a message already "
	     "begun")},
};

static const struct field tx_state_fields[] = {
	{CONN_ID(rec_tx_state)},
	{TX_ID(rec_tx_state)},
	{U32(rec_tx_state, flags, 8, "flags", 0, REC_TX_DOOMED | REC_TX_FAILED,
	     "bit 0: its commit will fail with EAGAIN, bit 1: with ENOMEM")},
	{U32(rec_tx_state, age_ms, 12, "age-ms", 0, UINT32_MAX,
	     "milliseconds since it was started")},
	{U32(rec_tx_state, created_seq, 16, "created-seq", 0, UINT32_MAX,
	     "sequence number of the next node that it creates")},
	{PAD(4, 20)},
};

#define DID_MEANING                                                            \
	"bits: 0 value read, 1 children listed, 2 was absent, "                \
	"3 written, 4 created, 5 deleted, 6 the parent of a created node, "    \
	"7 its commit fires watches, 8 on just this path, "                    \
	"9 its domain owned it when first touched, 10 created as an "          \
	"ancestor of another and never named by a request"

static const struct field tx_node_fields[] = {
	{CONN_ID(rec_tx_node)},
	{TX_ID(rec_tx_node)},
	{U16(rec_tx_node, did, 8, "did", 0, REC_TX_DID, DID_MEANING)},
	{U16(rec_tx_node, path_len, 10, "path-len", 2, PATH_SIZE_MAX,
	     "length of path with its NUL")},
	{U32(rec_tx_node, created_seq, 12, "created-seq", 0, UINT32_MAX,
	     "position among the nodes that the transaction created; 0: not "
	     "created")},
	{U64(rec_tx_node, generation, 16, "generation",
	     "generation of value and permissions when first touched")},
	{U64(rec_tx_node, children_generation, 24, "children-generation",
	     "generation of the list of children when first touched")},
	{U32(rec_tx_node, event_order, 32, "event-order", 0, UINT32_MAX,
	     "order of its event among those of the commit")},
	{PAD(4, 36)},
	{PATH(rec_tx_node, path, path_len, "path", "absolute path")},
};

static const struct field tx_children_fields[] = {
	{CONN_ID(rec_tx_children)},
	{TX_ID(rec_tx_children)},
	{U16(rec_tx_children, path_len, 8, "path-len", 2, PATH_SIZE_MAX,
	     "length of path with its NUL")},
	{PAD(2, 10)},
	{U32(rec_tx_children, names_len, 12, "names-len", 0, UINT32_MAX,
	     "length of names")},
	{PATH(rec_tx_children, path, path_len, "path", "the parent")},
	{VARIABLE(FIELD_NAMES, 1, rec_tx_children, names, names_len, "names",
		  "the children that the transaction saw, in order")},
};

static const struct field special_fields[] = {
	{U16(rec_special, path_len, 0, "path-len", 2, PATH_SIZE_MAX,
	     "length of path with its NUL")},
	{U16(rec_special, perm_count, 2, "perm-count", 1, UINT16_MAX,
	     "number of permissions")},
	{PAD(4, 4)},
	{U64(rec_special, generation, 8, "generation",
	     "generation of the permissions")},
	{PERMS(rec_special, perms, perm_count, "the first names the owner")},
	{VARIABLE(FIELD_SPECIAL, 1, rec_special, path, path_len, "path",
		  "@releaseDomain or @introduceDomain")},
};

static const struct field domain_fields[] = {
	{U16(rec_domain, domid, 0, "domid", 0, UINT16_MAX, "the domain")},
	{PAD(2, 2)},
	{U32(rec_domain, flags, 4, "flags", 0,
	     REC_DOM_INTRODUCED | REC_DOM_SHUTDOWN | REC_DOM_UNUSED |
		     REC_DOM_RESTORED,
	     "bit 0: introduced, 1: shutdown announced, 2: ignored, 3: "
	     "migrated to this host")},
	{U32(rec_domain, conn_id, 8, "conn-id", 0, UINT32_MAX,
	     "its ring's connection; 0: none")},
	{U32(rec_domain, local_port, 12, "local-port", 0, UINT32_MAX,
	     "the daemon's port, valid on HANDOFF's evtchn-fd")},
	{U64(rec_domain, handle_hi, 16, "handle-hi",
	     "first half of the domain's UUID; both halves 0: unknown")},
	{U64(rec_domain, handle_lo, 24, "handle-lo",
	     "second half of the domain's UUID")},
};

static const struct field watch_depth_fields[] = {
	{CONN_ID(rec_watch_depth)},
	{U32(rec_watch_depth, index, 4, "index", 0, UINT32_MAX,
	     "which WATCH_DATA of the connection, from 0")},
	{U32(rec_watch_depth, depth, 8, "depth", 0, UINT32_MAX,
	     "how many levels below its path the watch covers")},
	{PAD(4, 12)},
};

static const struct field features_fields[] = {
	{U16(rec_features, domid, 0, "domid", 0, UINT16_MAX, "the domain")},
	{PAD(2, 2)},
	{U32(rec_features, features, 4, "features", 0, UINT32_MAX,
	     "as in the ring's server_features")},
};

static const struct field tx_base_fields[] = {
	{CONN_ID(rec_tx_base)},
	{TX_ID(rec_tx_base)},
	{U16(rec_tx_base, path_len, 8, "path-len", 2, PATH_SIZE_MAX,
	     "length of path with its NUL")},
	{U16(rec_tx_base, flags, 10, "flags", 0,
	     REC_TX_BASE_THERE | REC_TX_BASE_BROKEN,
	     "bit 0: the node existed, bit 1: it has changed since")},
	{PAD(4, 12)},
	{U64(rec_tx_base, content, 16, "content",
	     "digest of its value and permissions")},
	{U64(rec_tx_base, children, 24, "children",
	     "digest of its children's names")},
	{PATH(rec_tx_base, path, path_len, "path", "absolute path")},
};

static const struct field tx_entry_fields[] = {
	{CONN_ID(rec_tx_entry)},
	{TX_ID(rec_tx_entry)},
	{U32(rec_tx_entry, parent, 8, "parent", 0, UINT32_MAX,
	     "its parent: which TX_ENTRY of the transaction, counted from 1; "
	     "0: /")},
	{U16(rec_tx_entry, did, 12, "did", 0, REC_TX_DID, DID_MEANING)},
	{U16(rec_tx_entry, flags, 14, "flags", 0, REC_TX_ENTRY_WAY,
	     "bit 0: not touched, only an ancestor of other entries")},
	{U16(rec_tx_entry, name_len, 16, "name-len", 1, PATH_SIZE_MAX,
	     "length of name with its NUL")},
	{U16(rec_tx_entry, value_len, 18, "value-len", 0, UINT16_MAX,
	     "length of value")},
	{U16(rec_tx_entry, perm_count, 20, "perm-count", 0, UINT16_MAX,
	     "number of permissions; 0: the node does not exist")},
	{PAD(2, 22)},
	{U32(rec_tx_entry, names_len, 24, "names-len", 0, UINT32_MAX,
	     "length of names")},
	{U32(rec_tx_entry, created_seq, 28, "created-seq", 0, UINT32_MAX,
	     "position among the nodes that the transaction created; 0: not "
	     "created")},
	{U32(rec_tx_entry, event_order, 32, "event-order", 0, UINT32_MAX,
	     "order of its event among those of the commit")},
	{PAD(4, 36)},
	{U64(rec_tx_entry, generation, 40, "generation",
	     "generation of value and permissions when first touched")},
	{U64(rec_tx_entry, children_generation, 48, "children-generation",
	     "generation of the list of children when first touched")},
	{STRING(rec_tx_entry, name, name_len, "name",
		"its name; empty: it is /")},
	{PERMS(rec_tx_entry, perms, perm_count, "as the transaction sees it")},
	{BYTES(rec_tx_entry, value, value_len, "value",
	       "as the transaction sees it")},
	{VARIABLE(FIELD_NAMES, 1, rec_tx_entry, names, names_len, "names",
		  "the children that the transaction saw, in order")},
};

static const struct field node_effect_fields[] = {
	{U16(rec_node_effect, kind, 0, "kind", 0, REC_NODE_STRIPPED,
	     "0: created, 1: value, 2: permissions, 3: deleted with everything "
	     "below, 4: the first nodes below it are deleted, 5: the generation "
	     "of its children, 6: a domain is gone from all permissions")},
	{U16(rec_node_effect, path_len, 2, "path-len", 2, PATH_SIZE_MAX,
	     "length of path with its NUL")},
	{U16(rec_node_effect, value_len, 4, "value-len", 0, UINT16_MAX,
	     "length of value")},
	{U16(rec_node_effect, perm_count, 6, "perm-count", 0, UINT16_MAX,
	     "number of permissions")},
	{U32(rec_node_effect, number, 8, "number", 0, UINT32_MAX,
	     "kind 4: how many nodes; kind 6: the domain")},
	{PAD(4, 12)},
	{U64(rec_node_effect, generation, 16, "generation",
	     "the last generation that the change used")},
	{PERMS(rec_node_effect, perms, perm_count, "kinds 0 and 2")},
	{PATH(rec_node_effect, path, path_len, "path", "absolute path")},
	{BYTES(rec_node_effect, value, value_len, "value", "kinds 0 and 1")},
};

static const struct field conn_effect_fields[] = {
	{CONN_ID(rec_conn_effect)},
	{U16(rec_conn_effect, kind, 4, "kind", 0, REC_CONN_MAPPED,
	     "0: a new watch, 1: a watch is gone, 2: all watches are gone, 3: "
	     "the connection is gone, 4: its ring has another page")},
	{U16(rec_conn_effect, wpath_len, 6, "wpath-len", 1, PATH_SIZE_MAX,
	     "length of wpath with its NUL")},
	{U16(rec_conn_effect, token_len, 8, "token-len", 1, TOKEN_SIZE_MAX,
	     "length of token with its NUL")},
	{PAD(2, 10)},
	{U32(rec_conn_effect, depth, 12, "depth", 0, UINT32_MAX,
	     "kind 0: how many levels below its path the watch covers; "
	     "0xffffffff: all")},
	{STRING(rec_conn_effect, wpath, wpath_len, "wpath",
		"kinds 0 and 1: watched path as the client gave it")},
	{STRING(rec_conn_effect, token, token_len, "token",
		"kinds 0 and 1: the client's token")},
};

static const struct record_desc records[] = {
	{.type = REC_END,
	 .name = "END",
	 .meaning = "the last record",
	 .scopes = LIVE | MIGRATION,
	 .fields = no_fields},
	{RECORD(GLOBAL_DATA, LIVE, 8, 0, global_fields,
		"the listening sockets")},
	{RECORD(CONNECTION_DATA, LIVE | MIGRATION, 20, 1, conn_fields,
		"a connection and what waits to be written to it"),
	 RULES(conn_rules)},
	{RECORD(WATCH_DATA, LIVE | MIGRATION, 8, 2, watch_fields,
		"a watch of a connection"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(TRANSACTION_DATA, LIVE | MIGRATION, 8, 0, tx_fields,
		"an open transaction of a connection"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(NODE_DATA, LIVE | MIGRATION, 16, 3, node_fields,
		"a node, committed or pending in a transaction"),
	 REFERS(REC_CONNECTION_DATA, REC_TRANSACTION_DATA), RULES(node_rules)},
	{RECORD(CONN_STATE, LIVE | MIGRATION, 16, 0, conn_state_fields,
		"more state of a connection; follows its CONNECTION_DATA"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(CONN_INPUT, LIVE | MIGRATION, 8, 1, conn_input_fields,
		"bytes of requests read but not yet complete or served"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(CONN_OUTPUT, LIVE | MIGRATION, 8, 0, conn_output_fields,
		"what remains of a partly written message"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(TX_STATE, LIVE | MIGRATION, 24, 0, tx_state_fields,
		"more state of a transaction"),
	 REFERS(REC_CONNECTION_DATA, REC_TRANSACTION_DATA)},
	{RECORD(TX_NODE, LIVE | MIGRATION, 40, 1, tx_node_fields,
		"what a transaction did with a node, and which version it saw"),
	 REFERS(REC_CONNECTION_DATA, REC_TRANSACTION_DATA)},
	{RECORD(TX_CHILDREN, LIVE | MIGRATION, 16, 2, tx_children_fields,
		"the children of a node that a transaction saw"),
	 REFERS(REC_CONNECTION_DATA, REC_TRANSACTION_DATA)},
	{RECORD(SPECIAL_NODE, LIVE, 16, 2, special_fields,
		"permissions of a special node")},
	{RECORD(DOMAIN_STATE, LIVE | MIGRATION, 32, 0, domain_fields,
		"what the daemon knows about a domain"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(WATCH_DEPTH, LIVE | MIGRATION, 16, 0, watch_depth_fields,
		"the depth of a watch"),
	 REFERS(REC_CONNECTION_DATA, REC_WATCH_DATA)},
	{RECORD(DOM_FEATURES, LIVE | MIGRATION, 8, 0, features_fields,
		"the features offered to a domain, if not all"),
	 REFERS(REC_DOMAIN_STATE)},
	{RECORD(TX_BASE, MIGRATION, 32, 1, tx_base_fields,
		"what was committed, at the source, for a node that a "
		"transaction touched"),
	 REFERS(REC_CONNECTION_DATA, REC_TRANSACTION_DATA)},
	{RECORD(TX_ENTRY, LIVE | MIGRATION, 56, 4, tx_entry_fields,
		"what a transaction did with a node, by parent and name"),
	 REFERS(REC_CONNECTION_DATA, REC_TRANSACTION_DATA)},
	{RECORD(NODE_EFFECT, LIVE, 24, 3, node_effect_fields,
		"in a stream: what has changed since a node was sent")},
	{RECORD(CONN_EFFECT, LIVE, 16, 2, conn_effect_fields,
		"in a stream: what has changed since a connection was sent"),
	 REFERS(REC_CONNECTION_DATA)},
};

/* The table is sorted by type: two runs without gaps. */
#define NSPEC	   (REC_NODE_DATA + 1)
#define NMANDATORY (REC_CONN_EFFECT - REC_MANDATORY)

_Static_assert(COUNT(records) == NSPEC + NMANDATORY,
	       "a type without a row, or a row without a type");

/* Its table has no gaps either: checked there. */
static const struct record_desc *find_optional(uint32_t type)
{
	size_t n;
	const struct record_desc *d = record_table_optional(&n);

	return type - (REC_OPTIONAL + 1) < n ? &d[type - (REC_OPTIONAL + 1)]
					     : NULL;
}

const struct record_desc *record_find(uint32_t type)
{
	if (type < NSPEC)
		return &records[type];
	if (type - (REC_MANDATORY + 1) < NMANDATORY)
		return &records[NSPEC + type - (REC_MANDATORY + 1)];
	return find_optional(type);
}

const struct image_format image_format_native = {
	.name = "spec",
	.version = IMAGE_VERSION,
	.find = record_find,
};

const struct record_desc *record_table(size_t *ret_count)
{
	*ret_count = COUNT(records);
	return records;
}

/* It is the first field of each record that belongs to a connection. */
uint32_t record_conn_id(const struct record *rec)
{
	const struct field *f = record_row(rec)->fields;
	const uint8_t *st = (const uint8_t *)rec + RECORD_MEMBERS;

	return f->names_conn ? (uint32_t)field_member(st, f->member, 4) : 0;
}

void record_set_conn_id(struct record *rec, uint32_t conn_id)
{
	const struct field *f = record_row(rec)->fields;
	uint8_t *st = (uint8_t *)rec + RECORD_MEMBERS;

	if (f->names_conn)
		memcpy(st + f->member, &conn_id, sizeof(conn_id));
}

uint64_t field_count(const void *base, const struct field *f)
{
	return f->ops ? f->ops->count(base)
		      : field_member(base, f->len_member, f->len_size);
}

uint64_t field_len(const void *base, const struct field *f, uint64_t at)
{
	return f->ops ? f->ops->len(base, f, at)
		      : field_count(base, f) * f->size;
}
