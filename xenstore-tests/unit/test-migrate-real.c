// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest of a real host, as libxl made it and Linux used it: all that is its
 * goes to another host without --trust.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "domain/domain.h"
#include "state/state.h"
#include "stock/take-over.h"
#include "migrate/migrate.h"
#include "still-host.h"
#include "store/check.h"
#include "store/store.h"
#include "store/tree.h"

#define REAL "xenstore-tests/data/xen-4.17-two-pv-guests.img"

static struct still_host host;

static struct daemon *new_daemon(void)
{
	struct config config = {0};
	struct err err = {0};
	struct daemon *d = daemon_new(NULL, &host.host, NULL, &config, &err);

	assert_non_null(d);
	return d;
}

static void read_file(const char *name, struct wbuf *out)
{
	FILE *f = fopen(name, "re");
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		wbuf_u8(out, (uint8_t)c);
	fclose(f);
}

static struct daemon *real_host(void *ctx)
{
	struct daemon *d = new_daemon();
	struct state_restored ret;
	struct err err = {0};
	struct wbuf image;

	wbuf_init(&image, ctx);
	read_file(REAL, &image);
	if (stock_take_over(d, image.data, image.len, &ret, &err))
		fail_msg("not taken over: %s", err.text);
	return d;
}

static void moves(struct daemon *from, uint16_t domid)
{
	const struct domain *dom = domain_introduced(from, domid);
	const struct migrate_select all = {0};
	const struct migrate_how how = {0};
	struct daemon *to;
	struct err err = {0};
	struct wbuf image;
	char home[32];

	assert_non_null(dom);
	wbuf_init(&image, from);
	if (migrate_save(from, dom, &all, &image, &err))
		fail_msg("domain %u is not saved: %s", domid, err.text);
	host.domid = domid;
	to = new_daemon();
	if (migrate_restore(to, image.data, image.len, &how, &err))
		fail_msg("domain %u is not taken: %s", domid, err.text);
	snprintf(home, sizeof(home), "/local/domain/%u/data/ops", domid);
	assert_true(tree_find(to->store->tree, home, strlen(home)) != 0);
	if (store_check(to->store, &err))
		fail_msg("%s", err.text);
	daemon_free(to);
	host.domid = 0;
}

static void test_real_guests(void **state)
{
	void *ctx = talloc_new(NULL);
	struct daemon *d;

	(void)state;
	still_host_init(&host);
	d = real_host(ctx);
	moves(d, 1);
	moves(d, 2);
	daemon_free(d);
	talloc_free(ctx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_guests),
	};

	return cmocka_run_group_tests_name("migrate-real", tests, NULL, NULL);
}
