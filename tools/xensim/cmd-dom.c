/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands for domains: create, kill, list.  They talk to the hypervisor and
 * know nothing of xenstore.  Used by main.c and cmd-boot.c.
 */
#include "cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Connect.  Returns -1 after printing a message. */
int dir_connect(const char *dir)
{
	int sock, err = sim_connect(dir, &sock);

	if (!err)
		return sock;
	fprintf(stderr,
		"xensim: no hypervisor answers in %s: %s; start one with: "
		"xensim serve %s\n",
		dir, strerror(err), dir);
	return -1;
}

int arg_domid(const char *text, uint32_t *ret_domid)
{
	if (!sim_parse_u32(text, SIM_MAX_DOMID - 1, ret_domid))
		return 0;
	fprintf(stderr, "xensim: %s: not a domid (0 to %u)\n", text,
		SIM_MAX_DOMID - 1);
	return EINVAL;
}

/* Print it; always returns 1, the exit code. */
int complain(const char *what, uint32_t domid, int err)
{
	const char *hint = "";

	if (err == ESRCH)
		hint = " (no such domain, or it is dying; see: xensim list)";
	if (err == EEXIST)
		hint = " (there is such a domain already)";
	fprintf(stderr, "xensim: cannot %s domain %u: %s%s\n", what, domid,
		strerror(err), hint);
	return 1;
}

/*
 * Create a domain by the arguments of create and boot: argv[2..] are [DOMID]
 * and options.  Returns 0, 1 (failed) or 2 (usage), after printing a message.
 */
int create_domain(int sock, int argc, char **argv,
		  struct boot_domain *ret_domain)
{
	struct sim_req req = {
		.op = SIM_OP_CREATE, .a = ~0u, .b = SIM_DOM_HVM | SIM_DOM_HAP};
	struct sim_rep rep;
	int i, err;

	for (i = 2; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--type") && !strcmp(next, "pv")) {
			req.b &= ~(SIM_DOM_HVM | SIM_DOM_HAP);
			i++;
		} else if (!strcmp(argv[i], "--type") &&
			   (!strcmp(next, "pvh") || !strcmp(next, "hvm"))) {
			i++;
		} else if (!strcmp(argv[i], "--reconnect")) {
			req.c = 1;
		} else if (!strcmp(argv[i], "--waits")) {
			req.d = 1;
		} else if (i > 2 || arg_domid(argv[i], &req.a)) {
			fprintf(stderr, "xensim: %s: unexpected argument %s\n",
				argv[0], argv[i]);
			return 2;
		}
	}
	err = sim_call(sock, &req, &rep, NULL);
	if (err)
		return complain("create", req.a, err);
	ret_domain->domid = rep.a;
	ret_domain->port = rep.b;
	ret_domain->gfn = rep.d;
	ret_domain->hvm = (req.b & SIM_DOM_HVM) != 0;
	return 0;
}

int cmd_create(int argc, char **argv)
{
	int sock = dir_connect(argv[1]), ret;
	struct boot_domain domain;

	if (sock < 0)
		return 1;
	ret = create_domain(sock, argc, argv, &domain);
	close(sock);
	if (!ret)
		printf("%u %" PRIu64 " %u\n", domain.domid, domain.gfn,
		       domain.port);
	return ret;
}

static int domain_call(const char *dir, const char *what, struct sim_req *req)
{
	int sock = dir_connect(dir), err;
	struct sim_rep rep;

	if (sock < 0)
		return 1;
	err = sim_call(sock, req, &rep, NULL);
	close(sock);
	return err ? complain(what, req->a, err) : 0;
}

/* The commands whose only argument is a domain; stop has none. */
int cmd_simple(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t op;
	} ops[] = {
		{"stop", SIM_OP_STOP},
		{"destroy", SIM_OP_DESTROY},
		{"unpause", SIM_OP_UNPAUSE},
	};
	struct sim_req req = {0};
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i].name, argv[0]))
			req.op = ops[i].op;
	if (argc > 2 && arg_domid(argv[2], &req.a))
		return 2;
	return domain_call(argv[1], argv[0], &req);
}

int cmd_shutdown(int argc, char **argv)
{
	struct sim_req req = {.op = SIM_OP_SHUTDOWN};

	if (arg_domid(argv[2], &req.a))
		return 2;
	if (argc > 3 && sim_parse_u32(argv[3], 255, &req.b)) {
		fprintf(stderr, "xensim: %s: not a reason (0 to 255)\n",
			argv[3]);
		return 2;
	}
	return domain_call(argv[1], "shut down", &req);
}

int cmd_grant(int argc, char **argv)
{
	struct sim_req req = {.op = SIM_OP_REVOKE, .b = SIM_GREF_XENSTORE};

	if (arg_domid(argv[2], &req.a))
		return 2;
	if (argc > 3 && sim_parse_u32(argv[3], 31, &req.b)) {
		fprintf(stderr, "xensim: %s: not a grant reference\n", argv[3]);
		return 2;
	}
	req.c = !strcmp(argv[0], "grant");
	return domain_call(argv[1], "change the grants of", &req);
}

int cmd_caps(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t cap;
	} caps[] = {
		{"control", SIM_CAP_CONTROL},
		{"hardware", SIM_CAP_HARDWARE},
		{"xenstore", SIM_CAP_XENSTORE},
	};
	const size_t n = sizeof(caps) / sizeof(caps[0]);
	struct sim_req req = {.op = SIM_OP_CAPS};
	size_t i;
	int arg;

	if (arg_domid(argv[2], &req.a))
		return 2;
	for (arg = 3; arg < argc; arg++) {
		for (i = 0; i < n && strcmp(caps[i].name, argv[arg]); i++)
			;
		if (i == n) {
			fprintf(stderr, "xensim: caps: unknown capability %s\n",
				argv[arg]);
			return 2;
		}
		req.b |= caps[i].cap;
	}
	return domain_call(argv[1], "set the capabilities of", &req);
}

static int map_dir(const char *dir, struct sim_shm **ret_shm)
{
	struct sim_req sync = {.op = SIM_OP_SYNC};
	struct sim_rep rep;
	int sock = dir_connect(dir), err;

	if (sock < 0)
		return 1;
	err = sim_map_shm(sock, ret_shm);
	if (!err)
		err = sim_call(sock, &sync, &rep, NULL);
	close(sock);
	if (err)
		fprintf(stderr, "xensim: %s: cannot map its memory: %s\n", dir,
			strerror(err));
	return err ? 1 : 0;
}

int cmd_mismatch(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} libraries[] = {
		{"control", SIM_REFUSE_CONTROL},
		{"evtchn", SIM_REFUSE_EVTCHN},
		{"gnttab", SIM_REFUSE_GNTTAB},
		{"manage", SIM_REFUSE_MANAGE},
	};
	const size_t n = sizeof(libraries) / sizeof(libraries[0]);
	uint32_t refused = 0;
	struct sim_shm *shm;
	size_t i;
	int arg;

	for (arg = 2; arg < argc; arg++) {
		for (i = 0; i < n && strcmp(libraries[i].name, argv[arg]); i++)
			;
		if (i == n) {
			fprintf(stderr,
				"xensim: mismatch: unknown library %s\n",
				argv[arg]);
			return 2;
		}
		refused |= libraries[i].flag;
	}
	if (map_dir(argv[1], &shm))
		return 1;
	sim_store(&shm->refused, refused);
	return 0;
}

int cmd_list(int argc, char **argv)
{
	struct sim_shm *shm;
	uint32_t domid;

	(void)argc;
	if (map_dir(argv[1], &shm))
		return 1;
	printf("domid type gfn evtchn flags\n");
	for (domid = 0; domid < SIM_MAX_DOMID; domid++) {
		struct sim_dom *dom = &shm->doms[domid];
		uint32_t flags;

		if (!(shm->present[domid / 64] & (1ull << (domid % 64))))
			continue;
		flags = sim_load(&dom->flags);
		printf("%u %s %" PRIu64 " %u %s%s%s%s", domid,
		       flags & SIM_DOM_HVM ? "hvm" : "pv", dom->gfn,
		       dom->xs_port, flags & SIM_DOM_PAUSED ? "p" : "-",
		       flags & SIM_DOM_SHUTDOWN ? "s" : "-",
		       flags & SIM_DOM_DYING ? "d" : "-",
		       dom->waiting ? "b" : "r");
		if (flags & SIM_DOM_SHUTDOWN)
			printf(" %u", dom->reason);
		printf("\n");
	}
	return 0;
}

int cmd_lsevtchn(int argc, char **argv)
{
	uint32_t domid = 0, port, index;
	struct sim_shm *shm;

	if (argc > 2 && arg_domid(argv[2], &domid))
		return 2;
	if (map_dir(argv[1], &shm))
		return 1;
	if (!(sim_load(&shm->doms[domid].flags) & SIM_DOM_EXISTS))
		return complain("list event channels of", domid, ESRCH);
	for (port = 0; (index = sim_port_index(domid, port)) != SIM_NO_PORT;
	     port++) {
		struct sim_port *p = sim_port_at(shm, index);
		uint32_t state = sim_load(&p->state);

		switch (state & SIM_KIND_MASK) {
		case SIM_KIND_UNBOUND:
			printf("%4u: unbound for domain %u", port, p->remote);
			break;
		case SIM_KIND_INTERDOMAIN:
			printf("%4u: interdomain, domain %u port %u", port,
			       sim_index_domid(p->peer),
			       sim_index_port(p->peer));
			break;
		case SIM_KIND_VIRQ:
			printf("%4u: virq %u", port, p->peer);
			break;
		default:
			continue;
		}
		printf("%s%s\n", state & SIM_PENDING ? ", pending" : "",
		       state & SIM_MASKED ? ", masked" : "");
	}
	return 0;
}
