/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of a move between two hosts, each done by a process in dom0 of one of
 * them: the contents of a domain's pages, half a reply on its ring, the
 * announcement of a death. The script combines them. Called by props.c.
 */
#include "check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>
#include <xengnttab.h>

#define PAGE 4096u

static uint8_t pattern(uint32_t gref, uint32_t seed, uint32_t at)
{
	return (uint8_t)((at * 2654435761u + seed * 40503u + gref) >> 13);
}

/* Writes or compares every byte of both pages. */
static bool pages(xengnttab_handle *xgt, uint32_t domid, uint32_t seed,
		  bool write)
{
	uint32_t gref, at, wrong = 0;

	for (gref = 0; gref < 2; gref++) {
		uint8_t *page = xengnttab_map_grant_ref(xgt, domid, gref,
							PROT_READ | PROT_WRITE);

		if (!page)
			return false;
		for (at = 0; at < PAGE; at++) {
			if (write)
				page[at] = pattern(gref, seed, at);
			wrong += page[at] != pattern(gref, seed, at);
		}
		xengnttab_unmap(xgt, page, 1);
	}
	return !wrong;
}

/* Whether @word becomes @value within 20 s. */
static bool becomes(const uint32_t *word, uint32_t value)
{
	uint32_t tries;

	for (tries = 0; tries < 20000; tries++) {
		if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
			return true;
		(void)usleep(1000);
	}
	return false;
}

/*
 * Acts like a daemon that replies to the first request on the ring,
 * RESET_WATCHES, but writes only bytes @from to @to of the reply, and notifies
 * through @port.
 */
static bool answer(xengnttab_handle *xgt, uint32_t domid, uint32_t from,
		   uint32_t to, uint32_t port)
{
	struct xenstore_domain_interface *page = xengnttab_map_grant_ref(
		xgt, domid, GNTTAB_RESERVED_XENSTORE, PROT_READ | PROT_WRITE);
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);
	struct xsd_sockmsg hdr;
	char reply[sizeof(hdr) + 3];
	int local;

	if (!page || !xce)
		return false;
	if (!becomes(&page->req_prod, sizeof(hdr) + 1))
		return false;
	memcpy(&hdr, page->req, sizeof(hdr));
	local = xenevtchn_bind_interdomain(xce, domid, port);
	if (local < 0 || hdr.type != XS_RESET_WATCHES || hdr.len != 1 ||
	    page->rsp_prod != from || to > sizeof(reply)) {
		printf("# port %d, type %u, req_prod %u, rsp_prod %u\n", local,
		       hdr.type, page->req_prod, page->rsp_prod);
		return false;
	}
	hdr.len = 3;
	memcpy(reply, &hdr, sizeof(hdr));
	memcpy(reply + sizeof(hdr), "OK", 3);
	page->req_cons = page->req_prod;
	memcpy(page->rsp + from, reply + from, to - from);
	__atomic_store_n(&page->rsp_prod, to, __ATOMIC_SEQ_CST);
	local = xenevtchn_notify(xce, (evtchn_port_t)local);
	xengnttab_unmap(xgt, page, 1);
	xenevtchn_close(xce);
	return !local;
}

/*
 * Whether the guest has read all @bytes of its reply, without an event from us.
 */
static bool taken(xengnttab_handle *xgt, uint32_t domid, uint32_t bytes)
{
	struct xenstore_domain_interface *page = xengnttab_map_grant_ref(
		xgt, domid, GNTTAB_RESERVED_XENSTORE, PROT_READ | PROT_WRITE);
	return page && becomes(&page->rsp_cons, bytes);
}

static bool raises_virq(const char *command)
{
	xenevtchn_handle *xce = xenevtchn_open(NULL, 0);
	int virq = xce ? xenevtchn_bind_virq(xce, VIRQ_DOM_EXC) : -1;

	return virq > 0 && !readable(xce) && system(command) == 0 &&
	       take(xce, virq);
}

int test_move(int argc, char **argv)
{
	uint32_t domid = (uint32_t)strtoul(argv[0], NULL, 10), number[3] = {0};
	xengnttab_handle *xgt = xengnttab_open(NULL, 0);
	const char *what = argc > 1 ? argv[1] : "";
	bool ok = false;
	int i;

	for (i = 2; i < argc && i < 5; i++)
		number[i - 2] = (uint32_t)strtoul(argv[i], NULL, 10);
	if (!xgt)
		return 2;
	if (!strcmp(what, "fill"))
		ok = pages(xgt, domid, number[0], true);
	else if (!strcmp(what, "filled"))
		ok = pages(xgt, domid, number[0], false);
	else if (!strcmp(what, "answer"))
		ok = answer(xgt, domid, number[0], number[1], number[2]);
	else if (!strcmp(what, "taken"))
		ok = taken(xgt, domid, number[0]);
	else if (!strcmp(what, "map"))
		ok = xengnttab_map_grant_ref(xgt, domid,
					     GNTTAB_RESERVED_XENSTORE,
					     PROT_READ) != NULL;
	else if (!strcmp(what, "virq") && argc > 2)
		ok = raises_virq(argv[2]);
	xengnttab_close(xgt);
	return ok ? 0 : 1;
}
