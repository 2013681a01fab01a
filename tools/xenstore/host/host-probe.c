/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-probe: do Xen's libraries match the hypervisor?  After a package upgrade
 * without a reboot they are of another release.  All interfaces open then, but
 * the hypervisor refuses to list domains.  One call through each library shows
 * that.  The calls have no lasting effect, and no domain notices them.  Called at
 * a start, in a rehearsal and after a takeover.
 */
#include <errno.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#include "host/host-domains.h"
#include "host/host-library.h"
#include "host/host-xen.h"

/* Binds a port to this domain; closing the handle frees it. */
static int probe_evtchn(struct err *err)
{
	static const struct library lib = {"libxenevtchn",
					   "xenevtchn_bind_unbound_port"};
	xenevtchn_handle *evtchn = xenevtchn_open(NULL, 0);
	int rc = 0;

	if (!evtchn)
		return library_not_open(&lib, "event channels", err);
	if (xenevtchn_bind_unbound_port(evtchn, DOMID_SELF) < 0)
		rc = errno ? errno : EIO;
	xenevtchn_close(evtchn);
	return rc ? library_mismatch(&lib, "an event channel", rc,
				     "boot the installed Xen and kernel", err)
		  : 0;
}

/* Mapping would need another domain's grant, so this only opens the device. */
static int probe_gnttab(struct err *err)
{
	static const struct library lib = {"libxengnttab", "xengnttab_open"};
	xengnttab_handle *gnttab = xengnttab_open(NULL, 0);

	if (!gnttab)
		return library_not_open(&lib, "grant device", err);
	xengnttab_close(gnttab);
	return 0;
}

int host_xen_probe(struct err *err)
{
	int rc = xendoms_probe(err);

	if (!rc)
		rc = probe_evtchn(err);
	return rc ? rc : probe_gnttab(err);
}
