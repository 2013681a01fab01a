/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options: see options.h.  Called by main.c only. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/parse.h"
#include "base/version.h"

#define DOMID_LAST     0x7fefu
#define TRACE_SIZE_MIB 64u
/* what is unread goes into one image record, of 4 GiB at most */
#define CLIENT_UNREAD_MIB 2048u

static int set_help(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->print = PRINT_HELP;
	return 0;
}

static int set_version(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->print = PRINT_VERSION;
	return 0;
}

static int set_probe(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->probe = true;
	return 0;
}

static int set_no_fork(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->no_fork = true;
	return 0;
}

static int set_live_update(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->live_update = true;
	return 0;
}

static int set_pid_file(struct options *o, const char *arg, struct err *err)
{
	(void)err;
	o->pid_file = arg;
	return 0;
}

static int set_restore(struct options *o, const char *arg, struct err *err)
{
	(void)err;
	o->restore = arg;
	return 0;
}

static int set_trace_file(struct options *o, const char *arg, struct err *err)
{
	(void)err;
	o->trace_file = arg;
	return 0;
}

static int set_ro_group(struct options *o, const char *arg, struct err *err)
{
	(void)err;
	o->ro_group = arg;
	return 0;
}

static int set_domid(uint32_t *ret, bool *given, const char *arg,
		     struct err *err)
{
	if (parse_u32(arg, DOMID_LAST, ret))
		return err_set(err, EINVAL, "%s: not a domid (0 to %u)", arg,
			       DOMID_LAST);
	*given = true;
	return 0;
}

static int set_priv_domid(struct options *o, const char *arg, struct err *err)
{
	return set_domid(&o->priv_domid, &o->priv_given, arg, err);
}

static int set_store_domid(struct options *o, const char *arg, struct err *err)
{
	return set_domid(&o->store_domid, &o->store_given, arg, err);
}

/* watch-event is the only timeout. */
static int set_timeout(struct options *o, const char *arg, struct err *err)
{
	static const char what[] = "watch-event=";
	uint32_t seconds;

	if (strncmp(arg, what, sizeof(what) - 1) ||
	    parse_u32(arg + sizeof(what) - 1, UINT32_MAX / 1000, &seconds))
		return err_set(err, EINVAL,
			       "%s: expected watch-event=SECONDS (0: never)",
			       arg);
	o->event_timeout_ms = seconds ? seconds * 1000 : UINT32_MAX;
	return 0;
}

static int set_client_unread(struct options *o, const char *arg,
			     struct err *err)
{
	uint32_t mib;

	if (parse_u32(arg, CLIENT_UNREAD_MIB, &mib) || !mib)
		return err_set(err, EINVAL, "%s: not a size in MiB (1 to %u)",
			       arg, CLIENT_UNREAD_MIB);
	o->client_unread = (uint64_t)mib << 20;
	return 0;
}

static int set_keep_orphans(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->keep_orphans = true;
	return 0;
}

static int set_trace_size(struct options *o, const char *arg, struct err *err)
{
	uint32_t mib;

	if (parse_u32(arg, UINT32_MAX, &mib))
		return err_set(err, EINVAL,
			       "%s: not a size in MiB (0: no limit)", arg);
	o->trace_size = (uint64_t)mib << 20;
	return 0;
}

static int set_trace_control(struct options *o, const char *arg,
			     struct err *err)
{
	if (log_switch(&o->trace, arg))
		return err_set(err, EINVAL,
			       "%s: expected on, off, +NAME or -NAME (NAME: "
			       "obj, io, val, wrl, acc, tdb)",
			       arg);
	return 0;
}

static int set_ox_live(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->ox_live = true;
	return 0;
}

static int set_ox_restart(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->ox_restart = true;
	return 0;
}

static int set_ox_trial(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->ox_trial = true;
	return 0;
}

static int set_ox_nothing(struct options *o, const char *arg, struct err *err)
{
	(void)o;
	(void)arg;
	(void)err;
	return 0;
}

static int set_no_sockets(struct options *o, const char *arg, struct err *err)
{
	(void)arg;
	(void)err;
	o->no_sockets = true;
	return 0;
}

static int set_config_file(struct options *o, const char *arg, struct err *err)
{
	(void)err;
	o->config_file = arg;
	return 0;
}

static int set_nothing(struct options *o, const char *arg, struct err *err)
{
	(void)o;
	(void)arg;
	(void)err;
	return 0;
}

static int set_limit(uint32_t *limit, const char *arg, struct err *err)
{
	if (parse_u32(arg, INT32_MAX, limit))
		return err_set(err, EINVAL,
			       "%s: not a limit (0 to %d; 0: no limit)", arg,
			       INT32_MAX);
	return 0;
}

#define LIMIT_OPTION(fn, quota)                                                \
	static int fn(struct options *o, const char *arg, struct err *err)     \
	{                                                                      \
		return set_limit(&o->limits.hard[quota], arg, err);            \
	}

LIMIT_OPTION(set_nodes, QUOTA_NODES)
LIMIT_OPTION(set_node_size, QUOTA_NODE_SIZE)
LIMIT_OPTION(set_watches, QUOTA_WATCHES)
LIMIT_OPTION(set_transactions, QUOTA_TRANSACTIONS)
LIMIT_OPTION(set_node_perms, QUOTA_NODE_PERMS)
LIMIT_OPTION(set_path_max, QUOTA_PATH_MAX)

static int set_quota_of(uint32_t *limits, const char *arg, struct err *err)
{
	const char *eq = strchr(arg, '=');
	char name[32] = "";
	enum quota q;

	if (eq && (size_t)(eq - arg) < sizeof(name))
		memcpy(name, arg, (size_t)(eq - arg));
	if (!eq || quota_by_name(name, &q))
		return err_set(err, EINVAL,
			       "%s: expected QUOTA=N (--help lists the quotas)",
			       arg);
	return set_limit(&limits[q], eq + 1, err);
}

static int set_quota(struct options *o, const char *arg, struct err *err)
{
	return set_quota_of(o->limits.hard, arg, err);
}

static int set_quota_soft(struct options *o, const char *arg, struct err *err)
{
	return set_quota_of(o->limits.soft, arg, err);
}

static const struct option_desc table[] = {
	{"entry-nb", 'E', "N", "maximum nodes of a domain", set_nodes},
	{"entry-size", 'S', "N", "maximum bytes of a node", set_node_size},
	{"watch-nb", 'W', "N", "maximum watches of a domain", set_watches},
	{"transaction", 't', "N", "maximum open transactions of a domain",
	 set_transactions},
	{"perm-nb", 'A', "N", "maximum permission entries of a node",
	 set_node_perms},
	{"path-max", 'M', "N", "maximum bytes of a path", set_path_max},
	{"quota", 'Q', "QUOTA=N", "set the limit of any quota", set_quota},
	{"quota-soft", 'q', "QUOTA=N", "log a warning above N", set_quota_soft},
	{"timeout", 'w', "watch-event=S",
	 "drop events that a guest leaves unread for S seconds (20; 0: never)",
	 set_timeout},
	{"client-unread", 0, "MIB",
	 "disconnect a dom0 client with MIB mebibytes of unread events (64)",
	 set_client_unread},
	{"keep-orphans", 'K', NULL, "keep the nodes of dead domains",
	 set_keep_orphans},
	{"no-fork", 'N', NULL, "stay in the foreground", set_no_fork},
	{"pid-file", 'F', "FILE", "write the process id to FILE", set_pid_file},
	{"trace-file", 'T', "FILE",
	 "also log to FILE, with every request, reply and event",
	 set_trace_file},
	{"trace-size", 0, "MIB",
	 "rotate the trace file at MIB mebibytes (64; 0: never)",
	 set_trace_size},
	{"restore", 0, "FILE",
	 "start with the state that xenstore-control save-image wrote",
	 set_restore},
	{"trace-control", 0, "SWITCH",
	 "trace on, off, +NAME or -NAME (obj, io, val, wrl, acc; see TRACE)",
	 set_trace_control},
	{"ro-group", 0, "GROUP",
	 "let GROUP use the read-only socket (default: only root)",
	 set_ro_group},
	{"priv-domid", 'p', "DOMID",
	 "the privileged domain (default: Xen's control domain, or 0)",
	 set_priv_domid},
	{"master-domid", 'm', "DOMID",
	 "the domain in which this runs (default: Xen's xenstore domain, or 0)",
	 set_store_domid},
	{"probe", 0, NULL,
	 "check the options, and that Xen's libraries match the hypervisor",
	 set_probe},
	/* oxenstored execs its successor with its own options and these two */
	{"live", 0, NULL,
	 "with --restart: take over from oxenstored, which gives both",
	 set_ox_live},
	{"restart", 0, NULL, "with --live: as it says", set_ox_restart},
	{"config-file", 0, "FILE",
	 "with them: the configuration file of oxenstored", set_config_file},
	{"disable-socket", 0, NULL, "with them: make no read-only socket",
	 set_no_sockets},
	{"config-test", 0, NULL,
	 "with them, as --help: only try whether this would work",
	 set_ox_trial},
	{"help", 'H', NULL, "show the options and the quotas, and exit",
	 set_help},
	{"version", 0, NULL, "show the version, and exit", set_version},
	{"live-update", 'U', NULL, NULL, set_live_update},
	/* options of the stock daemon that have no effect here */
	{"event", 'e', "PORT", NULL, set_nothing},
	{"no-domain-init", 'D', NULL, NULL, set_nothing},
	{"output-pid", 'P', NULL, NULL, set_nothing},
	{"no-recovery", 'R', NULL, NULL, set_nothing},
	{"preserve-local", 'L', NULL, NULL, set_nothing},
	{"verbose", 'V', NULL, NULL, set_nothing},
	{"internal-db", 'I', "ARG", NULL, set_nothing},
	/* and of oxenstored */
	{"reraise-top-level", 0, NULL, NULL, set_ox_nothing},
	{"no-access-log", 0, NULL, NULL, set_ox_nothing},
};

#define TABLE_SIZE (sizeof(table) / sizeof(table[0]))
#define FIRST_LONG 256

const struct option_desc *options_table(size_t *ret_n)
{
	*ret_n = TABLE_SIZE;
	return table;
}

/* Makes getopt_long()'s two forms of the table. */
static void make_getopt(char *letters, struct option *longs)
{
	size_t i;

	*letters++ = ':';
	for (i = 0; i < TABLE_SIZE; i++) {
		const struct option_desc *d = &table[i];
		/* optional in the stock daemon, too */
		bool optional = d->letter == 'I' || d->letter == 'H';

		longs[i].name = d->name;
		longs[i].has_arg = optional ? optional_argument
				   : d->arg ? required_argument
					    : no_argument;
		longs[i].val = FIRST_LONG + (int)i;
		if (!d->letter)
			continue;
		*letters++ = d->letter;
		if (d->arg || optional)
			*letters++ = ':';
		if (optional)
			*letters++ = ':';
	}
	*letters = '\0';
}

static const struct option_desc *find_option(int c)
{
	size_t i;

	if (c >= FIRST_LONG)
		return &table[c - FIRST_LONG];
	for (i = 0; i < TABLE_SIZE; i++)
		if (table[i].letter == c)
			return &table[i];
	return NULL;
}

/* Together they say that oxenstored is, or is to be, the predecessor. */
static int check_ox(struct options *o, struct err *err)
{
	if (o->ox_live && o->ox_restart) {
		o->ox_trial |= o->print == PRINT_HELP;
		if (o->ox_trial)
			o->print = PRINT_NOTHING;
		return 0;
	}
	if (o->ox_live || o->ox_restart || o->ox_trial)
		return err_set(err, EINVAL,
			       "--live, --restart and --config-test are for "
			       "oxenstored, which starts its successor with "
			       "--live --restart; leave them out");
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *err)
{
	char letters[3 * TABLE_SIZE + 2];
	struct option longs[TABLE_SIZE + 1] = {{0}};
	const struct option_desc *d;
	int c, rc;

	memset(ret, 0, sizeof(*ret));
	limits_init(&ret->limits);
	ret->trace = LOG_DEFAULT;
	ret->trace_size = (uint64_t)TRACE_SIZE_MIB << 20;
	make_getopt(letters, longs);
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?')
			return err_set(err, EINVAL, "unknown option %s",
				       argv[optind - 1]);
		if (c == ':')
			return err_set(err, EINVAL, "%s needs an argument",
				       argv[optind - 1]);
		d = find_option(c);
		rc = d->set(ret, optarg, err);
		if (rc) {
			err_prefix(err, "--%s", d->name);
			return rc;
		}
	}
	if (optind < argc)
		return err_set(err, EINVAL, "unexpected argument %s",
			       argv[optind]);
	return check_ox(ret, err);
}

/* An option of this exec by oxenstored, not of the daemon. */
static bool is_once(const char *word)
{
	size_t i;

	for (i = 0; i < TABLE_SIZE; i++) {
		if (strncmp(word, "--", 2) != 0 ||
		    strcmp(word + 2, table[i].name) != 0)
			continue;
		return table[i].set == set_ox_live ||
		       table[i].set == set_ox_restart ||
		       table[i].set == set_ox_trial ||
		       table[i].set == set_ox_nothing ||
		       table[i].set == set_no_sockets;
	}
	return false;
}

void options_lasting(char **argv)
{
	char **to = argv;

	for (; *argv; argv++)
		if (!is_once(*argv))
			*to++ = *argv;
	*to = NULL;
}

static void print_help(void)
{
	char left[64];
	size_t i;

	printf("Usage: xenstored [OPTION]...\n\nOptions:\n");
	for (i = 0; i < TABLE_SIZE; i++) {
		const struct option_desc *d = &table[i];

		if (!d->meaning)
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
			 d->letter ? '-' : ' ', d->letter ? d->letter : ' ',
			 d->letter ? ", " : "  ", d->name, d->arg ? " " : "",
			 d->arg ? d->arg : "");
		printf("  %-28s %s\n", left, d->meaning);
	}
	printf("\nQuotas and their defaults (0: no limit):\n");
	for (i = 0; i < QUOTA_COUNT; i++)
		printf("  %-20s %-10u %s\n", quota_table[i].name,
		       quota_table[i].hard, quota_table[i].meaning);
}

int options_print(const struct options *o)
{
	if (o->print == PRINT_VERSION)
		puts(XENSTORED_NAME);
	else
		print_help();
	if (!fflush(stdout))
		return 0;
	perror("xenstored: standard output");
	return 1;
}
