/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `xensim boot`: does in the xenstore what a toolstack does for a new guest:
 * writes its nodes in a transaction, then introduces it, over libxenstore.
 * Nodes and owners are those of libxl.
 */
#include "cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenstore.h>

struct node {
	const char *path;  /* below /local/domain/<domid>, or with a leading
			      / absolute; %u is the domid */
	const char *value; /* NULL: a directory; %u as above */
	enum {
		OWN_DOM0, /* n0 */
		OWN_READ, /* n0,r<domid> */
		OWN_GUEST /* n<domid> */
	} owner;
};

static const struct node nodes[] = {
	{"", NULL, OWN_READ},
	{"/vm/58656e53-696d-4000-8000-%012u", NULL, OWN_READ},
	{"/vm/58656e53-696d-4000-8000-%012u/name", "sim%u", OWN_READ},
	{"/vm/58656e53-696d-4000-8000-%012u/uuid",
	 "58656e53-696d-4000-8000-%012u", OWN_READ},
	{"/libxl/%u", NULL, OWN_DOM0},
	{"/libxl/%u/device", NULL, OWN_DOM0},
	{"/libxl/%u/type", "pvh", OWN_DOM0},
	{"vm", "/vm/58656e53-696d-4000-8000-%012u", OWN_READ},
	{"name", "sim%u", OWN_READ},
	{"cpu", NULL, OWN_READ},
	{"memory", NULL, OWN_READ},
	{"device", NULL, OWN_READ},
	{"control", NULL, OWN_READ},
	{"control/shutdown", "", OWN_GUEST},
	{"control/feature-poweroff", "", OWN_GUEST},
	{"control/feature-reboot", "", OWN_GUEST},
	{"control/feature-suspend", "", OWN_GUEST},
	{"control/sysrq", "", OWN_GUEST},
	{"control/platform-feature-multiprocessor-suspend", "1", OWN_READ},
	{"control/platform-feature-xs_reset_watches", "1", OWN_READ},
	{"data", NULL, OWN_GUEST},
	{"drivers", NULL, OWN_GUEST},
	{"feature", NULL, OWN_GUEST},
	{"attr", NULL, OWN_GUEST},
	{"error", NULL, OWN_GUEST},
};

static const struct node late_nodes[] = {
	{"memory/static-max", "196608", OWN_READ},
	{"memory/target", "196608", OWN_READ},
	{"memory/videoram", "0", OWN_READ},
	{"domid", "%u", OWN_READ},
	{"store/ring-ref", NULL, OWN_READ},
	{"store/port", NULL, OWN_READ},
	{"cpu/0/availability", "online", OWN_READ},
	{"console/type", "xenconsoled", OWN_DOM0},
};

/* Replace the %u or %012u of @format, if it has one. */
static void expand(char *buf, size_t size, const char *format, uint32_t domid)
{
	const char *percent = strchr(format, '%');

	if (!percent)
		(void)snprintf(buf, size, "%s", format);
	else if (percent[1] == '0')
		(void)snprintf(buf, size, "%.*s%012u%s",
			       (int)(percent - format), format, domid,
			       percent + 5);
	else
		(void)snprintf(buf, size, "%.*s%u%s", (int)(percent - format),
			       format, domid, percent + 2);
}

static bool write_node(struct xs_handle *xs, xs_transaction_t tx,
		       const struct boot_domain *domain,
		       const struct node *node)
{
	struct xs_permissions perms[2] = {
		{.id = node->owner == OWN_GUEST ? domain->domid : 0,
		 .perms = XS_PERM_NONE},
		{.id = domain->domid, .perms = XS_PERM_READ},
	};
	char path[256], rest[192], value[64] = "";

	expand(rest, sizeof(rest), node->path, domain->domid);
	if (rest[0] == '/')
		(void)snprintf(path, sizeof(path), "%s", rest);
	else
		(void)snprintf(path, sizeof(path), "/local/domain/%u%s%s",
			       domain->domid, rest[0] ? "/" : "", rest);
	if (node->value)
		expand(value, sizeof(value), node->value, domain->domid);
	else if (!strcmp(node->path, "store/ring-ref"))
		(void)snprintf(value, sizeof(value), "%" PRIu64, domain->gfn);
	else if (!strcmp(node->path, "store/port"))
		(void)snprintf(value, sizeof(value), "%u", domain->port);
	if ((node->value || value[0]) ? !xs_write(xs, tx, path, value,
						  (unsigned int)strlen(value))
				      : !xs_mkdir(xs, tx, path)) {
		fprintf(stderr, "xensim: boot: cannot write %s: %s\n", path,
			strerror(errno));
		return false;
	}
	if (!xs_set_permissions(xs, tx, path, perms,
				node->owner == OWN_READ ? 2 : 1)) {
		fprintf(stderr,
			"xensim: boot: cannot set permissions of %s: %s\n",
			path, strerror(errno));
		return false;
	}
	return true;
}

/* Write all nodes in a transaction; retry it after a conflict. */
static bool write_nodes(struct xs_handle *xs, const struct boot_domain *domain,
			const struct node *list, size_t count)
{
	xs_transaction_t tx;
	char path[64];
	size_t i;

	(void)snprintf(path, sizeof(path), "/local/domain/%u", domain->domid);
	for (;;) {
		tx = xs_transaction_start(xs);
		if (!tx) {
			perror("xensim: boot: cannot start a transaction");
			return false;
		}
		if (list == nodes)
			(void)xs_rm(xs, tx, path);
		for (i = 0; i < count; i++)
			if (!write_node(xs, tx, domain, &list[i]))
				break;
		if (i < count) {
			(void)xs_transaction_end(xs, tx, true);
			return false;
		}
		if (xs_transaction_end(xs, tx, false))
			return true;
		if (errno != EAGAIN) {
			perror("xensim: boot: cannot commit the nodes");
			return false;
		}
	}
}

static struct xs_handle *open_store(void)
{
	struct xs_handle *xs = xs_open(0);

	if (!xs)
		fprintf(stderr,
			"xensim: no xenstore daemon answers: %s; check "
			"XENSTORED_PATH or XENSTORED_RUNDIR\n",
			strerror(errno));
	return xs;
}

static bool introduce(struct xs_handle *xs, uint32_t domid, uint64_t gfn,
		      uint32_t port)
{
	if (xs_introduce_domain(xs, domid, (unsigned long)gfn, port))
		return true;
	fprintf(stderr, "xensim: cannot introduce domain %u: %s\n", domid,
		strerror(errno));
	return false;
}

static bool boot_one(struct xs_handle *xs, const struct boot_domain *domain,
		     bool bare)
{
	if (!bare && (!write_nodes(xs, domain, nodes,
				   sizeof(nodes) / sizeof(nodes[0])) ||
		      !write_nodes(xs, domain, late_nodes,
				   sizeof(late_nodes) / sizeof(late_nodes[0]))))
		return false;
	if (!introduce(xs, domain->domid, domain->gfn, domain->port))
		return false;
	printf("%u %" PRIu64 " %u\n", domain->domid, domain->gfn, domain->port);
	return true;
}

/* Parse FIRST-LAST, which can stand instead of a domid. */
static int boot_range(const char *text, uint32_t *ret_first, uint32_t *ret_last)
{
	const char *dash = strchr(text, '-');
	char first[16];

	if (!dash || (size_t)(dash - text) >= sizeof(first))
		return EINVAL;
	(void)snprintf(first, sizeof(first), "%.*s", (int)(dash - text), text);
	if (arg_domid(first, ret_first) || arg_domid(dash + 1, ret_last) ||
	    *ret_last < *ret_first)
		return EINVAL;
	return 0;
}

int cmd_introduce(int argc, char **argv)
{
	struct xs_handle *xs;
	uint32_t domid, port;
	bool ok;

	(void)argc;
	if (arg_domid(argv[1], &domid))
		return 2;
	if (sim_parse_u32(argv[2], INT32_MAX, &port)) {
		fprintf(stderr, "xensim: introduce: %s: not a port\n", argv[2]);
		return 2;
	}
	xs = open_store();
	if (!xs)
		return 1;
	/* the gfn does not matter: the daemon maps the ring by its grant */
	ok = introduce(xs, domid, 0, port);
	xs_close(xs);
	return ok ? 0 : 1;
}

/* Remove --bare from the arguments: create_domain() does not know it. */
static bool take_bare(int *argc, char **argv)
{
	int i;

	for (i = 2; i < *argc; i++)
		if (!strcmp(argv[i], "--bare")) {
			memmove(&argv[i], &argv[i + 1],
				(size_t)(*argc - i) * sizeof(*argv));
			(*argc)--;
			return true;
		}
	return false;
}

int cmd_boot(int argc, char **argv)
{
	uint32_t first = 0, last = 0;
	struct boot_domain domain;
	bool bare = take_bare(&argc, argv);
	bool range = argc > 2 && argv[2][0] != '-' && strchr(argv[2], '-');
	struct xs_handle *xs;
	char number[16];
	int sock, ret = 0;

	if (range && boot_range(argv[2], &first, &last)) {
		fprintf(stderr, "xensim: boot: %s: not a range of domids\n",
			argv[2]);
		return 2;
	}
	sock = dir_connect(argv[1]);
	if (sock < 0)
		return 1;
	xs = open_store();
	if (!xs)
		return 1;
	for (; !ret && first <= last; first++) {
		if (range) {
			(void)snprintf(number, sizeof(number), "%u", first);
			argv[2] = number;
		}
		ret = create_domain(sock, argc, argv, &domain);
		if (!ret && !boot_one(xs, &domain, bare))
			ret = 1;
	}
	xs_close(xs);
	close(sock);
	return ret;
}
