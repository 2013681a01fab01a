/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain: the domains that use xenstored over a ring.  A domain may be known
 * before it is introduced, if a toolstack sets its features or quotas.
 *
 *	(unknown) --introduce--> introduced --shutdown--> announced
 *	    ^                        |   ^        |           |
 *	    |                        |   +-resume-+-----------+
 *	    +------ release, death --+
 *
 * A domain that stops is announced once (@releaseDomain), and again when it is
 * gone; then its nodes, permissions, watches and transactions go, too.
 */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include "base/domids.h"
#include "daemon.h"
#include "transport/ring.h"

#define DOMID_SELF_WIRE	     0x7ff0u
#define DOMID_FIRST_RESERVED DOMIDS_END

struct conn;

struct domain {
	struct hlink by_domid;
	struct list all;
	uint16_t domid;
	bool shutdown;	   /* its stop has been announced */
	bool seen;	   /* alive, says the present domains_look() */
	bool restored;	   /* migrated here and not introduced since */
	struct conn *conn; /* NULL: known, but not introduced */
	bool have_gfn;	   /* not after a take-over from a C xenstored */
	uint64_t gfn;	   /* of its ring's page, as INTRODUCE said */
	uint32_t features; /* FEATURE_ bits that its ring offers */
	/* which domain of this number it is (host.h); 0: not known */
	uint64_t handle_hi, handle_lo;
	uint64_t unique_id;
};

struct domains {
	struct htab *by_domid;
	struct list all;    /* introduced ones in that order, then the others */
	struct list deaths; /* death-purge.c: nodes still to be removed */
};

/* Returns NULL without memory. */
struct domains *domains_new(const void *ctx);
/* The known domain of this number, introduced or not, or NULL. */
struct domain *domain_find(const struct daemon *d, uint16_t domid);
/* The introduced domain of this number, or NULL. */
struct domain *domain_introduced(const struct daemon *d, uint16_t domid);
/* Whether Xen's domain of its number is another one than the known. */
bool domain_is_other(const struct domain *dom, const struct host_domain *now);
/* Whether Xen has a domain of this number that has stopped. */
bool domain_stopped(struct daemon *d, uint16_t domid);
/*
 * Whether there is a domain of this number, known or not.  Returns 0 with
 * *ret_known, NULL if it is not known (and it stays so); ENOENT if there is
 * none; or the host's errno.
 */
int __must_check domain_there(struct daemon *d, uint16_t domid,
			      struct domain **ret_known);
/*
 * Makes a domain known, if Xen has it.  Returns 0, ENOENT if there is none,
 * ENOMEM, or the host's errno.
 */
int __must_check domain_know(struct daemon *d, uint16_t domid,
			     struct domain **ret_dom);

/* RELEASE.  Returns 0, or ENOENT if it is not introduced. */
int __must_check domain_release(struct daemon *d, uint16_t domid);
/*
 * Releases and announces it, but keeps its nodes and permissions: it will be
 * introduced again.
 */
void domain_let_go(struct daemon *d, struct domain *dom);
/* RESUME: announces its next stop again.  Returns 0, or ENOENT as above. */
int __must_check domain_resume(struct daemon *d, uint16_t domid);
/*
 * SET_TARGET: gives domid the rights of tdomid.  Returns 0, or ENOENT if one of
 * them is not introduced.
 */
int __must_check domain_set_target(struct daemon *d, uint16_t domid,
				   uint16_t tdomid);
/*
 * SET_FEATURE: the features that its ring will offer.  Returns 0; EINVAL for an
 * unknown feature; ENOENT for an unknown domain; EBUSY for an introduced one,
 * whose ring offers them already, and for the privileged domain, which has all.
 */
int __must_check domain_set_features(struct daemon *d, uint16_t domid,
				     uint32_t features);

/* ---- for a restore ---- */

/* Makes a domain known, whatever Xen says.  NULL without memory or if it is. */
struct domain *domain_new(struct daemon *d, uint16_t domid);
/* Asks Xen for the handles or unique ids that the image did not have. */
void domains_learn(struct daemon *d);
/* Makes it introduced: c is its connection from now on. */
void domain_connect(struct daemon *d, struct domain *dom, struct conn *c);
/* Sets the FEATURE_ bits that its ring offers; does not write the page. */
void domain_offer(struct domain *dom, uint32_t features);
/* Frees a domain without a connection. */
void domain_forget(struct daemon *d, struct domain *dom);
/* Closes its connection and frees it. */
void domain_drop(struct daemon *d, struct domain *dom);
/* Closes its connection; the domain stays known. */
void domain_disconnect(struct domain *dom);

/* The sum of all domains' state, for the digest of an update. */
uint64_t domains_digest(const struct daemon *d);

#endif
