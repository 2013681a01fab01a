/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ops-node: requests about nodes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/parse.h"
#include "domain/domain.h"
#include "ops/ops.h"
#include "store/path.h"

/* Parses a request whose only argument is a path, and prepares a verb. */
static int one_path(const struct op_req *req, bool special,
		    struct node_req *ret_nr, char *buf, size_t *ret_len)
{
	const char *path;
	int rc = op_strings(req, &path, 1);

	if (!rc)
		rc = op_path(req, path, special, buf, ret_len);
	return rc ? rc : op_node_req(req, ret_nr);
}

/* A verb has returned rc: fires watches and replies OK if that is 0. */
static int changed(const struct op_req *req, const struct node_req *nr, int rc)
{
	if (!rc)
		op_fire(req, nr);
	return op_reply_ok(req, rc);
}

int op_directory(struct op_req *req)
{
	uint8_t names[WIRE_PAYLOAD_MAX];
	struct node_req nr;
	char path[PATH_SIZE];
	struct wbuf out;
	size_t len;
	int rc = one_path(req, false, &nr, path, &len);

	if (rc)
		return rc;
	wbuf_init_fixed(&out, names, sizeof(names));
	rc = node_list(&nr, path, len, sizeof(names), &out);
	if (rc)
		return rc;
	conn_reply(req->conn, names, out.len);
	return 0;
}

/*
 * Replies with the generation and the names from the offset on; at the end of
 * the listing follows an empty name.
 */
int op_directory_part(struct op_req *req)
{
	uint8_t names[WIRE_PAYLOAD_MAX], reply[WIRE_PAYLOAD_MAX];
	struct wbuf out, whole;
	struct node_req nr;
	const char *arg[2];
	char path[PATH_SIZE];
	uint32_t offset;
	uint64_t gen;
	size_t len;
	bool end;
	int rc = op_strings(req, arg, 2);

	if (!rc)
		rc = op_path(req, arg[0], false, path, &len);
	if (!rc && parse_u32(arg[1], UINT32_MAX, &offset))
		rc = EINVAL;
	if (!rc)
		rc = op_node_req(req, &nr);
	if (rc)
		return rc;
	wbuf_init_fixed(&out, names, sizeof(names));
	/* leaves room for 20 digits, their NUL and the one at the end */
	rc = node_list_part(&nr, path, len, offset, sizeof(names) - 22, &out,
			    &gen, &end);
	if (rc)
		return rc;
	wbuf_init_fixed(&whole, reply, sizeof(reply));
	wbuf_printf(&whole, "%llu", (unsigned long long)gen);
	wbuf_u8(&whole, 0);
	wbuf_bytes(&whole, names, out.len);
	if (end)
		wbuf_u8(&whole, 0);
	conn_reply(req->conn, reply, whole.len);
	return 0;
}

int op_read(struct op_req *req)
{
	const uint8_t *value;
	struct node_req nr;
	char path[PATH_SIZE];
	size_t len, value_len;
	int rc = one_path(req, false, &nr, path, &len);

	if (!rc)
		rc = node_read(&nr, path, len, &value, &value_len);
	if (rc)
		return rc;
	conn_reply(req->conn, value, value_len);
	return 0;
}

/*
 * Guests see an entry for an absent domain as it was set, so that they do not
 * learn which domains exist.  A privileged client sees the entries in force.
 */
static void put_perm(const struct op_req *req, const struct perm *p,
		     struct wbuf *out)
{
	if (p->domid & PERMS_ABSENT && req->conn->client.cred.privileged)
		return;
	wbuf_printf(out, "%c%u", perm_letter(p->bits),
		    p->domid & ~PERMS_ABSENT);
	wbuf_u8(out, 0);
}

int op_get_perms(struct op_req *req)
{
	const struct perms *perms;
	struct node_req nr;
	char path[PATH_SIZE];
	struct wbuf out;
	size_t len;
	uint32_t i;
	int rc = one_path(req, true, &nr, path, &len);

	if (!rc)
		rc = node_get_perms(&nr, path, len, &perms);
	if (rc)
		return rc;
	wbuf_init(&out, req->ctx);
	for (i = 0; i < perms->n; i++)
		put_perm(req, &perms->p[i], &out);
	if (out.failed)
		return ENOMEM;
	conn_reply(req->conn, out.data, out.len);
	return 0;
}

/* Parses an entry such as "r5". */
static int parse_perm(const char *text, struct perm *ret)
{
	unsigned int bits;
	uint32_t domid;

	if (perm_bits(text[0], &bits))
		return EINVAL;
	if (parse_u32(text + 1, PERMS_ABSENT - 1, &domid))
		return EINVAL;
	ret->bits = (uint16_t)bits;
	ret->domid = (uint16_t)domid;
	return 0;
}

/* The domain exists; asks Xen about one that is not known yet. */
static bool exists(void *arg, uint16_t domid)
{
	const struct op_req *req = arg;
	struct domain *known;

	return perms_domid_fixed(domid, req->d->config.priv_domid) ||
	       !domain_there(req->d, domid, &known);
}

/*
 * Parses the list after the path.  Entries for domains that do not exist are
 * removed, and such an owner is an error.  A guest must not find out this way
 * which domains exist: its entries stay, without effect, and node_set_perms()
 * refuses any owner but the node's.
 */
static int parse_perms(struct op_req *req, const char **text, int n,
		       struct perm *p, uint32_t *ret_n)
{
	bool guest = !req->conn->client.cred.privileged;
	int i, rc;

	for (i = 0; i < n; i++) {
		rc = parse_perm(text[i], &p[i]);
		if (rc)
			return rc;
	}
	if (!guest && !exists(req, p[0].domid))
		return ENOENT;
	*ret_n = perms_without_absent(p, (uint32_t)n, guest, exists, req);
	return 0;
}

int op_set_perms(struct op_req *req)
{
	const char *arg[1 + WIRE_PAYLOAD_MAX / 3];
	int max = (int)(sizeof(arg) / sizeof(arg[0]));
	int n = wire_strings(req->payload, req->hdr->len, arg, max);
	struct node_req nr;
	char path[PATH_SIZE];
	struct perm *p;
	uint32_t count;
	size_t len;
	int rc;

	if (n < 2 || n > max)
		return EINVAL;
	/* entries that will be removed count, too */
	if (client_over(req->d->store, &req->conn->client, QUOTA_NODE_PERMS,
			(uint64_t)n - 1))
		return ENOSPC;
	p = talloc_array(req->ctx, struct perm, (unsigned int)n);
	if (!p)
		return ENOMEM;
	rc = parse_perms(req, arg + 1, n - 1, p, &count);
	if (!rc)
		rc = op_path(req, arg[0], true, path, &len);
	if (!rc)
		rc = op_node_req(req, &nr);
	if (!rc)
		rc = node_set_perms(&nr, path, len, p, count);
	return changed(req, &nr, rc);
}

int op_write(struct op_req *req)
{
	const char *path = (const char *)req->payload;
	const uint8_t *nul = memchr(req->payload, 0, req->hdr->len);
	struct node_req nr;
	char abs[PATH_SIZE];
	size_t len, used;
	int rc;

	if (!nul)
		return EINVAL;
	used = (size_t)(nul + 1 - req->payload);
	rc = op_path(req, path, false, abs, &len);
	if (!rc)
		rc = op_node_req(req, &nr);
	if (!rc)
		rc = node_write(&nr, abs, len, nul + 1, req->hdr->len - used);
	return changed(req, &nr, rc);
}

/* Calls a verb that takes a path alone, changes something and replies OK. */
static int change_one(struct op_req *req,
		      int (*verb)(struct node_req *, const char *, size_t))
{
	struct node_req nr;
	char path[PATH_SIZE];
	size_t len;
	int rc = one_path(req, false, &nr, path, &len);

	if (!rc)
		rc = verb(&nr, path, len);
	return changed(req, &nr, rc);
}

int op_mkdir(struct op_req *req)
{
	return change_one(req, node_mkdir);
}

int op_rm(struct op_req *req)
{
	return change_one(req, node_rm);
}
