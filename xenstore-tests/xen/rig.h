/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig: what the scenarios in dom0 do that no shell command does. rig.c uses the
 * store, rig-xen.c bypasses it, rig-domain.c makes a domain without a store,
 * rig-churn.c makes hundreds of those.
 */
#ifndef XEN_RIG_H
#define XEN_RIG_H

#include <stdbool.h>
#include <stdint.h>

struct link;
struct xc_interface_core;

/*
 * Every wait gives up after this time. Only for what hangs: a busy machine is
 * slow, and slow is not wrong.
 */
#define LIMIT_S 240

/* Parses a domid; on an error prints it and exits. */
uint32_t domid_arg(const char *text);

/*
 * Makes a domain without a kernel; see rig-domain.c. *ret_frame is its ring's
 * page. Returns an exit code; errors have been printed.
 */
int domain_make(struct xc_interface_core *xc, uint32_t *ret_domid,
		unsigned long *ret_frame);

/* Whether Xen knows it, if only as dying. */
bool domain_exists(struct xc_interface_core *xc, uint32_t domid);

/* Introduces a domain; returns 0 or the daemon's errno. */
int introduce(struct link *l, uint32_t domid, uint32_t port);

/* Each gets the arguments after its name and returns an exit code. */
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
