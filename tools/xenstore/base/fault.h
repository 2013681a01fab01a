/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: places where a test makes something fail.
 *
 * Only a build with FAULTS=1 has them; in any other, fault() is false and
 * costs nothing.  XENSTORED_FAULT names the one that happens, "name" or
 * "name=number" (the how-manieth time); docs/designs/live-update.md lists
 * them with what must come of each.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef XENSTORED_FAULTS
/* True when the fault of this name is to happen here and now. */
bool fault(const char *name);
/* Does not come back when NAME-segv, -abort, -exit or -hang is due. */
void fault_crash(const char *name);
/* From now on only those whose names begin so. */
void fault_only(const char *prefix);
#else
static inline bool fault(const char *name)
{
	(void)name;
	return false;
}
static inline void fault_crash(const char *name)
{
	(void)name;
}
static inline void fault_only(const char *prefix)
{
	(void)prefix;
}
#endif

#endif
