/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault: places where a test makes something fail, crash or wait.
 *
 * Only a build with FAULTS=1 has them; in others fault() is false and costs
 * nothing.  The environment variable XENSTORED_FAULT sets which faults happen:
 * words separated by spaces, each "name" or "name=number", where the number is
 * the occurrence, counted from 0.  If it begins with "/" it names a folder,
 * whose file "fault" has the words.  That file is read each time, so that one
 * daemon can have one fault after another.  The tables in
 * docs/design/live-update.md and migration.md have the result of each.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef XENSTORED_FAULTS
/* True when the fault of this name must happen now. */
bool fault(const char *name);
/*
 * Does not return when one of these is due: NAME-segv (a real one), -stack (an
 * overflow), -bus, -fpe, -ill, -abort, -exit, -hang, -kill (SIGKILL), -vanish
 * (_exit), -deaf (hangs with all signals blocked).  NAME "loader" happens
 * before main().
 */
void fault_crash(const char *name);
/*
 * When NAME-pause is due: creates the file at-NAME in the folder and continues
 * when another process has opened and closed the pipe "go" there.
 */
void fault_pause(const char *name);
/*
 * From now on the allocation of the number in NAME-memory=number fails, once;
 * NULL: no allocation fails any more.
 */
void fault_memory(const char *name);
/* From now on only faults whose names begin with prefix happen. */
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
