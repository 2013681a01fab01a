/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record-type: the numbers and flags in an image; record.h has the records. */
#ifndef IMAGE_RECORD_TYPE_H
#define IMAGE_RECORD_TYPE_H

/* HEADER's scope: what an image holds. */
#define REC_SCOPE_LIVE	    0u /* live update: the whole state */
#define REC_SCOPE_MIGRATION 1u /* what belongs to one domain */

/* Types of the Xen project's specification. */
#define REC_END		     0x00000000u
#define REC_GLOBAL_DATA	     0x00000001u
#define REC_CONNECTION_DATA  0x00000002u
#define REC_WATCH_DATA	     0x00000003u
#define REC_TRANSACTION_DATA 0x00000004u
#define REC_NODE_DATA	     0x00000005u
/* The stock daemons use 6 to 8, which are not in the specification. */

/* Extension records: a reader that does not know one refuses the image, ... */
#define REC_MANDATORY	 0x40000000u
#define REC_CONN_STATE	 0x40000001u
#define REC_CONN_INPUT	 0x40000002u
#define REC_CONN_OUTPUT	 0x40000003u
#define REC_TX_STATE	 0x40000004u
#define REC_TX_NODE	 0x40000005u
#define REC_TX_CHILDREN	 0x40000006u
#define REC_SPECIAL_NODE 0x40000007u
#define REC_DOMAIN_STATE 0x40000008u
#define REC_WATCH_DEPTH	 0x40000009u
#define REC_DOM_FEATURES 0x4000000au
#define REC_TX_BASE	 0x4000000bu
#define REC_TX_ENTRY	 0x4000000cu
#define REC_NODE_EFFECT	 0x4000000du
#define REC_CONN_EFFECT	 0x4000000eu
/* ... or skips it. */
#define REC_OPTIONAL	     0x80000000u
#define REC_HEADER	     0x80000001u
#define REC_STORE_STATE	     0x80000002u
#define REC_NODE_GENERATIONS 0x80000003u
#define REC_HANDOFF	     0x80000004u
#define REC_UPDATE	     0x80000005u
#define REC_QUOTA	     0x80000006u
#define REC_LOG		     0x80000007u
#define REC_QUOTA_COUNT	     0x80000008u
#define REC_CONN_CREDIT	     0x80000009u
#define REC_UPDATE_RUN	     0x8000000au
#define REC_RING_STATE	     0x8000000bu
#define REC_TURN	     0x8000000cu
#define REC_RING_LOOK	     0x8000000du
#define REC_WATCH_LOST	     0x8000000eu
#define REC_CONN_DEBT	     0x8000000fu
#define REC_TURN_PLACE	     0x80000010u
#define REC_RING_GFN	     0x80000011u
#define REC_DOMAIN_ID	     0x80000012u
#define REC_ROLES	     0x80000013u

/* TURN_PLACE flags */
#define REC_PLACE_HAD 0x0001u
#define REC_PLACE_DUE 0x0002u

/* CONNECTION_DATA conn-type */
#define REC_CONN_RING	0u
#define REC_CONN_SOCKET 1u
/* CONNECTION_DATA flags of a socket */
#define REC_CONN_READ_ONLY 0x0001u

/* NODE_DATA access of a pending node */
#define REC_NODE_READ	 0x0001u
#define REC_NODE_WRITTEN 0x0002u

/* CONN_STATE flags */
#define REC_CONN_IGNORED       0x00000001u /* ring in error: no longer served */
#define REC_CONN_NO_RING       0x00000002u /* its ring could not be mapped */
#define REC_CONN_PARTIAL_EVENT 0x00000004u /* CONN_OUTPUT completes an event */
#define REC_CONN_QUIET	       0x00000008u /* waits for its peer's next event */
#define REC_CONN_FROZEN	       0x00000010u /* its ring is not touched */
#define REC_CONN_UNUSED	       0x00000020u /* earlier versions set it */
#define REC_CONN_MORE	       0x00000040u /* it has complete requests */

/* TURN what */
#define REC_TURN_IN  0x00000001u
#define REC_TURN_OUT 0x00000002u

/* RING_LOOK flags */
#define REC_LOOK_DROPPING 0x00000001u /* its events are dropped */

/* RING_LOOK level: no early poll, only the slow turn */
#define REC_LOOK_NEVER 0xffu

/* TX_STATE flags */
#define REC_TX_DOOMED 0x00000001u /* will end in EAGAIN */
#define REC_TX_FAILED 0x00000002u /* will end in ENOMEM */

/* TX_NODE did */
#define REC_TX_VALUE   0x0001u /* value or permissions read */
#define REC_TX_LISTED  0x0002u /* children listed */
#define REC_TX_ABSENT  0x0004u /* did not exist when first touched */
#define REC_TX_WRITTEN 0x0008u /* value or permissions changed */
#define REC_TX_CREATED 0x0010u /* created, and still exists */
#define REC_TX_DELETED 0x0020u /* deleted, and not created again */
#define REC_TX_PARENT  0x0040u /* only the parent of a created node */
#define REC_TX_FIRES   0x0080u /* its commit fires watches ... */
#define REC_TX_EXACT   0x0100u /* ... on its own path only */
#define REC_TX_WAS_OWN 0x0200u /* its domain owned it when first touched */
#define REC_TX_IMPLIED 0x0400u /* created as an ancestor, never requested */
#define REC_TX_DID     0x07ffu /* all of them */

/* DOMAIN_STATE flags */
#define REC_DOM_INTRODUCED 0x00000001u
#define REC_DOM_SHUTDOWN   0x00000002u /* shutdown announced */
#define REC_DOM_UNUSED	   0x00000004u /* accepted, never written */
#define REC_DOM_RESTORED   0x00000008u /* migrated here: INTRODUCE may come */

/* TX_ENTRY flags */
#define REC_TX_ENTRY_WAY 0x0001u /* only an ancestor of other entries */

/* NODE_EFFECT kind */
#define REC_NODE_CREATED  0u
#define REC_NODE_VALUE	  1u
#define REC_NODE_PERMS	  2u
#define REC_NODE_DELETED  3u /* with everything below it */
#define REC_NODE_SWEPT	  4u /* lost the first `number` nodes below it */
#define REC_NODE_CHILDREN 5u /* only the generation of its children */
#define REC_NODE_STRIPPED 6u /* all nodes: domain `number` is gone */

/* CONN_EFFECT kind */
#define REC_CONN_WATCH	     0u
#define REC_CONN_UNWATCH     1u
#define REC_CONN_UNWATCH_ALL 2u
#define REC_CONN_GONE	     3u
#define REC_CONN_MAPPED	     4u /* its ring has another page */

/* CONN_EFFECT depth: all levels */
#define REC_ANY_DEPTH 0xffffffffu

/* TX_BASE flags */
#define REC_TX_BASE_THERE  0x0001u /* the node existed */
#define REC_TX_BASE_BROKEN 0x0002u /* changed since: will end in EAGAIN */

#endif
