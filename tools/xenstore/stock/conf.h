/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf: oxenstored's configuration file, of which a daemon that takes over
 * from it keeps the quotas and the pid file.  Called by successor-ox.c.
 */
#ifndef STOCK_CONF_H
#define STOCK_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "store/quota.h"

struct stock_conf {
	bool have[QUOTA_COUNT]; /* the file sets this quota: */
	uint32_t limit[QUOTA_COUNT];
	char pid_file[256]; /* "": none */
	/* "KEY = VALUE, ..." that no option here is for; may end in "..." */
	char ignored[400];
};

/*
 * Reads the len bytes of text: lines "KEY = VALUE", # for comments.  What it
 * does not know, or what has no meaning here, goes to ret->ignored unless it is
 * oxenstored's default.
 */
void stock_conf_read(const char *text, size_t len, struct stock_conf *ret);

#endif
