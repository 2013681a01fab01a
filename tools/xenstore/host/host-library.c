/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host-library: see host-library.h.  Calls none of Xen's libraries itself. */
#include "host/host-library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* The path of the loaded library: its name contains the release. */
static const char *file_of(const struct library *lib)
{
	void *at = dlsym(RTLD_DEFAULT, lib->function);
	Dl_info info;

	return at && dladdr(at, &info) && info.dli_fname ? info.dli_fname : "?";
}

int library_not_open(const struct library *lib, const char *what,
		     struct err *err)
{
	int rc = errno ? errno : EIO;

	return err_set(err, rc,
		       "cannot open Xen's %s: %s (%s, %s); is this the "
		       "control domain of a Xen host?",
		       what, strerror(rc), lib->name, file_of(lib));
}

int library_mismatch(const struct library *lib, const char *refused, int rc,
		     const char *what_to_do, struct err *err)
{
	return err_set(err, rc,
		       "%s (%s) does not match the hypervisor, which refused "
		       "%s: %s; %s",
		       lib->name, file_of(lib), refused, strerror(rc),
		       what_to_do);
}
