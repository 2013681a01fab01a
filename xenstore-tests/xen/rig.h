/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig: what the scenarios in dom0 do that no shell command does.  rig.c has
 * those that go through the store, rig-xen.c those that go past it,
 * rig-domain.c a domain for which there is no store, rig-churn.c hundreds of
 * them.
 */
#ifndef XEN_RIG_H
#define XEN_RIG_H

#include <stdint.h>

struct link;
struct xc_interface_core;

/*
 * After so many seconds what is waited for is given up.  A net only: a busy
 * machine is slow, and slow is not wrong.
 */
#define LIMIT_S 240

/* "domid" as a number, or an end with a word about it. */
uint32_t domid_arg(const char *text);

/*
 * A domain without a kernel; see rig-domain.c.  *ret_frame is the page that is
 * its ring.  An exit code; what is wrong has been said.
 */
int domain_make(struct xc_interface_core *xc, uint32_t *ret_domid,
		unsigned long *ret_frame);

/* Introduces a domain; 0 or the daemon's errno. */
int introduce(struct link *l, uint32_t domid, uint32_t port);

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
int rig_dying(char **args);
int rig_churn(char **args);

#endif
