/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ops-tx: TRANSACTION_START and TRANSACTION_END. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain/death.h"
#include "ops/ops.h"
#include "transport/conn-trace.h"

int op_transaction_start(struct op_req *req)
{
	struct client *c = &req->conn->client;
	char text[16];
	struct tx *tx;
	int rc;

	if (req->tx)
		return EBUSY;
	if (client_over(req->d->store, c, QUOTA_TRANSACTIONS,
			c->account->transactions + 1ull))
		return ENOSPC;
	if (client_over_memory(req->d->store, c, MEMORY_TX))
		return ENOSPC;
	rc = tx_start(req->d->store, c, host_call(req->d->host, now_ms), &tx);
	if (rc)
		return rc;
	snprintf(text, sizeof(text), "%u", tx->id);
	conn_trace_object(req->conn, "CREATE transaction", text, NULL);
	return op_reply_number(req, tx->id);
}

int op_transaction_end(struct op_req *req)
{
	struct tx *tx = req->tx;
	struct node_req nr;
	const char *arg;
	char text[16];
	int rc = op_strings(req, &arg, 1);

	if (rc || (strcmp(arg, "T") && strcmp(arg, "F")))
		return EINVAL;
	if (!tx)
		return ENOENT;
	snprintf(text, sizeof(text), "%u", tx->id);
	conn_trace_object(req->conn, "DESTROY transaction", text, arg);
	rc = op_node_req(req, &nr);
	if (rc)
		return rc;
	/* a dead domain's nodes go first: dom0's must not go with them */
	if (arg[0] == 'T' && nr.client->cred.privileged)
		death_settle_tx(req->d, tx);
	if (arg[0] == 'T')
		rc = tx_commit(tx, nr.changes);
	tx_free(tx);
	req->tx = NULL;
	if (rc)
		return rc;
	if (arg[0] == 'T') {
		change_apply(nr.changes);
		op_fire(req, &nr);
	}
	conn_reply_ok(req->conn);
	return 0;
}
