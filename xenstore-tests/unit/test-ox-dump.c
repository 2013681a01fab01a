// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oxenstored's dump as records: the one that Debian's wrote gives the text that
 * was checked by hand, and each kind of damage is refused with its line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "image/text.h"
#include "stock/ox-dump.h"

#define DUMP   "xenstore-tests/data/oxenstored-4.17.dump"
#define GOLDEN "xenstore-tests/image/golden/ox.txt"

#define FIRST "$xenstored-dump-format\n"
#define ROOT  "store,2f,6e30,\n"
/* "@releaseDomain" and "@introduceDomain", nodes of "/" */
#define RELEASE	  "store,2f4072656c65617365446f6d61696e,6e30,\n"
#define INTRODUCE "store,2f40696e74726f64756365446f6d61696e,6e30,\n"
#define REST	  ROOT RELEASE INTRODUCE
#define DOM5	  "dom,5,1046527,1,17\n"

struct got {
	void *ctx;
	struct wbuf text;
	struct image_losses losses;
	struct err err;
	int rc;
};

static int put(void *arg, const struct record *rec, struct err *err)
{
	struct got *g = arg;

	(void)err;
	image_text(&g->text, rec);
	return 0;
}

/* Only what a daemon can hold: no path with "odd" in it. */
static bool fits(void *arg, const char *path, bool watch, uint16_t domid)
{
	(void)arg;
	(void)watch;
	(void)domid;
	return !strstr(path, "odd");
}

static struct got read_bytes(const void *data, size_t len)
{
	struct got g = {.ctx = talloc_new(NULL)};
	/* of exactly this size, so that a sanitizer notices a byte beyond */
	void *exact = talloc_memdup(g.ctx, data, len);
	struct ox_dump d = {.data = exact,
			    .len = len,
			    .header = true,
			    .put = put,
			    .fits = fits,
			    .arg = &g};

	wbuf_init(&g.text, g.ctx);
	g.rc = ox_dump_read(g.ctx, &d, &g.losses, &g.err);
	wbuf_u8(&g.text, 0);
	return g;
}

static void end(struct got *g)
{
	wbuf_fini(&g->text);
	talloc_free(g->ctx);
}

static void file(struct wbuf *to, const char *name)
{
	FILE *f = fopen(name, "re");
	int c;

	if (!f)
		fail_msg("cannot open %s", name);
	while ((c = fgetc(f)) != EOF)
		wbuf_u8(to, (uint8_t)c);
	fclose(f);
}

static void test_golden(void **state)
{
	void *ctx = talloc_new(NULL);
	struct wbuf dump, want;
	struct got g;

	(void)state;
	wbuf_init(&dump, ctx);
	wbuf_init(&want, ctx);
	file(&dump, DUMP);
	file(&want, GOLDEN);
	wbuf_u8(&want, 0);
	assert_true(ox_dump_begins(dump.data, dump.len));
	g = read_bytes(dump.data, dump.len);
	if (g.rc)
		fail_msg("%s", g.err.text);
	/* END is of the image */
	assert_memory_equal(g.text.data, want.data,
			    strlen((char *)g.text.data));
	assert_string_equal((char *)want.data + strlen((char *)g.text.data),
			    "END\n");
	end(&g);
	wbuf_fini(&dump);
	wbuf_fini(&want);
	talloc_free(ctx);
}

/* A dump that is cut anywhere is refused. */
static void test_cut(void **state)
{
	void *ctx = talloc_new(NULL);
	struct wbuf dump;
	struct got g;
	size_t len;

	(void)state;
	wbuf_init(&dump, ctx);
	file(&dump, DUMP);
	for (len = 0; len < dump.len; len++) {
		g = read_bytes(dump.data, len);
		if (g.rc != EINVAL || (len && !strstr(g.err.text, "line ")))
			fail_msg("cut to %zu bytes: %d, %s", len, g.rc,
				 g.err.text);
		end(&g);
	}
	wbuf_fini(&dump);
	talloc_free(ctx);
}

static const struct refusal {
	const char *dump, *why;
} refusals[] = {
	{"", "line 0"},
	{"xenstore\n", "line 1 (xenstore): not $xenstored-dump-format"},
	{"$xenstored-dump-format", "line 1: has no end after 22 bytes"},
	{"$xenstored-dump-format,2\n", "line 1 ($xenstored-dump-form): not"},
	{FIRST FIRST REST, "line 2 ($xenstored-dump-form): a kind of line"},
	{FIRST "input,7,00\n" REST, "line 2 (input): a kind of line"},
	{FIRST "\n" REST, "line 2 (): a kind of line"},
	{FIRST ROOT "global", "line 3: has no end after 6 bytes"},
	{FIRST ROOT INTRODUCE, "has the node /@releaseDomain; the dump is cut"},
	{FIRST ROOT RELEASE, "has the node /@introduceDomain; the dump is cut"},
	/* global, evtchn-dev */
	{FIRST "global\n" REST, "line 2 (global): field listening socket: mis"},
	{FIRST "global,\n" REST, "\"\" is not a number from 0 to 2147483647"},
	{FIRST "global,-1\n" REST, "\"-1\" is not a number"},
	{FIRST "global,2147483648\n" REST, "\"2147483648\" is not a number"},
	{FIRST "global,3\nglobal,3\n" REST,
	 "line 3 (global): the listening socket: is in line 2 already"},
	{FIRST "evtchn-dev,5\n" REST, "(evtchn-dev): field VIRQ port: missing"},
	{FIRST "evtchn-dev,x,1\n" REST, "field descriptor: \"x\" is not"},
	{FIRST "evtchn-dev,5,4294967296\n" REST, "field VIRQ port: \"42949"},
	{FIRST "evtchn-dev,5,1\nevtchn-dev,5,1\n" REST,
	 "line 3 (evtchn-dev): the event channel device: is in line 2"},
	/* dom */
	{FIRST "dom,5,1,1\n" REST, "line 2 (dom): field local port: missing"},
	{FIRST "dom,32752,1,1,17\n" REST,
	 "field domid: \"32752\" is not a num"},
	{FIRST "dom,5,18446744073709551616,1,17\n" REST, "field frame: \"1844"},
	{FIRST "dom,5,1,-1,17\n" REST, "field far port: \"-1\" is not"},
	{FIRST "dom,5,1,1,99999999999999999999999\n" REST, "field local port:"},
	{FIRST DOM5 DOM5 REST, "line 3 (dom): its domain: is in line 2"},
	/* socket */
	{FIRST "socket\n" REST, "line 2 (socket): field descriptor: missing"},
	{FIRST "socket,0x7\n" REST, "field descriptor: \"0x7\" is not"},
	{FIRST "socket,7\nsocket,7\n" REST,
	 "line 3 (socket): its descriptor: is in line 2 already"},
	/* watch */
	{FIRST "watch,5,2f,74\n" REST,
	 "line 2 (watch): no line dom,5 has its domain"},
	{FIRST DOM5 "watch,-5,2f,74\n" REST, "no line socket,5 has its client"},
	{FIRST DOM5 "watch,-,2f,74\n" REST, "field descriptor: \"\" is not"},
	{FIRST DOM5 "watch\n" REST, "field domid: missing"},
	{FIRST DOM5 "watch,5,2f\n" REST,
	 "line 3 (watch): field token: missing"},
	{FIRST DOM5 "watch,5,,74\n" REST, "field path: 0 bytes; allowed are 1"},
	{FIRST DOM5 "watch,5,2,74\n" REST, "field path: 1 hexadecimal digits"},
	{FIRST DOM5 "watch,5,2g,74\n" REST, "character 2 is not a hexadecimal"},
	{FIRST DOM5 "watch,5,g2,74\n" REST, "character 1 is not a hexadecimal"},
	{FIRST DOM5 "watch,5,2f00,74\n" REST, "field path: has a NUL byte"},
	{FIRST DOM5 "watch,5,2f,740074\n" REST, "field token: has a NUL byte"},
	{FIRST DOM5 "watch,5,2f,74,-1\n" REST, "field depth: \"-1\" is not"},
	/* store */
	{FIRST "store,2f\n" REST, "line 2 (store): field permissions: missing"},
	{FIRST "store,2f,6e30\n" REST, "line 2 (store): field value: missing"},
	{FIRST "store,,6e30,\n" REST, "field path: not an absolute path"},
	{FIRST "store,61,6e30,\n" REST, "field path: not an absolute path"},
	{FIRST REST ROOT, "line 5 (store): its path: is in line 2 already"},
	{FIRST REST RELEASE, "line 5 (store): its path: is in line 3 already"},
	{FIRST REST "store,2f612f62,6e30,\n",
	 "line 5 (store): field path: /a/b: no line has its parent"},
	{FIRST "store,2f,,\n" RELEASE INTRODUCE, "has no entry, so the node"},
	{FIRST "store,2f,00,\n" REST,
	 "field permissions: entry \"\": expected"},
	{FIRST "store,2f,78,\n" REST, "entry \"x\": expected n, r, w or b"},
	{FIRST "store,2f,6e,\n" REST, "entry \"n\": expected n, r, w or b"},
	{FIRST "store,2f,6e2d31,\n" REST, "entry \"n-1\": expected"},
	{FIRST "store,2f,6e30,4\n" REST, "field value: 1 hexadecimal digits"},
};

static void test_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct got g = read_bytes(r->dump, strlen(r->dump));

		if (!g.rc || !strstr(g.err.text, r->why))
			fail_msg("%s\nexpected: %s\nseen: %d, %s", r->dump,
				 r->why, g.rc, g.err.text);
		assert_true(g.rc == EINVAL || g.rc == EEXIST);
		end(&g);
	}
}

/* Some line of the dump's text. */
static void has(const struct got *g, const char *text)
{
	if (g->rc || !strstr((const char *)g->text.data, text))
		fail_msg("expected: %s\nseen: %s%s", text, g->err.text,
			 (const char *)g->text.data);
}

static struct got read_text(const char *dump)
{
	return read_bytes(dump, strlen(dump));
}

/* What newer releases may add behind the fields that are known. */
static void test_newer(void **state)
{
	struct got g = read_text(
		FIRST "watch,5,2f,74,3\nwatch,5,2f61,74\nwatch,5,2f62,,0,new\n"
		      "global,3,more,-1\nevtchn-dev,5,1,x\n"
		      "dom,5,1046527,1,17,9\nsocket,7,1,2,3,4,5,6,7\n"
		      "store,2f,6e30,,1\n" RELEASE INTRODUCE);

	(void)state;
	has(&g, "WATCH_DEPTH conn-id=1 index=0 depth=3\n");
	has(&g, "WATCH_DATA conn-id=1 wpath=\"/a\" token=\"t\"\n");
	has(&g, "WATCH_DEPTH conn-id=1 index=2 depth=0\n");
	has(&g, "GLOBAL_DATA rw-socket-fd=3 ro-socket-fd=-1\n");
	assert_int_equal(g.losses.n[LOSS_FIELDS], 6);
	end(&g);
}

/* What oxenstored accepts and the store here cannot hold. */
static void test_odd(void **state)
{
	struct got g =
		read_text(FIRST DOM5
			  "watch,5,6f6464,74\nwatch,5,2f,74,2\n" ROOT
			  /* n99999,r70000,r32757,w3; n9223372036854775807 */
			  "store,2f61,"
			  "6e3939393939007237303030300072333237353700"
			  "7733,00ff\n"
			  "store,2f6f6464,6e30,\n"
			  "store,2f6f64642f62,6e30,\n"
			  /* /@releaseDomain/x before /@releaseDomain */
			  "store,2f4072656c65617365446f6d61696e2f78,6e30,\n"
			  "store,2f4072656c65617365446f6d61696e,6e30007235,7a\n"
			  /* /@foo is a node like any other */
			  "store,2f40666f6f,6230,\n" INTRODUCE);

	(void)state;
	has(&g, "nodes=3 conns=1 watches=1 ");
	has(&g, "WATCH_DEPTH conn-id=1 index=0 depth=2\n");
	has(&g, "perms=n0,w3 path=\"/a\" value=\"\\x00\\xff\"\n");
	has(&g, "perms=b0 path=\"/@foo\" value=\"\"\n");
	has(&g, "perms=n0,r5 path=\"@releaseDomain\"\n");
	assert_int_equal(g.losses.n[LOSS_OWNER], 1);
	assert_int_equal(g.losses.n[LOSS_ENTRY], 2);
	assert_int_equal(g.losses.n[LOSS_PATH], 4);
	end(&g);
}

static void test_value(void **state)
{
	/* the path in /tool/xenstored, in a dump that ends in the middle */
	static const char dump[] =
		FIRST "what\nstore,2f746f6f6c2f78656e73746f726564,zz,2f62\nsto";
	char text[8];

	(void)state;
	assert_true(ox_dump_value(dump, strlen(dump), "/tool/xenstored", text,
				  sizeof(text)));
	assert_string_equal(text, "/b");
	assert_false(ox_dump_value(dump, strlen(dump), "/tool", text, 8));
	assert_false(
		ox_dump_value(dump, strlen(dump), "/tool/xenstored", text, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	cmocka_unit_test(test_cut),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_newer),
		cmocka_unit_test(test_odd),	cmocka_unit_test(test_value),
	};

	return cmocka_run_group_tests_name("ox dump", tests, NULL, NULL);
}
