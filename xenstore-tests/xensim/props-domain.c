/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of another domain: its grants, its death, and dom0's own ring as
 * /proc/xen offers it. The commands that change the domain are arguments, so
 * that another toolstack's can be used. Called by props.c.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>
#include <xengnttab.h>

#define NO_DOMAIN 29999u

static struct xenstore_domain_interface *map_ring(xengnttab_handle *xgt,
						  uint32_t domid, uint32_t ref)
{
	return xengnttab_map_grant_ref(xgt, domid, ref, PROT_READ | PROT_WRITE);
}

/*
 * In a PV dom0 the kernel gives a forked child no mappings of grants: a daemon
 * that forks must not touch them in the child.
 */
static bool child_has(struct xenstore_domain_interface *ring)
{
	struct rlimit no_core = {0, 0};
	pid_t pid = fork();
	int status;

	if (!pid) {
		setrlimit(RLIMIT_CORE, &no_core);
		memcpy(ring->req, "child", 6);
		_exit(0);
	}
	return waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) ||
	       WTERMSIG(status) != SIGSEGV;
}

/* A separate process maps the ring, writes to it and is killed. */
static bool killed_with_mapping(uint32_t domid)
{
	int fds[2], status;
	char byte = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		exit(2);
	pid = fork();
	if (!pid) {
		xengnttab_handle *xgt = xengnttab_open(NULL, 0);
		struct xenstore_domain_interface *ring =
			xgt ? map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE)
			    : NULL;

		if (!ring)
			_exit(1);
		memcpy(ring->req, "daemon", 7);
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) == 1)
		kill(pid, SIGKILL);
	close(fds[0]);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       byte == 'x';
}

/*
 * Pages survive a daemon, mappings do not: revoking the grant shows that none
 * is left.
 */
static void test_killed(xengnttab_handle *xgt, uint32_t domid, char **commands)
{
	struct xenstore_domain_interface *ring;

	check("(a process that has mapped it is killed with -9)",
	      killed_with_mapping(domid));
	check("(revoke it)", shell(commands[0]));
	check("its mapping is gone with it",
	      !map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE));
	check("(grant it again)", shell(commands[1]));
	ring = map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE);
	check("what it wrote is there for the next one",
	      ring && !memcmp(ring->req, "daemon", 7) &&
		      !xengnttab_unmap(xgt, ring, 1));
}

/* Returns a mapping, still held, of a grant that has been revoked. */
static struct xenstore_domain_interface *
test_grants(xengnttab_handle *xgt, uint32_t domid, char **commands)
{
	struct xenstore_domain_interface *one, *two;

	one = map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE);
	two = map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE);
	check("a domain's ring page can be mapped by grant", one && two);
	if (!one || !two)
		return NULL;
	memcpy(one->req, "hello", 6);
	check("... two mappings are one page",
	      one != two && !memcmp(two->req, "hello", 6));
	check("... a fork's child has none", !child_has(one));
	check("... and can be unmapped",
	      !xengnttab_unmap(xgt, two, 1) && !xengnttab_unmap(xgt, one, 1));
	check("a grant that is not there fails",
	      !map_ring(xgt, domid, 7) && !map_ring(xgt, NO_DOMAIN, 1));
	check("(revoke it)", shell(commands[0]));
	check("a revoked grant cannot be mapped",
	      !map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE));
	check("(grant it again)", shell(commands[1]));
	one = map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE);
	check("... then it can be, and the page is the same",
	      one && !memcmp(one->req, "hello", 6));
	check("(revoke it)", shell(commands[0]));
	two = map_ring(xgt, domid, GNTTAB_RESERVED_XENSTORE);
	check("a revoked grant that is mapped can be mapped once more",
	      one && two && !xengnttab_unmap(xgt, two, 1));
	if (one)
		memcpy(one->req, "still", 6);
	check("... what is mapped stays", one && !memcmp(one->req, "still", 6));
	return one;
}

static void test_dom0_ring(void)
{
	struct xenstore_domain_interface *one, *two;
	FILE *port_file = fopen("/proc/xen/xsd_port", "r");
	int fd = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);
	unsigned int port = 0;
	bool got;

	got = port_file && fscanf(port_file, "%u", &port) == 1 && port;
	check("/proc/xen/xsd_port reads as a number", got);
	if (port_file)
		fclose(port_file);
	one = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	two = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check("/proc/xen/xsd_kva can be mapped shared",
	      fd >= 0 && one != MAP_FAILED && two != MAP_FAILED);
	check("... and access() says so", !access("/proc/xen/xsd_kva", R_OK));
	close(fd);
	if (one == MAP_FAILED || two == MAP_FAILED)
		return;
	check("... and is one page",
	      one->req_prod == two->req_prod && one->error == two->error);
	munmap(one, 4096);
	munmap(two, 4096);
}

#define GONE ~0u

/* Some of XEN_DOMINF_*, or GONE when there is no such domain. */
static unsigned int flags_of(xc_interface *xc, uint32_t domid)
{
	xc_domaininfo_t list[8];
	int n = xc_domain_getinfolist(xc, domid, 8, list);

	if (n < 1 || list[0].domain != domid)
		return GONE;
	return list[0].flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown);
}

/*
 * Closes @port, @xce's to the domain, and binds it twice again; returns the
 * last one.
 */
static int test_rebinding(xenevtchn_handle *xce, uint32_t domid, int port)
{
	xenevtchn_handle *other = xenevtchn_open(NULL, 0);

	check("... not twice",
	      other && xenevtchn_bind_interdomain(other, domid, 1) == -1);
	check("... again after unbind",
	      !xenevtchn_unbind(xce, (evtchn_port_t)port) && other &&
		      xenevtchn_bind_interdomain(other, domid, 1) > 0);
	if (other)
		xenevtchn_close(other);
	port = xenevtchn_bind_interdomain(xce, domid, 1);
	check("... and after close, pending again",
	      port > 0 && take(xce, port));
	return port;
}

void test_domain(xc_interface *xc, char **args)
{
	uint32_t domid = (uint32_t)strtoul(args[0], NULL, 10);
	xengnttab_handle *xgt = xengnttab_open(NULL, 0);
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);
	struct xenstore_domain_interface *held;
	int virq, port;

	if (!xgt || !xce) {
		fprintf(stderr,
			"props: cannot open grants or event channels: "
			"%s\n",
			strerror(errno));
		exit(2);
	}
	test_dom0_ring();
	check("a live domain is listed", flags_of(xc, domid) == 0);
	check("a missing one is not", flags_of(xc, NO_DOMAIN) == GONE);
	virq = xenevtchn_bind_virq(xce, VIRQ_DOM_EXC);
	port = xenevtchn_bind_interdomain(xce, domid, 1);
	check("its event channel can be bound", virq > 0 && port > 0);
	check("... and starts pending", take(xce, port));
	port = test_rebinding(xce, domid, port);
	test_killed(xgt, domid, args + 1);
	held = test_grants(xgt, domid, args + 1);

	check("(shut it down)", shell(args[3]) && !!held);
	check("shutdown raises VIRQ_DOM_EXC", take(xce, virq));
	check("... and shows", flags_of(xc, domid) == XEN_DOMINF_shutdown);
	check("(destroy it)", shell(args[4]));
	check("destroy raises VIRQ_DOM_EXC", take(xce, virq));
	check("with a page mapped the domain stays, dying",
	      (flags_of(xc, domid) | XEN_DOMINF_shutdown) ==
		      (XEN_DOMINF_dying | XEN_DOMINF_shutdown));
	check("notify to it is lost, not an error",
	      !xenevtchn_notify(xce, (evtchn_port_t)port));
	check("its ports cannot be bound",
	      xenevtchn_bind_interdomain(xce, domid, 1) == -1);
	check("the mapping outlives it",
	      held && !memcmp(held->req, "still", 6));
	check("unmapping raises VIRQ_DOM_EXC again",
	      held && !xengnttab_unmap(xgt, held, 1) && take(xce, virq));
	check("... and it is gone", flags_of(xc, domid) == GONE);
	check("the port to it can be unbound",
	      !xenevtchn_unbind(xce, (evtchn_port_t)port));
	xenevtchn_close(xce);
	xengnttab_close(xgt);
}
