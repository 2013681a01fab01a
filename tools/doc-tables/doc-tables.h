/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc-tables: prints the parts of documents that are generated from the code's
 * own tables, each with a function.
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
 * Returns the control commands sorted by name, *ret_n of them.  Exits when
 * there is no memory.
 */
struct control_command;
const struct control_command **sorted_controls(size_t *ret_n);
/* Prints a phrase as a sentence: capital letter, full stop. */
void print_sentence(const char *phrase);

/* Reports that a table lacks an entry; the program then exits with 1. */
void doc_missing(const char *what, const char *name);

#endif
