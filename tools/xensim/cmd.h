/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of xensim.  Each gets its arguments, with its name in argv[0],
 * and returns the exit code.  Used by main.c.
 */
#ifndef XENSIM_CMD_H
#define XENSIM_CMD_H

#include "sim.h"

struct boot_domain { /* what CREATE made */
	uint32_t domid, port;
	uint64_t gfn;
	bool hvm;
};

int cmd_serve(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_create(int argc, char **argv);
int cmd_boot(int argc, char **argv);
int cmd_introduce(int argc, char **argv);
int cmd_simple(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_move(int argc, char **argv);
int cmd_shutdown(int argc, char **argv);
int cmd_grant(int argc, char **argv);
int cmd_caps(int argc, char **argv);
int cmd_mismatch(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_lsevtchn(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_wait(int argc, char **argv);

/* cmd-dom.c, for cmd-boot.c and cmd-move.c */
int dir_connect(const char *dir);
int complain(const char *what, uint32_t domid, int err);
int arg_domid(const char *text, uint32_t *ret_domid);
int create_domain(int sock, int argc, char **argv,
		  struct boot_domain *ret_domain);

#endif
