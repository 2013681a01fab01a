/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rich: a daemon with all kinds of state, on a host that does nothing and
 * allocates nothing; for fuzz-restore and lu-steps.
 */
#ifndef RICH_H
#define RICH_H

#include "daemon.h"

struct host *rich_host(void);

/* A new daemon; one with nodes, watches, transactions and queues. */
struct daemon *rich_empty(void);
struct daemon *rich_daemon(void);
/* Prints what is wrong and ends the program. */
_Noreturn void rich_broken(const char *what, const char *text);

#endif
