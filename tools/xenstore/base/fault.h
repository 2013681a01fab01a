/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: places where a test makes something fail, stop or wait.
 *
 * Only a build with FAULTS=1 has them; in any other, fault() is false and
 * costs nothing.  XENSTORED_FAULT says which happen, words apart from each
 * other by blanks, each "name" or "name=number" (the how-manieth time).  Where
 * it begins with "/" it is a folder, and the words are in its file "fault",
 * which is read each time: so one daemon has one fault after the other.  The
 * tables in docs/designs/live-update.md and migration.md have what must come of
 * each.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef XENSTORED_FAULTS
/* True when the fault of this name is to happen here and now. */
bool fault(const char *name);
/*
 * Does not come back when NAME-segv (a real one), -stack (overflows), -bus,
 * -fpe, -ill, -abort, -exit, -hang, -kill (SIGKILL), -vanish (_exit) or -deaf
 * (hangs, whatever the signal) is due.  NAME "loader" is before main.
 */
void fault_crash(const char *name);
/*
 * When NAME-pause is due: makes the file at-NAME in the folder and goes on
 * when somebody has opened and closed its pipe "go".
 */
void fault_pause(const char *name);
/*
 * From now on that allocation fails, once, which NAME-memory=number says;
 * NULL: none any more.
 */
void fault_memory(const char *name);
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
static inline void fault_pause(const char *name)
{
	(void)name;
}
static inline void fault_memory(const char *name)
{
	(void)name;
}
static inline void fault_only(const char *prefix)
{
	(void)prefix;
}
#endif

#endif
