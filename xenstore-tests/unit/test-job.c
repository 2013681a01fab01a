// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jobs: the order of steps, adding and cancelling jobs meanwhile, and that none
 * is left for the loop or for an image.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/buf.h"
#include "base/job.h"
#include "state/state.h"
#include "still-host.h"
#include "store/store.h"

struct counting {
	struct job job;
	struct jobs *jobs;
	struct counting *next; /* added by the last step */
	char name;
	unsigned int left;
};

static char told[64];

static bool count_step(struct job *j, uint64_t work)
{
	struct counting *c = container_of(j, struct counting, job);
	size_t n = strlen(told);

	assert_true(n + 1 < sizeof(told));
	told[n] = c->name;
	told[n + 1] = '\0';
	c->left = work == UINT64_MAX ? 0 : c->left - 1;
	if (c->left)
		return true;
	if (c->next)
		job_add(c->jobs, &c->next->job, count_step);
	return false;
}

static void add(struct jobs *js, struct counting *c, char name,
		unsigned int steps)
{
	*c = (struct counting){
		.jobs = js, .name = name, .left = steps, .next = NULL};
	job_add(js, &c->job, count_step);
}

static int setup(void **state)
{
	(void)state;
	memset(told, 0, sizeof(told));
	return 0;
}

static void steps_in_turn(void **state)
{
	struct counting a, b, c;
	struct jobs js;

	(void)state;
	jobs_init(&js);
	assert_false(jobs_any(&js));
	jobs_step(&js);
	add(&js, &a, 'a', 3);
	add(&js, &b, 'b', 1);
	add(&js, &c, 'c', 2);
	while (jobs_any(&js))
		jobs_step(&js);
	assert_string_equal(told, "abcaca");
}

static void others_from_a_step(void **state)
{
	struct counting a, b, c;
	struct jobs js;

	(void)state;
	jobs_init(&js);
	add(&js, &c, 'c', 2);
	job_cancel(&c.job);
	job_cancel(&c.job);
	add(&js, &a, 'a', 1);
	add(&js, &b, 'b', 2);
	a.next = &c;
	while (jobs_any(&js))
		jobs_step(&js);
	assert_string_equal(told, "abcbc");
}

static void finished_with_what_they_add(void **state)
{
	struct counting a, b, c;
	struct jobs js;

	(void)state;
	jobs_init(&js);
	add(&js, &c, 'c', 9);
	job_cancel(&c.job);
	add(&js, &a, 'a', 9);
	add(&js, &b, 'b', 9);
	b.next = &c;
	jobs_finish(&js);
	assert_false(jobs_any(&js));
	assert_string_equal(told, "abc");
}

/* The daemon is freed with a job that has not begun. */
static void none_left_in_an_image(void **state)
{
	static struct still_host host;
	struct state_dump_options opt = {0};
	struct config config = {0};
	struct counting a, b;
	struct state_counts counts;
	struct wbuf image;
	struct err err = {0};
	struct daemon *d;
	void *ctx = talloc_new(NULL);

	(void)state;
	still_host_init(&host);
	d = daemon_new(NULL, &host.host, NULL, &config, &err);
	assert_non_null(d);
	add(&d->jobs, &a, 'a', 9);
	jobs_step(&d->jobs);
	wbuf_init(&image, ctx);
	assert_int_equal(
		state_dump(d, &opt, state_into_wbuf, &image, &counts, &err), 0);
	assert_false(jobs_any(&d->jobs));
	assert_string_equal(told, "aa");
	add(&d->jobs, &b, 'b', 9);
	daemon_free(d);
	assert_string_equal(told, "aab");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(steps_in_turn, setup),
		cmocka_unit_test_setup(others_from_a_step, setup),
		cmocka_unit_test_setup(finished_with_what_they_add, setup),
		cmocka_unit_test_setup(none_left_in_an_image, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
