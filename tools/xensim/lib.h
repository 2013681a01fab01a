/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of the preloaded library: a connection to the hypervisor and the
 * shared memory, both opened at first use.  Used by the lib-*.c files only.
 *
 * The library is loaded into any program: it prints nothing, starts no thread
 * and opens nothing before the program uses Xen.
 */
#ifndef XENSIM_LIB_H
#define XENSIM_LIB_H

#include "sim.h"

#define EXPORT __attribute__((visibility("default")))

/* Pages that a program has mapped. */
struct lib_mapping {
	void *addr;
	uint32_t count, domid;
	struct lib_mapping *next;
};

struct sim_shm *lib_shm(void);
bool lib_refused(uint32_t what); /* SIM_REFUSE_*; after lib_shm() */
int lib_call(const struct sim_req *req, struct sim_rep *ret_rep, int *ret_fd);
int lib_connect(int *ret_fd);

#endif
