/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libxenmanage says about domains: states, unique ids, capabilities, and
 * which domains have changed. Run by the script beside it, while dom0 is the
 * only domain.
 *
 *   props-manage DOMID CREATE-COMMAND SHUTDOWN-COMMAND DESTROY-COMMAND
 */
#include "check.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <xenmanage.h>

#define EXIST	 XENMANAGE_GETDOMSTATE_STATE_EXIST
#define SHUTDOWN XENMANAGE_GETDOMSTATE_STATE_SHUTDOWN
#define CONTROL	 XENMANAGE_GETDOMSTATE_CAP_CONTROL
#define XENSTORE XENMANAGE_GETDOMSTATE_CAP_XENSTORE

static xenmanage_handle *xm;
static uint64_t id; /* of the domain, as the last call said */

/* The domain's state; ~0: there is no such domain. */
static unsigned int state_of(unsigned int domid)
{
	unsigned int state;

	return xenmanage_get_domain_info(xm, domid, &state, NULL, &id) ? ~0u
								       : state;
}

/* Whether the next one that has changed is domid, with this state. */
static bool changed(unsigned int domid, unsigned int state)
{
	unsigned int got_domid = ~0u, got_state = ~0u;

	return !xenmanage_poll_changed_domain(xm, &got_domid, &got_state, NULL,
					      &id) &&
	       got_domid == domid && got_state == state;
}

static bool no_change(int err)
{
	unsigned int domid;

	return xenmanage_poll_changed_domain(xm, &domid, NULL, NULL, NULL) ==
		       -1 &&
	       errno == err;
}

static void test_states(unsigned int domid, char **commands)
{
	uint64_t first;

	check("a domain that is missing has no state: ESRCH",
	      state_of(domid) == ~0u && errno == ESRCH);
	check("(create it)", shell(commands[0]));
	check("it exists", state_of(domid) == EXIST);
	first = id;
	check("... with a unique id", first != 0);
	check("(shut it down)", shell(commands[1]));
	check("it exists and is shut down, the same domain",
	      state_of(domid) == (EXIST | SHUTDOWN) && id == first);
	check("(destroy it and create it again)",
	      shell(commands[2]) && shell(commands[0]));
	check("it exists, with another unique id",
	      state_of(domid) == EXIST && id && id != first);
}

static void test_caps(unsigned int domid)
{
	unsigned int dom0 = 0, guest = ~0u;

	xenmanage_get_domain_info(xm, 0, NULL, &dom0, NULL);
	xenmanage_get_domain_info(xm, domid, NULL, &guest, NULL);
	check("dom0 is the control domain and the xenstore domain",
	      (dom0 & CONTROL) && (dom0 & XENSTORE));
	check("a guest is neither", !(guest & (CONTROL | XENSTORE)));
}

static void test_changes(unsigned int domid, char **commands)
{
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);
	int port;
	uint64_t was;

	check("without VIRQ_DOM_EXC changes are refused: EACCES",
	      no_change(EACCES));
	port = xenevtchn_bind_virq(xce, VIRQ_DOM_EXC);
	check("when it is bound, each domain is reported",
	      port > 0 && changed(0, EXIST) && changed(domid, EXIST));
	was = id;
	check("... once: ENOENT", no_change(ENOENT));
	check("(shut it down)", shell(commands[1]));
	check("its shutdown is reported", changed(domid, EXIST | SHUTDOWN));
	check("(destroy it)", shell(commands[2]));
	check("that it is gone is reported, without an id",
	      changed(domid, 0) && !id);
	check("... once", no_change(ENOENT));
	check("(create it, destroy it and create it again)",
	      shell(commands[0]) && shell(commands[2]) && shell(commands[0]));
	check("all of that is one report, with the last one's id",
	      changed(domid, EXIST) && id != was && no_change(ENOENT));
	xenevtchn_unbind(xce, (evtchn_port_t)port);
	check("when VIRQ_DOM_EXC is bound again, each is reported again",
	      xenevtchn_bind_virq(xce, VIRQ_DOM_EXC) > 0 && changed(0, EXIST) &&
		      changed(domid, EXIST) && no_change(ENOENT));
	xenevtchn_close(xce);
}

int main(int argc, char **argv)
{
	unsigned int domid;

	if (argc != 5)
		return 2;
	domid = (unsigned int)atoi(argv[1]);
	check("unknown flags fail with EINVAL",
	      !xenmanage_open(NULL, 1) && errno == EINVAL);
	xm = xenmanage_open(NULL, 0);
	if (!xm)
		return 2;
	test_states(domid, argv + 2);
	test_caps(domid);
	test_changes(domid, argv + 2);
	shell(argv[4]);
	xenmanage_close(xm);
	return check_summary();
}
