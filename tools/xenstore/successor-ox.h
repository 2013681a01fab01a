/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * successor-ox: a daemon whose predecessor is oxenstored.
 *
 *	oxenstored			this binary
 *	runs it with --live --restart	ox_trial(): can it take over?  Touches
 *	  its own options --help	  nothing but a link to oxenstored's binary
 *	writes its dump, execs it	ox_begin(): the way back is prepared
 *	  with --live --restart		ox_take_over(): restores the dump, serves
 *	  its own options		any failure: oxenstored is
 *	runs again, from its dump	  execed with the options that it gave
 *
 * Its client asks it for the update again and again, and hears BUSY until the
 * successor says OK (update/command.c).  For main.c.
 */
#ifndef SUCCESSOR_OX_H
#define SUCCESSOR_OX_H

#include "daemon.h"
#include "host/handoff.h"
#include "options.h"

/*
 * Returns 0 if this binary can take over on this host with these options, or an
 * errno with err.
 */
int __must_check ox_trial(const struct options *o, struct err *err);
/*
 * After the exec: reads oxenstored's configuration file into o, and prepares the
 * way back with the words of argv.  Logs what cannot be kept, and if there is no
 * way back.
 */
void ox_begin(struct handoff *ho, struct options *o, char **argv,
	      struct log *log);
/*
 * Takes over by the dump, which is removed; on failure it stays.  Returns 0 or an
 * errno with err.
 */
int __must_check ox_take_over(struct daemon *d, struct handoff *ho,
			      const struct options *o, struct err *err);
#endif
