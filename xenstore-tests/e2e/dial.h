/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dial: a socket to the daemon for clients that speak the protocol by hand. */
#ifndef DIAL_H
#define DIAL_H

/* Connected to XENSTORED_PATH; ends the program when that cannot be. */
int dial(void);
/* Says what is wrong, with errno, and ends the program. */
_Noreturn void wrong(const char *what);

#endif
