/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record-optional: the table of the extension records that a reader may skip;
 * see record.c.
 */
#include "image/rows.h"

static const struct field header_fields[] = {
	{U16(rec_header, writer_len, 0, "writer-len", 1, 256,
	     "length of writer with its NUL")},
	{U8(rec_header, dialect, 2, "dialect", 0, 0, "0: spec")},
	{U8(rec_header, scope, 3, "scope", 0, REC_SCOPE_MIGRATION,
	    "0: live update, 1: migration")},
	{U32(rec_header, nodes, 4, "nodes", 0, UINT32_MAX,
	     "number of committed nodes")},
	{U32(rec_header, conns, 8, "conns", 0, UINT32_MAX,
	     "number of connections")},
	{U32(rec_header, watches, 12, "watches", 0, UINT32_MAX,
	     "number of watches")},
	{U32(rec_header, txs, 16, "txs", 0, UINT32_MAX,
	     "number of transactions")},
	{PAD(4, 20)},
	{U64(rec_header, digest, 24, "digest",
	     "digest of the state in the image; 0: unknown to the writer")},
	{STRING(rec_header, writer, writer_len, "writer",
		"program and version")},
};

static const struct field store_fields[] = {
	{U64(rec_store, generation, 0, "generation",
	     "the last generation given to a change")},
	{U32(rec_store, next_conn_id, 8, "next-conn-id", 0, UINT32_MAX,
	     "the first id to try for the next connection")},
	{PAD(4, 12)},
};

static const struct field generations_fields[] = {
	{U32(rec_generations, count, 0, "count", 0, UINT32_MAX,
	     "how many committed nodes directly before it this is for")},
	{PAD(4, 4)},
	{VARIABLE(FIELD_GENS, 16, rec_generations, gens, count, "generations",
		  "of each node, and of its list of children")},
};

static const struct field handoff_fields[] = {
	{I32(rec_handoff, evtchn_fd, 0, "evtchn-fd", -1, FD_MAX,
	     "the event channel device, kept open; -1: none")},
	{I32(rec_handoff, epoll_fd, 4, "epoll-fd", -1, FD_MAX,
	     "the epoll descriptor; -1: none")},
	{U32(rec_handoff, virq_port, 8, "virq-port", 0, UINT32_MAX,
	     "local port of VIRQ_DOM_EXC; 0: none")},
	{PAD(4, 12)},
};

static const struct field update_fields[] = {
	{U32(rec_update, conn_id, 0, "conn-id", 1, UINT32_MAX,
	     "the connection that requested the update")},
	{U32(rec_update, reply_len, 4, "reply-len", 0, UINT32_MAX,
	     "how many bytes at the end of its pending data are the reply")},
};

static const struct field quota_fields[] = {
	{U16(rec_quota, domid, 0, "domid", 0, UINT16_MAX,
	     "whose limit; 0xffff: the host's")},
	{U16(rec_quota, name_len, 2, "name-len", 2, 256,
	     "length of name with its NUL")},
	{U16(rec_quota, soft, 4, "soft", 0, 1,
	     "1: a soft limit, which logs a warning")},
	{PAD(2, 6)},
	{U64(rec_quota, value, 8, "value", "the limit")},
	{STRING(rec_quota, name, name_len, "name", "the quota's name")},
};

static const struct field log_fields[] = {
	{U32(rec_log, switches, 0, "switches", 0, UINT32_MAX,
	     "bits: 0 events, 1 requests, 2 objects, 3 credits, 4 accounts, "
	     "5 values")},
	{U16(rec_log, path_len, 4, "path-len", 1, 4096,
	     "length of path with its NUL")},
	{PAD(2, 6)},
	{STRING(rec_log, path, path_len, "path",
		"the trace file; empty: there is none")},
};

static const struct field quota_count_fields[] = {
	{U16(rec_quota_count, domid, 0, "domid", 0, UINT16_MAX,
	     "the domain refused; 0xffff: the highest use by any domain")},
	{U16(rec_quota_count, name_len, 2, "name-len", 2, 256,
	     "length of name with its NUL")},
	{PAD(4, 4)},
	{U64(rec_quota_count, count, 8, "count",
	     "number of refusals, or the highest use")},
	{STRING(rec_quota_count, name, name_len, "name", "the quota's name")},
};

static const struct field conn_credit_fields[] = {
	{CONN_ID(rec_conn_credit)},
	{U32(rec_conn_credit, busy_ms, 4, "busy-ms", 0, UINT32_MAX,
	     "milliseconds until the debt is paid")},
	{U32(rec_conn_credit, wait_ms, 8, "wait-ms", 0, UINT32_MAX,
	     "1 + milliseconds for which its requests still wait; 0: they do "
	     "not")},
	{PAD(4, 12)},
};

static const struct field update_run_fields[] = {
	{U64(rec_update_run, stopped_us, 0, "stopped-us",
	     "the host's monotonic clock when serving stopped")},
	{U32(rec_update_run, rehearsal_ms, 8, "rehearsal-ms", 0, UINT32_MAX,
	     "how long the rehearsal took")},
	{U16(rec_update_run, binary_len, 12, "binary-len", 2, 4096,
	     "length of binary with its NUL")},
	{PAD(2, 14)},
	{STRING(rec_update_run, binary, binary_len, "binary",
		"the new binary's file")},
};

static const struct field ring_state_fields[] = {
	{CONN_ID(rec_ring_state)},
	{U32(rec_ring_state, req_cons, 4, "req-cons", 0, UINT32_MAX,
	     "index up to which requests had been read")},
	{U32(rec_ring_state, rsp_prod, 8, "rsp-prod", 0, UINT32_MAX,
	     "index up to which replies had been written")},
	{PAD(4, 12)},
};

static const struct field turn_fields[] = {
	{CONN_ID(rec_turn)},
	{U32(rec_turn, what, 4, "what", 0, REC_TURN_IN | REC_TURN_OUT,
	     "bit 0: it has input; bit 1: it can take output")},
};

static const struct field ring_look_fields[] = {
	{CONN_ID(rec_ring_look)},
	{U32(rec_ring_look, flags, 4, "flags", 0, REC_LOOK_DROPPING,
	     "bit 0: the guest does not read, its events are dropped")},
	{U32(rec_ring_look, level, 8, "level", 0, REC_LOOK_NEVER,
	     "which poll without an event comes next; 255: none")},
	{U32(rec_ring_look, in_us, 12, "in-us", 0, UINT32_MAX,
	     "microseconds until that poll")},
	{U32(rec_ring_look, odd_ms, 16, "odd-ms", 0, UINT32_MAX,
	     "1 + milliseconds since its indexes became invalid; 0: they are "
	     "valid")},
	{U32(rec_ring_look, uncounted_ms, 20, "uncounted-ms", 0, UINT32_MAX,
	     "the part of unread-ms in which the domain may have been paused")},
	{U64(rec_ring_look, lost, 24, "lost", "events dropped")},
	{U64(rec_ring_look, logged, 32, "logged",
	     "how many of them the log has reported")},
};

static const struct field watch_lost_fields[] = {
	{CONN_ID(rec_watch_lost)},
	{U32(rec_watch_lost, index, 4, "index", 0, UINT32_MAX,
	     "which WATCH_DATA of the connection, from 0")},
};

static const struct field conn_debt_fields[] = {
	{CONN_ID(rec_conn_debt)},
	{U32(rec_conn_debt, passes, 4, "passes", 1, UINT32_MAX,
	     "turns of every other connection until the debt is forgotten")},
};

static const struct field turn_place_fields[] = {
	{CONN_ID(rec_turn_place)},
	{U32(rec_turn_place, flags, 4, "flags", 1,
	     REC_PLACE_HAD | REC_PLACE_DUE,
	     "1: had its turn in this pass; 2: waits among those that owed")},
};

static const struct field ring_gfn_fields[] = {
	{CONN_ID(rec_ring_gfn)},
	{PAD(4, 4)},
	{U64(rec_ring_gfn, gfn, 8, "gfn",
	     "frame number of its page, the second argument of INTRODUCE")},
};

static const struct field domain_id_fields[] = {
	{U16(rec_domain_id, domid, 0, "domid", 0, UINT16_MAX, "the domain")},
	{PAD(6, 2)},
	{U64(rec_domain_id, unique_id, 8, "unique-id",
	     "Xen's unique id of the domain")},
};

static const struct field roles_fields[] = {
	{U16(rec_roles, priv_domid, 0, "priv-domid", 0, 0x7fef,
	     "the privileged domain")},
	{U16(rec_roles, store_domid, 2, "store-domid", 0, 0x7fef,
	     "the domain in which the daemon runs")},
	{PAD(4, 4)},
};

static const struct record_desc records[] = {
	{RECORD(HEADER, LIVE | MIGRATION, 32, 1, header_fields,
		"first record of this daemon's images: writer, counts, "
		"digest")},
	{RECORD(STORE_STATE, LIVE, 16, 0, store_fields,
		"counters of the whole store")},
	{RECORD(NODE_GENERATIONS, LIVE, 8, 1, generations_fields,
		"generations of the committed nodes directly before it, in "
		"order"),
	 REFERS(REC_NODE_DATA)},
	{RECORD(HANDOFF, LIVE, 16, 0, handoff_fields,
		"descriptors and ports kept across exec")},
	{RECORD(UPDATE, LIVE, 8, 0, update_fields,
		"the client that requested the update, and its reply"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(QUOTA, LIVE | MIGRATION, 16, 1, quota_fields,
		"a limit that differs from its default")},
	{RECORD(LOG, LIVE, 8, 1, log_fields,
		"what is logged, and into which file")},
	{RECORD(QUOTA_COUNT, LIVE, 16, 1, quota_count_fields,
		"how often a quota refused a domain's requests")},
	{RECORD(CONN_CREDIT, LIVE | MIGRATION, 16, 0, conn_credit_fields,
		"a connection's debt for causing conflicts"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(UPDATE_RUN, LIVE, 16, 1, update_run_fields,
		"how the update went until exec, for the report")},
	{RECORD(RING_STATE, LIVE, 16, 0, ring_state_fields,
		"in a saved image: how far a ring had been read and written"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(TURN, LIVE, 8, 0, turn_fields,
		"a connection with work to do, in the order of service"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(RING_LOOK, LIVE | MIGRATION, 40, 0, ring_look_fields,
		"when a ring is polled without an event, and what it lost"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(WATCH_LOST, LIVE | MIGRATION, 8, 0, watch_lost_fields,
		"a watch that lost an event: it will fire once more"),
	 REFERS(REC_CONNECTION_DATA, REC_WATCH_DATA)},
	{RECORD(CONN_DEBT, LIVE, 8, 0, conn_debt_fields,
		"a connection's debt for turns that cost too much"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(TURN_PLACE, LIVE, 8, 0, turn_place_fields,
		"where a connection stands in the present pass of turns"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(RING_GFN, LIVE, 16, 0, ring_gfn_fields,
		"the frame of a ring's page, for daemons that map it by number"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(DOMAIN_ID, LIVE, 16, 0, domain_id_fields,
		"which domain a domid is, on Xen 4.21 and later"),
	 REFERS(REC_DOMAIN_STATE)},
	{RECORD(ROLES, LIVE, 8, 0, roles_fields,
		"before all connections and nodes, if domain 0 is not both")},
};

_Static_assert(COUNT(records) == REC_ROLES - REC_OPTIONAL,
	       "a type without a row, or a row without a type");

const struct record_desc *record_table_optional(size_t *ret_count)
{
	*ret_count = COUNT(records);
	return records;
}
