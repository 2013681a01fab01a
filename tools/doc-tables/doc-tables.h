/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc-tables: the parts of documents that come from the code's own tables;
 * one function for each, which prints it.
 */
#ifndef DOC_TABLES_H
#define DOC_TABLES_H

#include <stddef.h>

/* records.c: docs/design/xenstore-migration.md */
void print_records(void);

/* protocol.c: docs/misc/xenstore.md */
void print_requests(void);
void print_compatibility(void);
void print_errors(void);
void print_controls(void);
void print_quotas(void);
void print_options(void);

/* man.c: docs/man/ */
void print_man_options(void);
void print_man_old_options(void);
void print_man_quotas(void);
void print_man_controls(void);

/*
 * The control commands in the order of their names; *ret_n of them.  Ends the
 * program when there is no memory.
 */
struct control_command;
const struct control_command **sorted_controls(size_t *ret_n);
/* A sentence from a phrase: its first letter large, a full stop. */
void print_sentence(const char *phrase);

/* A table says too little: the program will end with 1. */
void doc_missing(const char *what, const char *name);

#endif
