/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig: what the scenarios in dom0 do that no shell command does.  rig.c has
 * those that go through the store, rig-xen.c those that go past it, and
 * rig-domain.c a domain for which there is no store.
 */
#ifndef XEN_RIG_H
#define XEN_RIG_H

#include <stdint.h>

/* "domid" as a number, or an end with a word about it. */
uint32_t domid_arg(const char *text);

/* Each takes what stands behind its name and returns an exit code. */
int rig_gone(char **args);
int rig_kill(char **args);
int rig_crash(char **args);
int rig_scribble(char **args);
int rig_at_exec(char **args);
int rig_make(char **args);
int rig_revoke(char **args);
int rig_grant(char **args);
int rig_stop(char **args);

#endif
