/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain: the domains that use xenstored over a ring.  One may be known
 * before it is introduced, when a toolstack limits its features or quotas.
 *
 *	(unknown) --introduce--> introduced --shutdown--> announced
 *	    ^                        |   ^        |           |
 *	    |                        |   +-resume-+-----------+
 *	    +------ release, death --+
 *
 * A domain that stops is announced once (@releaseDomain) and once more when
 * it is gone; then its nodes, permissions, watches and transactions go too.
 * One whose ring cannot be mapped is kept; its next event tries again.
 */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include "daemon.h"
#include "transport/ring.h"

#define DOMID_SELF_WIRE	     0x7ff0u
#define DOMID_FIRST_RESERVED 0x7ff0u

struct conn;

struct domain {
	struct hlink by_domid;
	struct list all;
	uint16_t domid;
	bool shutdown;	   /* its stop has been announced */
	bool seen;	   /* in the look round that goes on */
	bool restored;	   /* migrated here, and not introduced since */
	struct conn *conn; /* NULL: known, but not introduced */
	uint32_t features; /* FEATURE_ bits that its ring offers */
	uint64_t handle_hi, handle_lo;
};

struct domains {
	struct htab *by_domid;
	struct list all;    /* in the order of introduction, then the others */
	struct list deaths; /* death-purge.c: whose nodes still go */
};

struct domains *domains_new(const void *ctx);
/* A domain that is known, introduced or not; NULL. */
struct domain *domain_find(const struct daemon *d, uint16_t domid);
/* The same, if it is introduced. */
struct domain *domain_introduced(const struct daemon *d, uint16_t domid);
/* Xen has it, and says that it has stopped. */
bool domain_stopped(struct daemon *d, uint16_t domid);
/*
 * Whether there is a domain of that number.  Returns 0, with what is known of
 * it or NULL if nothing is, or ENOENT; it does not become known.
 */
int __must_check domain_there(struct daemon *d, uint16_t domid,
			      struct domain **ret_known);
/*
 * A domain that Xen has is known from now on.  Returns 0, ENOENT when there
 * is none, or ENOMEM.
 */
int __must_check domain_know(struct daemon *d, uint16_t domid,
			     struct domain **ret_dom);

/* RELEASE: ENOENT when it is not introduced. */
int __must_check domain_release(struct daemon *d, uint16_t domid);
/*
 * Released, but its nodes and permissions stay: it is going to come back.
 * @releaseDomain is told.
 */
void domain_let_go(struct daemon *d, struct domain *dom);
/* RESUME: its next stop will be announced again.  ENOENT. */
int __must_check domain_resume(struct daemon *d, uint16_t domid);
/* SET_TARGET: domid gets tdomid's rights.  ENOENT when one is not known. */
int __must_check domain_set_target(struct daemon *d, uint16_t domid,
				   uint16_t tdomid);
/*
 * SET_FEATURE: what it will be offered.  EINVAL for a feature that there is
 * not, ENOENT no such domain, EBUSY when it is introduced: it has been told.
 * The privileged domain always has all.
 */
int __must_check domain_set_features(struct daemon *d, uint16_t domid,
				     uint32_t features);
/* ---- for a restore ---- */

/* A domain as such, known from now on.  NULL without memory or if known. */
struct domain *domain_new(struct daemon *d, uint16_t domid);
/* Asks Xen for what a restore did not say: which domains they are. */
void domains_learn(struct daemon *d);
/* The connection of a domain that had none. */
void domain_connect(struct daemon *d, struct domain *dom, struct conn *c);
/* What its ring offers, FEATURE_ bits. */
void domain_offer(struct domain *dom, uint32_t features);
/* It is not known any more; it has no connection. */
void domain_forget(struct daemon *d, struct domain *dom);
/* Ends all that the domain has; it is not known any more. */
void domain_drop(struct daemon *d, struct domain *dom);
/* Takes it away again; the domain stays known. */
void domain_disconnect(struct domain *dom);
/* The sum of all domains' state, for state_digest(). */
uint64_t domains_digest(const struct daemon *d);

#endif
