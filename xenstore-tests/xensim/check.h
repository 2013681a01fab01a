/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line for each check, and what the files of props share.  Used by them.
 */
#ifndef XENSIM_CHECK_H
#define XENSIM_CHECK_H

#include <stdbool.h>

#include <xenctrl.h>
#include <xenevtchn.h>

/* Count and print; the order of arguments reads as a sentence. */
void check(const char *what, bool holds);
int check_summary(void);

/* props.c */
bool readable(xenevtchn_handle *xce);
bool take(xenevtchn_handle *xce, int port);

/* props-domain.c; args: DOMID and the commands to revoke
 * and grant its ring, to shut it down and to destroy it */
void test_domain(xc_interface *xc, char **args);

/* props-move.c; argv: DOMID, what to do, its numbers; an exit code */
int test_move(int argc, char **argv);

#endif
