/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dial: a socket to the daemon for clients that speak the protocol by hand. */
#ifndef DIAL_H
#define DIAL_H

/* A socket connected to XENSTORED_PATH; exits on failure. */
int dial(void);
/* Prints the error with errno and exits. */
_Noreturn void wrong(const char *what);

#endif
