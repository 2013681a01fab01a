/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-restore: restores damaged images of a whole daemon.
 *
 * The image of a daemon with all kinds of state is taken apart and put together
 * again with records changed, dropped, duplicated and swapped, and without the
 * header, whose digest would reveal the damage. Each result is either refused
 * with a reason, or restores a store that passes its check, also after every
 * transaction is committed.
 *
 *   fuzz-restore [COUNT [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "daemon.h"
#include "state/state.h"
#include "parts.h"
#include "rich.h"

/* Returns true if the image was restored. */
static bool one(const struct pieces *whole)
{
	struct daemon *d = rich_empty();
	void *ctx = talloc_new(NULL);
	struct state_restored *ret = talloc_zero(ctx, struct state_restored);
	struct pieces *ps = talloc_memdup(ctx, whole, sizeof(*whole));
	uint32_t n = 1 + pick(3);
	struct image_writer w;
	struct err err = {0};
	int rc;

	while (n-- && ps->n > 1)
		damage(ctx, ps);
	image_writer_init(&w, ctx, false);
	put_together(ps, 0, ps->n, &w);
	rc = (pick(4) ? state_restore : state_restore_file)(
		d, w.buf.data, w.buf.len, ret, &err);
	if (rc && !err.text[0])
		rich_broken("refused", "without a reason");
	if (!rc) {
		check(d, "after the restore");
		commit_all(d);
	}
	daemon_free(d);
	talloc_free(ctx);
	return !rc;
}

/* END alone is a valid image: a daemon with "/" and no sockets. */
static void end_alone(void *ctx)
{
	struct daemon *d = rich_empty();
	struct state_restored *ret = talloc_zero(ctx, struct state_restored);
	struct image_writer w;
	struct err err = {0};

	image_writer_init(&w, ctx, false);
	if (image_writer_finish(&w) ||
	    state_restore(d, w.buf.data, w.buf.len, ret, &err))
		rich_broken("END alone", err.text);
	check(d, "END alone");
	if (ret->counts.nodes != 1 || ret->counts.conns ||
	    d->conns.rw_fd != -1 || d->conns.ro_fd != -1)
		rich_broken("END alone", "is not an empty daemon");
	daemon_free(d);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long i, taken = 0;
	void *ctx = talloc_new(NULL);
	struct pieces *whole = talloc_zero(ctx, struct pieces);
	struct daemon *d = rich_daemon();
	struct state_dump_options opt = {0};
	struct state_counts counts;
	struct err err = {0};
	struct wbuf image;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("fuzz-restore: %lu images, seed %lu\n", count, seed);
	wbuf_init(&image, ctx);
	if (state_dump(d, &opt, state_into_wbuf, &image, &counts, &err))
		rich_broken("dump", err.text);
	daemon_free(d);
	take_apart(ctx, &image, whole);
	end_alone(ctx);
	parts_seed(seed);
	for (i = 0; i < count; i++)
		taken += one(whole);
	talloc_free(ctx);
	printf("fuzz-restore: %lu of %lu restored, the others refused\n", taken,
	       count);
	/* if none or all were restored, nothing was tested */
	if (!taken || taken == count)
		rich_broken("restored",
			    "none or all of them; nothing was tested");
	printf("1 passed, 0 failed\n");
	return 0;
}
