/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig-xen: what happens to a guest without the toolstack and the store; see
 * rig.h. In rig.c's table.
 */
#include "rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* first: it defines __XEN_TOOLS__ for the other headers */
#include <xenctrl.h>

#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>
#include <xengnttab.h>

#define LOOK_US 20000

static xc_interface *open_xc(void)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);

	if (!xc) {
		fprintf(stderr, "rig: cannot open Xen's interfaces: %s\n",
			strerror(errno));
		exit(2);
	}
	return xc;
}

static bool info_of(xc_interface *xc, uint32_t domid, xc_domaininfo_t *ret_info)
{
	return xc_domain_getinfolist(xc, domid, 1, ret_info) == 1 &&
	       ret_info->domain == domid;
}

bool domain_exists(xc_interface *xc, uint32_t domid)
{
	xc_domaininfo_t info;

	return info_of(xc, domid, &info);
}

int rig_gone(char **args)
{
	uint32_t domid = domid_arg(args[0]);
	xc_interface *xc = open_xc();

	/* Xen tells only xenstored, so poll */
	while (domain_exists(xc, domid))
		usleep(LOOK_US);
	return 0;
}

int rig_dying(char **args)
{
	uint32_t domid = domid_arg(args[0]);
	xc_domaininfo_t info;

	return !info_of(open_xc(), domid, &info) ||
	       !(info.flags & XEN_DOMINF_dying);
}

int rig_kill(char **args)
{
	return xc_domain_destroy(open_xc(), domid_arg(args[0])) ? 1 : 0;
}

int rig_crash(char **args)
{
	return xc_domain_shutdown(open_xc(), domid_arg(args[0]), SHUTDOWN_crash)
		       ? 1
		       : 0;
}

/*
 * What a hostile guest would do to the page it shares with xenstored. The guest
 * must be paused, or its kernel would correct the indexes.
 */
int rig_scribble(char **args)
{
	xengnttab_handle *xgt = xengnttab_open(NULL, 0);
	struct xenstore_domain_interface *ring;

	ring = xgt ? xengnttab_map_grant_ref(xgt, domid_arg(args[0]),
					     GNTTAB_RESERVED_XENSTORE,
					     PROT_READ | PROT_WRITE)
		   : NULL;
	if (!ring) {
		fprintf(stderr, "rig: ring of %s: %s\n", args[0],
			strerror(errno));
		return 1;
	}
	memset(ring->req, 0xff, sizeof(ring->req));
	ring->req_prod = ring->req_cons + 0x12345678u;
	ring->rsp_prod = ring->rsp_cons + 0x87654321u;
	return xengnttab_unmap(xgt, ring, 1) ? 1 : 0;
}

/* Runs the process until it has exec'd another binary, and stops it there. */
static bool wait_exec(pid_t pid)
{
	int status, sig;

	while (waitpid(pid, &status, __WALL) == pid) {
		if (!WIFSTOPPED(status))
			return false;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			return true;
		/* other stops are signals to be delivered */
		sig = status >> 16 ? 0 : WSTOPSIG(status);
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)sig))
			return false;
	}
	return false;
}

int rig_at_exec(char **args)
{
	pid_t pid = (pid_t)strtol(args[0], NULL, 10), child;
	bool dies, kill_it = !strcmp(args[1], "kill");
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL,
		   (void *)(intptr_t)PTRACE_O_TRACEEXEC)) {
		perror("rig: ptrace");
		return 2;
	}
	child = fork();
	if (!child) {
		execvp(args[3], args + 3);
		_exit(127);
	}
	if (!wait_exec(pid)) {
		fprintf(stderr, "rig: process %d did not exec\n", (int)pid);
		return 2;
	}
	dies = !(kill_it ? rig_kill(args + 2) : rig_crash(args + 2));
	if (ptrace(PTRACE_DETACH, pid, NULL, NULL)) {
		perror("rig: detach");
		return 2;
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return 2;
	if (!dies)
		fprintf(stderr, "rig: domain %s did not die\n", args[2]);
	return dies ? WEXITSTATUS(status) : 2;
}
