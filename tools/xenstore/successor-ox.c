/* SPDX-License-Identifier: GPL-2.0-or-later */
/* successor-ox: see successor-ox.h.  Called by main.c. */
#include "successor-ox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/from-ox.h"
#include "host/host-posix.h"
#include "host/host-xen.h"
#include "state/state.h"
#include "stock/conf.h"
#include "stock/ox-dump.h"
#include "stock/take-over.h"
#include "successor.h"

#define CONF_DEFAULT "/etc/xen/oxenstored.conf"
#define CONF_MAX     (1u << 20)
#define ITS_PATH     "/tool/xenstored"

/* ---- the configuration file ---- */

/* Without a file its defaults hold, which are nearly those here. */
static int read_conf(const struct options *o, struct stock_conf *ret,
		     struct err *err)
{
	const char *path = o->config_file ? o->config_file : CONF_DEFAULT;
	void *ctx = talloc_new(NULL);
	uint8_t *text;
	size_t len;
	int rc = posix_file_read(NULL, path, ctx, CONF_MAX, &text, &len, err);

	memset(ret, 0, sizeof(*ret));
	if (!rc)
		stock_conf_read((const char *)text, len, ret);
	talloc_free(ctx);
	if (rc == ENOENT && !o->config_file)
		return 0;
	return rc;
}

/* An option outranks the file. */
static void keep_conf(struct options *o, const struct stock_conf *conf,
		      struct log *log)
{
	unsigned int q;

	for (q = 0; q < QUOTA_COUNT; q++) {
		if (!conf->have[q] || o->limits.hard[q] != quota_table[q].hard)
			continue;
		o->limits.hard[q] = conf->limit[q];
		if (conf->limit[q] != quota_table[q].hard)
			log_line(log, LOG_EVENT,
				 "taking over: quota %s is %u, as in the "
				 "configuration file of oxenstored",
				 quota_table[q].name, conf->limit[q]);
	}
	if (!o->pid_file && *conf->pid_file)
		o->pid_file = strdup(conf->pid_file); /* for good */
	if (*conf->ignored)
		log_line(log, LOG_EVENT,
			 "taking over: of the configuration file of "
			 "oxenstored, not kept: %s",
			 conf->ignored);
}

/* ---- the trial ---- */

int ox_trial(const struct options *o, struct err *err)
{
	struct err note;
	struct stock_conf conf;
	int rc = host_xen_probe(err);

	if (!rc)
		rc = read_conf(o, &conf, err);
	if (!rc)
		rc = from_ox_rundir(err);
	/* tried by hand, it has another parent */
	if (!rc && from_ox_note_parent(&note))
		fprintf(stderr, "xenstored: can take over, but %s\n",
			note.text);
	return rc;
}

/* ---- the way back ---- */

/* Its own options: not those that -c of live-update has added. */
static char **its_words(char *path, char **argv)
{
	static const char *const its[] = {"--live",
					  "--restart",
					  "--no-domain-init",
					  "--no-fork",
					  "--no-access-log",
					  "--disable-socket",
					  "--reraise-top-level"};
	static const char *const pairs[] = {"--config-file", "--pid-file",
					    "-T"};
	size_t i, n = 0, k = 0;
	char **ret;

	while (argv[n])
		n++;
	ret = calloc(n + 1, sizeof(*ret));
	if (!ret)
		return NULL;
	ret[k++] = path;
	for (n = 1; argv[n]; n++) {
		for (i = 0; i < sizeof(its) / sizeof(its[0]); i++)
			if (!strcmp(argv[n], its[i]))
				ret[k++] = argv[n];
		for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
			if (strcmp(argv[n], pairs[i]) != 0 || !argv[n + 1])
				continue;
			ret[k++] = argv[n++];
			ret[k++] = argv[n];
			break;
		}
	}
	return ret;
}

/* Its binary: that of the trial's parent, else what the store says. */
static int prepare_back(struct handoff *ho, char **argv, struct err *err)
{
	char said[1024] = "", *path, **words;
	void *ctx = talloc_new(NULL);
	uint8_t *dump;
	size_t len;
	int fd, rc = posix_run_path(OX_FILE, &path, err);

	if (!rc &&
	    !posix_file_read(NULL, path, ctx, HOST_FILE_MAX, &dump, &len, err))
		(void)ox_dump_value(dump, len, ITS_PATH, said, sizeof(said));
	talloc_free(ctx);
	if (rc)
		return rc;
	free(path);
	fd = from_ox_binary(said, &path, err);
	if (fd < 0)
		return err->code;
	words = its_words(path, argv);
	rc = words ? handoff_back_to_ox(ho, fd, words, from_ox_tell_client, err)
		   : err_set(err, ENOMEM, "no memory");
	if (rc)
		close(fd);
	return rc;
}

void ox_begin(struct handoff *ho, struct options *o, char **argv,
	      struct log *log)
{
	struct stock_conf conf;
	struct err err = {0};

	if (prepare_back(ho, argv, &err))
		log_line(log, LOG_EVENT,
			 "taking over: if it fails, no daemon will be left: %s",
			 err.text);
	/* the trial has read it */
	if (read_conf(o, &conf, &err))
		log_line(log, LOG_EVENT, "taking over: %s", err.text);
	keep_conf(o, &conf, log);
}

/* ---- the dump ---- */

static int restore(struct daemon *d, const char *path,
		   struct state_restored *ret, struct err *err)
{
	void *ctx = talloc_new(d);
	uint8_t *dump;
	size_t len;
	int rc = posix_file_read(d->host, path, ctx, HOST_FILE_MAX, &dump, &len,
				 err);

	if (rc) {
		err_prefix(err, "the dump of oxenstored");
	} else {
		fault_pause("ox");
		fault_crash("ox");
		rc = fault("ox-error")
			     ? err_set(err, EIO, "made to fail")
			     : stock_take_over(d, dump, len, ret, err);
		if (rc)
			err_prefix(err, "%s", path);
	}
	talloc_free(ctx);
	return rc;
}

int ox_take_over(struct daemon *d, struct handoff *ho, const struct options *o,
		 struct err *err)
{
	struct state_restored from;
	char *path;
	int rc = posix_run_path(OX_FILE, &path, err);

	if (rc)
		return rc;
	rc = restore(d, path, &from, err);
	if (!rc) {
		handoff_done(ho);
		unlink(path);
		from_ox_forget();
	}
	free(path);
	if (rc)
		return rc;
	successor_of_stock(d, o, &from, true);
	return 0;
}
