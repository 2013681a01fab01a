/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commands: the handlers in control.c's table, by file.
 */
#ifndef CONTROL_COMMANDS_H
#define CONTROL_COMMANDS_H

struct control_req;

/* control-log.c */
int control_log(struct control_req *req);
int control_logfile(struct control_req *req);
int control_memreport(struct control_req *req);
int control_print(struct control_req *req);

/* control-quota.c */
int control_quota(struct control_req *req);
int control_quota_soft(struct control_req *req);

#endif
