// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Log lines: switches, limits for lines that guests cause, holes in a trace,
 * and no raw byte in any line.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"

struct world {
	struct log log;
	uint64_t now;
	unsigned int lines, events;
	char last[LOG_LINE], last_event[LOG_LINE];
	bool no_file;
};

static struct world w;

static void put(void *arg, unsigned int sort, const char *line)
{
	(void)arg;
	w.lines++;
	snprintf(w.last, sizeof(w.last), "%s", line);
	if (!(sort & LOG_EVENT))
		return;
	w.events++;
	snprintf(w.last_event, sizeof(w.last_event), "%s", line);
}

static int set_file(void *arg, const char *path)
{
	(void)arg;
	if (w.no_file)
		return ENOENT;
	w.log.path = path;
	return 0;
}

static uint64_t now(void *clock)
{
	return *(uint64_t *)clock;
}

static int begin(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now = 1767225600000;
	w.log.put = put;
	w.log.set_file = set_file;
	w.log.clock = &w.now;
	w.log.now_ms = now;
	w.log.wall_ms = now;
	log_want(&w.log, LOG_DEFAULT);
	return 0;
}

static void test_switches(void **state)
{
	unsigned int on = LOG_EVENT;

	(void)state;
	assert_int_equal(log_switch(&on, "on"), 0);
	assert_int_equal(on & (LOG_IO | LOG_OBJ | LOG_WRL | LOG_ACC),
			 LOG_IO | LOG_OBJ | LOG_WRL | LOG_ACC);
	assert_int_equal(on & LOG_VAL, 0);
	assert_int_equal(log_switch(&on, "+val"), 0);
	assert_int_equal(log_switch(&on, "on"), 0);
	assert_int_equal(on & LOG_VAL, LOG_VAL);
	assert_int_equal(log_switch(&on, "-io"), 0);
	assert_int_equal(on & LOG_IO, 0);
	assert_int_equal(log_switch(&on, "off"), 0);
	assert_int_equal(on, LOG_EVENT);
	assert_int_equal(log_switch(&on, "+none"), EINVAL);
	assert_int_equal(log_switch(&on, "io"), EINVAL);
	assert_int_equal(on, LOG_EVENT);
}

/* Without a file no trace lines are formatted. */
static void test_file(void **state)
{
	(void)state;
	assert_false(log_on(&w.log, LOG_IO));
	assert_false(log_on(NULL, LOG_EVENT));
	log_line(&w.log, LOG_IO, "not");
	assert_int_equal(w.lines, 0);
	w.no_file = true;
	assert_int_equal(log_set_file(&w.log, "/t"), ENOENT);
	assert_false(log_on(&w.log, LOG_IO));
	w.no_file = false;
	assert_int_equal(log_set_file(&w.log, "/t"), 0);
	assert_true(log_on(&w.log, LOG_IO));
	assert_false(log_on(&w.log, LOG_VAL));
	log_line(&w.log, LOG_IO, "now");
	assert_int_equal(w.lines, 1);
	assert_int_equal(w.events, 0);
}

static void test_restore(void **state)
{
	(void)state;
	log_restore(&w.log, LOG_WRL | LOG_VAL, "");
	assert_int_equal(w.log.on, LOG_EVENT);
	log_restore(&w.log, LOG_WRL | LOG_VAL, "/t");
	assert_int_equal(w.log.on, LOG_EVENT | LOG_WRL | LOG_VAL);
	w.no_file = true;
	log_restore(&w.log, LOG_IO, "/u");
	assert_string_equal(w.last_event,
			    "trace file /u: No such file or directory");
	assert_int_equal(w.log.on, LOG_EVENT | LOG_IO);
	assert_string_equal(w.log.path, "/t");
}

static void test_no_raw_byte(void **state)
{
	(void)state;
	log_line(&w.log, LOG_EVENT, "a %s", "\033[2J\nforged: line\x9b");
	assert_string_equal(w.last, "a \\x1b[2J\\x0aforged: line\\x9b");
	log_guest(&w.log, NULL, "b %s", "\r");
	assert_string_equal(w.last, "b \\x0d");
	log_text(&w.log, LOG_EVENT, "c\n");
	assert_string_equal(w.last, "c\\x0a");
}

static void say(struct limiter *own, unsigned int times)
{
	while (times--)
		log_guest(&w.log, own, "domain says");
}

/* One domain has a limit, and lines beyond it are reported. */
static void test_one_domain(void **state)
{
	struct limiter one = {0}, two = {0};

	(void)state;
	say(&one, 1000);
	assert_int_equal(w.lines, LOG_DOMAIN_MOST);
	say(&two, 1);
	assert_int_equal(w.lines, LOG_DOMAIN_MOST + 1);
	assert_string_equal(w.last, "domain says");
	w.now += LOG_GUESTS_MS - 1;
	say(&one, 1);
	assert_int_equal(w.lines, LOG_DOMAIN_MOST + 1);
	w.now++;
	say(&one, 1);
	assert_int_equal(w.lines, LOG_DOMAIN_MOST + 2);
	assert_string_equal(w.last, "domain says; before this, left out 995 "
				    "lines about the domain (at most 6 a "
				    "minute)");
	say(&one, 1);
	assert_string_equal(w.last, "domain says");
}

/* All domains together have a limit; other lines are always written. */
static void test_all_domains(void **state)
{
	struct limiter many[100] = {{.passed = 0}};
	unsigned int i;

	(void)state;
	for (i = 0; i < 100; i++)
		say(&many[i], 3);
	assert_int_equal(w.lines, LOG_GUESTS_MOST);
	log_line(&w.log, LOG_EVENT, "live update");
	assert_string_equal(w.last, "live update");
	w.now += LOG_GUESTS_MS;
	w.lines = 0;
	say(NULL, 1);
	assert_int_equal(w.lines, 2);
	assert_string_equal(w.last, "domain says");
	say(NULL, LOG_GUESTS_MOST + 4);
	w.lines = 0;
	log_tell_left_out(&w.log);
	assert_int_equal(w.lines, 1);
	assert_string_equal(w.last, "log: left out 5 lines caused by guests "
				    "(at most 60 a minute)");
	log_tell_left_out(&w.log);
	assert_int_equal(w.lines, 1);
	log_tell_left_out(NULL);
	log_guest(NULL, NULL, "nobody listens");
}

/* No minute has more lines, wherever it begins. */
static void test_any_minute(void **state)
{
	struct limiter one = {0};
	unsigned int before;

	(void)state;
	say(NULL, 1);
	w.now += LOG_GUESTS_MS - 1;
	say(NULL, LOG_GUESTS_MOST);
	assert_int_equal(w.lines, LOG_GUESTS_MOST);
	w.now++;
	before = w.lines;
	w.lines = 0;
	say(NULL, LOG_GUESTS_MOST);
	assert_true(before + w.lines <=
		    LOG_GUESTS_MOST + 2); /* it is reported */
	w.now += 2ull * LOG_GUESTS_MS;
	say(&one, 1);
	w.now += LOG_GUESTS_MS - 1;
	say(&one, LOG_DOMAIN_MOST - 1);
	w.now++;
	w.lines = 0;
	say(&one, 3);
	assert_int_equal(w.lines, 1);
	w.now += LOG_GUESTS_MS - 2;
	w.lines = 0;
	say(&one, 1);
	assert_int_equal(w.lines, 0);
	w.now++;
	say(&one, LOG_DOMAIN_MOST);
	assert_int_equal(w.lines, LOG_DOMAIN_MOST - 1);
}

/* Lines left out are reported at the latest when the domain ends. */
static void test_domain_ends(void **state)
{
	struct limiter one = {0}, quiet = {0};

	(void)state;
	say(&one, LOG_DOMAIN_MOST + 13);
	w.lines = 0;
	log_domain_ends(&w.log, &quiet, 4);
	assert_int_equal(w.lines, 0);
	log_domain_ends(&w.log, &one, 5);
	assert_int_equal(w.lines, 1);
	assert_string_equal(w.last, "domain 5: left out 13 lines about it (at "
				    "most 6 a minute)");
	log_domain_ends(&w.log, &one, 5);
	assert_int_equal(w.lines, 1);
}

static void trace(unsigned int times)
{
	while (times--)
		log_line(&w.log, LOG_IO, "io");
}

/* A hole in the trace is marked in place; not each one is also logged. */
static void test_trace_holes(void **state)
{
	(void)state;
	(void)!log_set_file(&w.log, "/t");
	trace(LOG_TRACE_MOST + 7);
	assert_int_equal(w.lines, LOG_TRACE_MOST);
	w.now += LOG_TRACE_MS;
	w.lines = 0;
	trace(1);
	assert_int_equal(w.lines, 3);
	assert_int_equal(w.events, 1);
	assert_string_equal(w.last_event, "trace: left out 7 lines (at most "
					  "100000 a second)");
	trace(LOG_TRACE_MOST);
	w.now += LOG_TRACE_MS;
	trace(LOG_TRACE_MOST + 2);
	w.now += LOG_TRACE_MS;
	w.lines = 0;
	trace(1);
	assert_int_equal(w.lines, 2);
	assert_int_equal(w.events, 1);
	log_tell_left_out(&w.log);
	assert_int_equal(w.events, 2);
	assert_string_equal(w.last_event, "trace: left out 3 lines (at most "
					  "100000 a second)");
}

/* Long lines count by their length. */
static void test_trace_bytes(void **state)
{
	char line[LOG_TRACE_UNIT * 10];
	uint64_t most = LOG_TRACE_MOST * (uint64_t)LOG_TRACE_UNIT;
	unsigned int i;

	(void)state;
	(void)!log_set_file(&w.log, "/t");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (i = 0; i < LOG_TRACE_MOST; i++)
		log_text(&w.log, LOG_IO, line);
	assert_in_range(w.lines * sizeof(line), most - sizeof(line), most);
	log_text(&w.log, LOG_EVENT, line);
	assert_string_equal(w.last_event, line);
}

static void test_stamp(void **state)
{
	char stamp[64];

	(void)state;
	setenv("TZ", "UTC0", 1);
	log_stamp(&w.log, stamp, sizeof(stamp));
	assert_string_equal(stamp, "20260101 00:00:00.000 ");
	w.now += 86399007;
	log_stamp(&w.log, stamp, sizeof(stamp));
	assert_string_equal(stamp, "20260101 23:59:59.007 ");
	w.log.wall_ms = NULL;
	log_stamp(&w.log, stamp, sizeof(stamp));
	assert_string_equal(stamp, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_switches, begin),
		cmocka_unit_test_setup(test_file, begin),
		cmocka_unit_test_setup(test_restore, begin),
		cmocka_unit_test_setup(test_no_raw_byte, begin),
		cmocka_unit_test_setup(test_one_domain, begin),
		cmocka_unit_test_setup(test_all_domains, begin),
		cmocka_unit_test_setup(test_any_minute, begin),
		cmocka_unit_test_setup(test_domain_ends, begin),
		cmocka_unit_test_setup(test_trace_holes, begin),
		cmocka_unit_test_setup(test_trace_bytes, begin),
		cmocka_unit_test_setup(test_stamp, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
