/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plant: an artificial difference for shrink.c to find. Like a real one it
 * depends on distant steps: domain 1 has died, then socket 2 has set
 * permissions, then domain 2 has aborted a transaction; from then on domain 3
 * reads a wrong value of "/". Used by exec.c with --plant; see check-shrink.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

struct plant {
	int come; /* how many conditions are met, in order */
};

struct plant *plant_new(void)
{
	struct plant *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	return p;
}

static bool comes(int which, const struct step *s)
{
	switch (which) {
	case 0:
		return s->kind == STEP_DESTROY && s->domid == 1;
	case 1:
		return s->conn == 2 && s->type == XS_SET_PERMS;
	case 2:
		return s->conn == DOM0_RING + 2 &&
		       s->type == XS_TRANSACTION_END && s->body[0] == 'F';
	default:
		return false;
	}
}

void plant_look(struct plant *p, const struct step *s, struct message *ours)
{
	if (ours && s->kind != STEP_REQUEST)
		return;
	if (!ours || ours->type == s->type)
		p->come += comes(p->come, s);
	if (p->come < 3 || !ours || s->conn != DOM0_RING + 3 ||
	    s->type != XS_READ || s->tx || s->body[0] != '/' || s->body[1])
		return;
	ours->type = XS_READ;
	ours->len = 7;
	memcpy(ours->body, "planted", 8);
}
