/* SPDX-License-Identifier: GPL-2.0-or-later */
/* first: see first.h.  Called by daemon.c. */
#include "domain/first.h"

#include <errno.h>

#include "domain/introduce.h"
#include "store/store.h"

#define LOOK_AT_ONCE 64

static void take_roles(struct config *config, const struct host_domain *now,
		       bool *have_priv)
{
	if (now->control && !*have_priv && !config->priv_given) {
		config->priv_domid = now->domid;
		*have_priv = true;
	}
	if (now->store && !config->store_given)
		config->store_domid = now->domid;
}

int first_look(struct daemon *d, struct domids *ret)
{
	struct host_domain now[LOOK_AT_ONCE];
	bool have_priv = false;
	uint32_t next = 0;
	size_t n, i;
	int rc;

	do {
		rc = host_call(d->host, domains, NULL, (uint16_t)next, now,
			       LOOK_AT_ONCE, &n);
		if (rc == ENOSYS)
			n = 0;
		else if (rc)
			return rc;
		for (i = 0; i < n; i++) {
			domids_add(ret, now[i].domid);
			take_roles(&d->config, &now[i], &have_priv);
			next = now[i].domid + 1u;
		}
	} while (n == LOOK_AT_ONCE);
	return store_set_priv(d->store, d->config.priv_domid);
}

void first_introduce(struct daemon *d, const struct domids *there)
{
	uint32_t domid;

	for (domid = domids_next(there, 0); domid < DOMIDS_END;
	     domid = domids_next(there, domid + 1))
		if (domid != d->config.store_domid)
			domain_introduce_waiting(d, (uint16_t)domid);
}
