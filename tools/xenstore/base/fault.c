/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault: see fault.h. */
#include "base/fault.h"

#ifdef XENSTORED_FAULTS

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"

/* in a build for tests alone */
static const char *only = "";

void fault_only(const char *prefix)
{
	only = prefix;
}

bool fault(const char *name)
{
	static uint32_t seen;
	const char *want = getenv("XENSTORED_FAULT");
	size_t len = strlen(name);
	uint32_t at = 0;

	if (!want || strncmp(want, name, len) ||
	    strncmp(name, only, strlen(only)))
		return false;
	if (want[len] == '=')
		return !parse_u32(want + len + 1, UINT32_MAX, &at) &&
		       seen++ == at;
	return !want[len];
}

void fault_crash(const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s-segv", name);
	if (fault(text))
		raise(SIGSEGV);
	snprintf(text, sizeof(text), "%s-abort", name);
	if (fault(text))
		abort();
	snprintf(text, sizeof(text), "%s-exit", name);
	if (fault(text))
		exit(7);
	snprintf(text, sizeof(text), "%s-hang", name);
	while (fault(text))
		pause();
}

#else

/* A file without any declaration is not C. */
extern int fault_not_built;

#endif
