/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf: see conf.h. */
#include "stock/conf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/parse.h"

#define WORD_MAX 256u

static const struct {
	const char *key;
	enum quota quota;
} quotas[] = {
	{"quota-maxentity", QUOTA_NODES},
	{"quota-maxsize", QUOTA_NODE_SIZE},
	{"quota-maxwatch", QUOTA_WATCHES},
	{"quota-transaction", QUOTA_TRANSACTIONS},
	{"quota-path-max", QUOTA_PATH_MAX},
};

/* Without a counterpart; with this value nothing is lost.  NULL: any value. */
static const struct {
	const char *key, *value;
} others[] = {
	{"quota-activate", "true"},
	{"quota-maxrequests", "1024"},
	{"quota-maxoutstanding", "1024"},
	{"quota-maxwatchevents", "1024"},
	{"conflict-burst-limit", "5.0"},
	{"conflict-max-history-seconds", "0.05"},
	{"conflict-rate-limit-is-aggregate", "true"},
	{"merge-activate", "true"},
	{"test-eagain", "false"},
	{"perms-activate", "true"},
	{"perms-watch-activate", "true"},
	{"persistent", "false"},
	{"ring-scan-interval", NULL},
	{"xenstored-kva", "/proc/xen/xsd_kva"},
	{"xenstored-port", "/proc/xen/xsd_port"},
	{"xenstored-log-file", NULL},
	{"xenstored-log-level", NULL},
	{"xenstored-log-nb-files", NULL},
	{"access-log-file", NULL},
	{"access-log-nb-lines", NULL},
	{"access-log-nb-chars", NULL},
	{"acesss-log-nb-chars", NULL}, /* as Debian's file spells it */
	{"access-log-special-ops", NULL},
};

static void ignore(struct stock_conf *ret, const char *key, const char *value)
{
	size_t n = strlen(ret->ignored), room = sizeof(ret->ignored) - n;
	int len = snprintf(ret->ignored + n, room, "%s%s = %s", n ? ", " : "",
			   key, value);

	if (len >= (int)room)
		memcpy(ret->ignored + sizeof(ret->ignored) - 4, "...", 4);
}

/* Returns whether the key is a quota of this daemon. */
static bool set_quota(struct stock_conf *ret, const char *key,
		      const char *value)
{
	size_t i;
	uint32_t n;

	for (i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		if (strcmp(key, quotas[i].key) != 0)
			continue;
		/* 0 is no limit here, and something else there */
		if (parse_u32(value, INT32_MAX, &n) || !n)
			return false;
		ret->have[quotas[i].quota] = true;
		ret->limit[quotas[i].quota] = n;
		return true;
	}
	return false;
}

static bool is_default(const char *key, const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(key, others[i].key))
			return !others[i].value ||
			       !strcmp(value, others[i].value);
	return false;
}

static void set(struct stock_conf *ret, const char *key, const char *value)
{
	if (!strcmp(key, "pid-file"))
		memcpy(ret->pid_file, value, strlen(value) + 1);
	else if (!set_quota(ret, key, value) && !is_default(key, value))
		ignore(ret, key, value);
}

/* Copies a word without the blanks around it.  False: it is too long. */
static bool word(const char *p, const char *end, char ret[WORD_MAX])
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	while (p < end && isspace((unsigned char)end[-1]))
		end--;
	if ((size_t)(end - p) >= WORD_MAX)
		return false;
	memcpy(ret, p, (size_t)(end - p));
	ret[end - p] = '\0';
	return true;
}

static void read_line(const char *p, const char *end, struct stock_conf *ret)
{
	const char *equals = memchr(p, '=', (size_t)(end - p));
	char key[WORD_MAX], value[WORD_MAX];

	if (equals && *p != '#' && word(p, equals, key) &&
	    word(equals + 1, end, value))
		set(ret, key, value);
}

void stock_conf_read(const char *text, size_t len, struct stock_conf *ret)
{
	const char *end = text + len, *nl;

	memset(ret, 0, sizeof(*ret));
	for (; text < end; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			nl = end;
		read_line(text, nl, ret);
	}
}
