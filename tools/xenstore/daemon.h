/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon: one running xenstored.
 *
 * Each room above the store keeps its part here and reaches the others' parts
 * through it.  Calls upward (transport with a request, the loop with a port) go
 * through the function pointers here, which daemon.c sets.
 */
#ifndef DAEMON_H
#define DAEMON_H

#include "base/err.h"
#include "base/job.h"
#include "base/log.h"
#include "host.h"
#include "transport/conns.h"

struct store;
struct conn;
struct domains;
struct looks;
struct turns;
struct update;
struct wire_header;
struct limits;

/* Tags of polled descriptors; those of connections are in conn.h. */
#define DAEMON_TAG_RW	       (2ull << 32)
#define DAEMON_TAG_RO	       (3ull << 32)
#define DAEMON_TAG_UPDATE      (4ull << 32)
#define DAEMON_TAG_PREDECESSOR (5ull << 32)

#define EVENT_TIMEOUT_MS 20000u
#define UNREAD_MAX	 ((uint64_t)64 << 20)

struct config {
	/*
	 * The privileged domain, and the one in which the daemon runs, whose
	 * ring its kernel offers.  Not given: Xen's, if it says, or that of the
	 * image.
	 */
	uint16_t priv_domid, store_domid;
	bool priv_given, store_given;
	const struct limits *limits; /* NULL: defaults */
	/*
	 * A guest that leaves events unread for this time loses them;
	 * 0: EVENT_TIMEOUT_MS, UINT32_MAX: never.
	 */
	uint32_t event_timeout_ms;
	/* Bytes that a client of dom0 may leave unread; 0: UNREAD_MAX. */
	uint64_t unread_max;
	bool keep_orphans;  /* nodes of dead domains stay */
	const char *binary; /* what runs now, for the log */
	/* of the command line, for oxenstored; NULL: none */
	const char *pid_file, *trace_file;
	bool no_fork;
};

struct daemon {
	struct host *host;
	struct log *log;
	struct config config;
	struct store *store;

	struct conns conns;
	struct domains *domains;
	uint32_t death_port; /* bound to the death VIRQ; 0: none */
	bool death_missed;   /* restored: the VIRQ was unbound for a while */

	struct jobs jobs; /* long work in slices: base/job.h */

	const struct control_commands *commands; /* a chain of tables */
	struct update *update;

	/* a whole message was read: ops/ */
	void (*request)(struct daemon *d, struct conn *c,
			const struct wire_header *hdr, const uint8_t *payload);
	/* VIRQ_DOM_EXC, a domain has stopped or died: domain/, which stands
	 * above loop/ */
	void (*death)(struct daemon *d);
	/* DAEMON_TAG_UPDATE: update/ */
	void (*update_event)(struct daemon *d);
	/* HOST_TAG_SIGNAL: main.c; tests ignore it */
	void (*signal)(struct daemon *d);
	/* HOST_TAG_PATHS: listening.c; tests ignore it */
	void (*paths)(struct daemon *d);
	struct listening *listening;
	/* DAEMON_TAG_PREDECESSOR: successor-beside.c */
	void (*predecessor_event)(struct daemon *d);
	struct predecessor *predecessor; /* until it has ended; or NULL */
	bool stop;
};

/*
 * A daemon with an empty store and no connections.  host and log must outlive
 * it; the log gets the host's clocks.  NULL with err: no memory or randomness.
 */
struct daemon *daemon_new(const void *ctx, struct host *host, struct log *log,
			  const struct config *config, struct err *err);
/*
 * For a first start: binds VIRQ_DOM_EXC, makes /tool/xenstored, and introduces
 * the store's own domain and those that wait for it (domain/first.h).  Returns 0
 * or an errno with err.
 */
int __must_check daemon_populate(struct daemon *d, struct err *err);
/* Waits for events and handles one round of them. */
void daemon_round(struct daemon *d);
/* Serves until d->stop. */
void daemon_run(struct daemon *d);
/* Frees it.  Descriptors stay open, ports bound, pages mapped. */
void daemon_free(struct daemon *d);

#endif
