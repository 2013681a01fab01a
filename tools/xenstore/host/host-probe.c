/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host-probe: do Xen's libraries match the hypervisor?  After a package upgrade
 * without a reboot they are of another release.  All interfaces open then, but
 * the hypervisor refuses to list domains.  One call through each library shows
 * that.  The calls have no lasting effect, and no domain notices them.  Called at
 * a start, in a rehearsal and after a takeover.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#include "host/host-xen.h"

/* The path of the loaded library: its name contains the release. */
struct library {
	const char *name, *function;
};

static const char *file_of(const struct library *lib)
{
	void *at = dlsym(RTLD_DEFAULT, lib->function);
	Dl_info info;

	return at && dladdr(at, &info) && info.dli_fname ? info.dli_fname : "?";
}

static int not_open(const struct library *lib, const char *what,
		    struct err *err)
{
	int rc = errno ? errno : EIO;

	return err_set(err, rc,
		       "cannot open Xen's %s: %s (%s, %s); is this the "
		       "control domain of a Xen host?",
		       what, strerror(rc), lib->name, file_of(lib));
}

static int mismatch(const struct library *lib, const char *refused, int rc,
		    const char *what_to_do, struct err *err)
{
	return err_set(err, rc,
		       "%s (%s) does not match the hypervisor, which refused "
		       "%s: %s; %s",
		       lib->name, file_of(lib), refused, strerror(rc),
		       what_to_do);
}

/* Its calls carry the interface version that they were built for. */
static int probe_control(struct err *err)
{
	static const struct library lib = {"libxenctrl",
					   "xc_domain_getinfolist"};
	char what_to_do[96] = "boot the installed Xen, or use the libraries "
			      "of the running one";
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t info;
	int n, rc = 0, version;

	if (!xc)
		return not_open(&lib, "control interface", err);
	errno = 0;
	n = xc_domain_getinfolist(xc, 0, 1, &info);
	if (n < 1)
		rc = errno ? errno : ESRCH; /* dom0 is always there */
	/* this call works across releases */
	version = rc ? xc_version(xc, XENVER_version, NULL) : -1;
	xc_interface_close(xc);
	if (!rc)
		return 0;
	if (version > 0)
		snprintf(what_to_do, sizeof(what_to_do),
			 "Xen %d.%d is running: boot the installed Xen, or use "
			 "the libraries of %d.%d",
			 version >> 16, version & 0xffff, version >> 16,
			 version & 0xffff);
	return mismatch(&lib, "the list of domains", rc, what_to_do, err);
}

/* Binds a port to this domain; closing the handle frees it. */
static int probe_evtchn(struct err *err)
{
	static const struct library lib = {"libxenevtchn",
					   "xenevtchn_bind_unbound_port"};
	xenevtchn_handle *evtchn = xenevtchn_open(NULL, 0);
	int rc = 0;

	if (!evtchn)
		return not_open(&lib, "event channels", err);
	if (xenevtchn_bind_unbound_port(evtchn, DOMID_SELF) < 0)
		rc = errno ? errno : EIO;
	xenevtchn_close(evtchn);
	return rc ? mismatch(&lib, "an event channel", rc,
			     "boot the installed Xen and kernel", err)
		  : 0;
}

/* Mapping would need another domain's grant, so this only opens the device. */
static int probe_gnttab(struct err *err)
{
	static const struct library lib = {"libxengnttab", "xengnttab_open"};
	xengnttab_handle *gnttab = xengnttab_open(NULL, 0);

	if (!gnttab)
		return not_open(&lib, "grant device", err);
	xengnttab_close(gnttab);
	return 0;
}

int host_xen_probe(struct err *err)
{
	int rc = probe_control(err);

	if (!rc)
		rc = probe_evtchn(err);
	return rc ? rc : probe_gnttab(err);
}
