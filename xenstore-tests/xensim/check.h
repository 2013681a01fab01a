/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for each check, and what the files of props share.  props-manage is
 * another program, for Xen 4.21 and later.
 */
#ifndef XENSIM_CHECK_H
#define XENSIM_CHECK_H

#include <stdbool.h>

#include <xenctrl.h>
#include <xenevtchn.h>

/* Prints and counts a check. */
void check(const char *what, bool holds);
int check_summary(void);
/* Runs a command; true if it succeeds. */
bool shell(const char *command);

/* props.c */
bool readable(xenevtchn_handle *xce);
bool take(xenevtchn_handle *xce, int port);

/* props-domain.c; args: DOMID and the commands to revoke
 * and grant its ring, to shut it down and to destroy it */
void test_domain(xc_interface *xc, char **args);

/* props-move.c; argv: DOMID, what to do, numbers; returns an exit code */
int test_move(int argc, char **argv);

#endif
