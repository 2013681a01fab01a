/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format-rows: the stock formats and their rows; see format.h and
 * image/table.h.
 *
 * Only the rows that differ from the specification's; the others come from
 * image/record.c.  Xen 4.20 and earlier write neither the records 6 to 8 nor a
 * unique-id; later releases do, also when told to write version 1.
 */
#include "stock/format.h"

#include "image/image.h"
#include "image/rows.h"

#define QUOTAS_MAX 64 /* the releases have about ten */

static const struct field global_fields[] = {
	{I32(stock_global, rw_fd, 0, "rw-socket-fd", -1, FD_MAX,
	     "listening socket; -1: none")},
	{I32(stock_global, evtchn_fd, 4, "evtchn-fd", -1, FD_MAX,
	     "the event channel device, kept open; -1: none")},
};

static const struct field conn_fields[] = {
	{CONN_NAME},
	{CONN_TYPE},
	{U16(stock_conn, fields, 6, "fields", 0, REC_CONN_UNIQUE_ID,
	     "1: unique-id is present")},
	{CONN_DOMID},
	{CONN_TDOMID},
	{U32(rec_conn, evtchn, 12, "evtchn", 0, UINT32_MAX,
	     "the daemon's own port on evtchn-fd"),
	 WHEN_RING},
	{CONN_FD},
	{CONN_FD_PAD},
	{U16(stock_conn, in_len, 16, "in-data-len", 0, UINT16_MAX,
	     "length of in-data")},
	{U16(stock_conn, resp_len, 18, "out-resp-len", 0, UINT16_MAX,
	     "how many bytes of out-data complete a reply already begun")},
	{U32(rec_conn, data_len, 20, "out-data-len", 0, UINT32_MAX,
	     "length of out-data")},
	{BYTES(stock_conn, in, in_len, "in-data",
	       "bytes read and not yet processed")},
	{BYTES(rec_conn, data, data_len, "out-data",
	       "bytes not yet written to the connection")},
	{.name = "unique-id",
	 .meaning = "Xen's unique id of the domain",
	 .kind = FIELD_OTHER,
	 .ops = &stock_unique_id,
	 .size = SIZE_IS(stock_conn, unique_id, 8),
	 .member = offsetof(struct stock_conn, unique_id),
	 WHEN(COND_EQ, stock_conn, fields, REC_CONN_UNIQUE_ID)},
};

#define OTHER(st, m, bytes, o, label, text)                                    \
	.name = (label), .meaning = (text), .kind = FIELD_OTHER, .ops = &(o),  \
	.size = (bytes), .member = offsetof(struct st, m)
#define LENGTH(st, m)                                                          \
	.len_member = offsetof(struct st, m), .len_size = MEMBER_SIZE(st, m)

static const struct field global_quota_fields[] = {
	{U16(stock_global_quota, n_dom, 0, "n-dom", 0, QUOTAS_MAX,
	     "number of per-domain quotas")},
	{U16(stock_global_quota, n_glob, 2, "n-glob", 0, QUOTAS_MAX,
	     "number of quotas of the whole daemon, which follow them")},
	{OTHER(stock_global_quota, values, 4, stock_all_values, "values",
	       "one per quota")},
	{OTHER(stock_global_quota, names, 1, stock_all_names, "names",
	       "in the order of values")},
};

static const struct field domain_fields[] = {
	{U16(stock_domain, domid, 0, "domid", 0, UINT16_MAX, "the domain")},
	{U16(stock_domain, n_quota, 2, "n-quota", 0, QUOTAS_MAX,
	     "number of quotas of its own")},
	{U32(stock_domain, features, 4, "features", 0, UINT32_MAX,
	     "the features that it may use")},
	{OTHER(stock_domain, values, 4, stock_domain_values, "values",
	       "one per quota"),
	 LENGTH(stock_domain, n_quota)},
	{OTHER(stock_domain, names, 1, stock_domain_names, "names",
	       "in the order of values"),
	 LENGTH(stock_domain, n_quota)},
};

static const struct field watch_fields[] = {
	{CONN_ID(rec_watch)},
	{WPATH_LEN},
	{TOKEN_LEN},
	{U16(stock_watch, depth, 8, "depth", 0, UINT16_MAX,
	     "how many levels below its path it covers; 0xffff: all")},
	{PAD(2, 10)},
	{WPATH},
	{TOKEN},
};

/* Their structs begin with the native one, which these rows fill in, too. */
_Static_assert(!offsetof(struct stock_conn, conn) &&
		       !offsetof(struct stock_watch, watch),
	       "the native struct comes first");

static const struct record_desc records[] = {
	{RECORD(GLOBAL_DATA, LIVE, 8, 0, global_fields,
		"the listening socket and the event channel device")},
	{RECORD(CONNECTION_DATA, LIVE | MIGRATION, 24, 3, conn_fields,
		"a connection, its input and its output")},
	{RECORD(GLOBAL_QUOTA_DATA, LIVE, 4, 2, global_quota_fields,
		"all quotas")},
	{RECORD(DOMAIN_DATA, LIVE | MIGRATION, 8, 2, domain_fields,
		"a domain's features and quotas"),
	 REFERS(REC_CONNECTION_DATA)},
	{RECORD(WATCH_DATA_EXTENDED, LIVE | MIGRATION, 12, 2, watch_fields,
		"a watch with a depth"),
	 REFERS(REC_CONNECTION_DATA)},
};

const struct record_desc *stock_table(size_t *ret_count)
{
	*ret_count = COUNT(records);
	return records;
}

static const struct record_desc *find(uint32_t type)
{
	size_t i;

	for (i = 0; i < COUNT(records); i++)
		if (records[i].type == type)
			return &records[i];
	return type < REC_MANDATORY ? record_find(type) : NULL;
}

#define STOCK                                                                  \
	.perm_flags = REC_PERM_STALE, .special_paths = true, .padded = true,   \
	.find = find, .read_odd = stock_read_odd

const struct image_format stock_xen1 = {
	.name = "xen1", .version = IMAGE_VERSION, STOCK};
const struct image_format stock_xen2 = {
	.name = "xen2", .version = IMAGE_VERSION_XEN2, STOCK};
