/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record-xen: the rows of the dialects that Xen releases write, see table.h.
 *
 * Only where they differ from the specification: what is the same in all
 * dialects (END, WATCH_DATA, TRANSACTION_DATA, NODE_DATA) is in record.c.
 * Both dialects have the same rows.  Xen 4.20 and before write neither the
 * records 6 to 8 nor a unique-id, but later ones may when told to write
 * version 1.
 */
#include "image/rows.h"

#define XEN_NAMES_MAX 64 /* quotas, of which releases have about ten */

static const struct field global_fields[] = {
	{I32(rec_global, rw_fd, 0, "rw-socket-fd", -1, FD_MAX,
	     "listening socket; -1: none")},
	{I32(rec_global, evtchn_fd, 4, "evtchn-fd", -1, FD_MAX,
	     "the event channel device, kept open; -1: none")},
};

static const struct field conn_fields[] = {
	{CONN_NAME},
	{CONN_TYPE},
	{U16(rec_conn, fields, 6, "fields", 0, REC_CONN_UNIQUE_ID,
	     "1: unique-id is present")},
	{CONN_DOMID},
	{CONN_TDOMID},
	{U32(rec_conn, evtchn, 12, "evtchn", 0, UINT32_MAX,
	     "the daemon's own port on evtchn-fd"),
	 WHEN_RING},
	{CONN_FD},
	{CONN_FD_PAD},
	{U16(rec_conn, in_len, 16, "in-data-len", 0, UINT16_MAX,
	     "length of in-data")},
	{U16(rec_conn, resp_len, 18, "out-resp-len", 0, UINT16_MAX,
	     "how many bytes of out-data complete a reply already begun")},
	{U32(rec_conn, data_len, 20, "out-data-len", 0, UINT32_MAX,
	     "length of out-data")},
	{BYTES(rec_conn, in, in_len, "in-data",
	       "bytes read and not yet processed")},
	{BYTES(rec_conn, data, data_len, "out-data",
	       "bytes not yet written to the connection")},
	{.name = "unique-id",
	 .meaning = "Xen's unique id of the domain",
	 .kind = FIELD_TAIL,
	 .size = SIZE_IS(rec_conn, unique_id, 8),
	 .member = offsetof(struct rec_conn, unique_id),
	 WHEN(COND_EQ, rec_conn, fields, REC_CONN_UNIQUE_ID)},
};

#define VALUES(st, m, len, text)                                               \
	VARIABLE(FIELD_VALUES, 4, st, m, len, "values", text)
#define COUNTED(st, m, len, text)                                              \
	VARIABLE(FIELD_COUNTED, 1, st, m, len, "names", text)
#define AND(st, len)                                                           \
	.more_member = offsetof(struct st, len),                               \
	.more_size = MEMBER_SIZE(st, len)

static const struct field global_quota_fields[] = {
	{U16(rec_global_quota, n_dom, 0, "n-dom", 0, XEN_NAMES_MAX,
	     "number of per-domain quotas")},
	{U16(rec_global_quota, n_glob, 2, "n-glob", 0, XEN_NAMES_MAX,
	     "number of quotas of the whole daemon, which follow them")},
	{VALUES(rec_global_quota, values, n_dom, "one per quota"),
	 AND(rec_global_quota, n_glob)},
	{COUNTED(rec_global_quota, names, n_dom, "in the order of values"),
	 AND(rec_global_quota, n_glob)},
};

static const struct field domain_fields[] = {
	{U16(rec_domain_data, domid, 0, "domid", 0, UINT16_MAX, "the domain")},
	{U16(rec_domain_data, n_quota, 2, "n-quota", 0, XEN_NAMES_MAX,
	     "number of quotas of its own")},
	{U32(rec_domain_data, features, 4, "features", 0, UINT32_MAX,
	     "the features that it may use")},
	{VALUES(rec_domain_data, values, n_quota, "one per quota")},
	{COUNTED(rec_domain_data, names, n_quota, "in the order of values")},
};

static const struct field watch_fields[] = {
	{CONN_ID(rec_watch)},
	{WPATH_LEN},
	{TOKEN_LEN},
	{U16(rec_watch, depth, 8, "depth", 0, UINT16_MAX,
	     "how many levels below its path it covers; 0xffff: all")},
	{PAD(2, 10)},
	{WPATH},
	{TOKEN},
};

static const struct record_desc records[] = {
	{RECORD_IN(XEN, GLOBAL_DATA, LIVE, 8, 0, global_fields,
		   "the listening socket and the event channel device")},
	{RECORD_IN(XEN, CONNECTION_DATA, LIVE | MIGRATION, 24, 3, conn_fields,
		   "a connection, its input and its output")},
	{RECORD_IN(XEN, GLOBAL_QUOTA_DATA, LIVE, 4, 2, global_quota_fields,
		   "all quotas")},
	{RECORD_IN(XEN, DOMAIN_DATA, LIVE | MIGRATION, 8, 2, domain_fields,
		   "a domain's features and quotas"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD_IN(XEN, WATCH_DATA_EXTENDED, LIVE | MIGRATION, 12, 2,
		   watch_fields, "a watch with a depth"),
	 REFERS(REC_CONNECTION_DATA)},
};

const struct record_desc *record_table_xen(size_t *ret_count)
{
	*ret_count = sizeof(records) / sizeof(records[0]);
	return records;
}
