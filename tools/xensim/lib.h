/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The preloaded library's inside: one connection to the hypervisor and the
 * shared memory, both made at first use.  Used by the lib-*.c files only.
 *
 * The library is loaded into programs that it knows nothing of: it prints
 * nothing, starts no thread, opens nothing before Xen is asked for.
 */
#ifndef XENSIM_LIB_H
#define XENSIM_LIB_H

#include "sim.h"

#define EXPORT __attribute__((visibility("default")))

/* Opaque to the header that declares them; so are ours. */
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
