/* SPDX-License-Identifier: GPL-2.0-or-later */
/* announce: see announce.h.  Called by the other files of domain/. */
#include "domain/announce.h"

#include <stdio.h>
#include <talloc.h>

#include "store/change.h"
#include "transport/event.h"

void announce_add(struct daemon *d, struct change_list *l,
		  enum special_id which, uint16_t domid)
{
	const char *name = d->store->special[which].path;
	struct change *c = NULL;
	char path[64];
	int len = snprintf(path, sizeof(path), "%s/%u", name, domid);

	if (l)
		c = change_event(l, path, (size_t)len, NULL, NULL);
	if (c)
		c->again = l->n > 1;
	else
		log_line(d->log, LOG_EVENT, "no memory to announce %s", path);
}

void announce_list(struct daemon *d, struct change_list *l,
		   enum special_id which)
{
	struct change *c;

	if (!l)
		return;
	list_for_each (c, &l->head, link)
		c->after = perms_ref(d->store->special[which].perms);
	event_fire(d, l);
	talloc_free(l);
}

void announce_one(struct daemon *d, enum special_id which, uint16_t domid)
{
	struct change_list *l = change_list_new(d, d->store);

	log_line(d->log, LOG_OBJ, "domain %u %s", domid,
		 which == SPECIAL_INTRODUCE ? "introduced" : "released");
	announce_add(d, l, which, domid);
	announce_list(d, l, which);
}
