/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log-switch: the names of what can be logged; see log.h. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"

static const struct log_switch switches[] = {
	{"event", LOG_EVENT, "start, updates, errors, refusals; always on"},
	{"obj", LOG_OBJ,
	 "connections, watches, transactions, domains come and go"},
	{"io", LOG_IO, "every request, answer and event"},
	{"val", LOG_VAL, "... with its values; \"on\" does not set it"},
	{"wrl", LOG_WRL, "who has to wait for disturbing transactions"},
	{"acc", LOG_ACC, "what requests change of a domain's account"},
	{"tdb", 0, "taken, no effect: there is no such database here"},
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
		bits &= ~LOG_VAL; /* passwords: only for who asks for them */
	if (!known)
		return EINVAL;
	*wanted = (set ? *wanted | bits : *wanted & ~bits) | LOG_EVENT;
	return 0;
}
