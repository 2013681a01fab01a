/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log-switch: the names of the kinds of log lines; see log.h. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"

static const struct log_switch switches[] = {
	{"event", LOG_EVENT, "start, updates, errors, refusals; always on"},
	{"obj", LOG_OBJ,
	 "connections, watches, transactions and domains come and go"},
	{"io", LOG_IO, "every request, reply and event"},
	{"val", LOG_VAL, "values in these lines; \"on\" does not switch it on"},
	{"wrl", LOG_WRL, "which domain waits because it caused conflicts"},
	{"acc", LOG_ACC,
	 "a domain's account after each request that changes something"},
	{"tdb", 0, "accepted, without effect: this daemon has no database"},
};

#define SWITCHES (sizeof(switches) / sizeof(switches[0]))

const struct log_switch *log_switches(unsigned int *ret_n)
{
	*ret_n = SWITCHES;
	return switches;
}

int log_switch(unsigned int *wanted, const char *arg)
{
	bool all = !strcmp(arg, "on") || !strcmp(arg, "off");
	bool set = !strcmp(arg, "on") || arg[0] == '+';
	bool known = all;
	unsigned int bits = 0;
	size_t i;

	if (!all && arg[0] != '+' && arg[0] != '-')
		return EINVAL;
	for (i = 0; i < SWITCHES; i++)
		if (all || !strcmp(arg + 1, switches[i].name)) {
			bits |= switches[i].sort;
			known = true;
		}
	if (all && set)
		bits &= ~LOG_VAL; /* may be passwords: only on request */
	if (!known)
		return EINVAL;
	*wanted = (set ? *wanted | bits : *wanted & ~bits) | LOG_EVENT;
	return 0;
}
