/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of a rehearsal: every call is there, and none does anything. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/host-xen.h"

static int setup(void **state)
{
	struct err err = {0};

	*state = host_null_new(NULL, &err);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void test_no_call_is_missing(void **state)
{
	const struct host *h = *state;
	void (*call)(void);
	size_t i;

	assert_int_equal(sizeof(*h->ops) % sizeof(call), 0);
	for (i = 0; i < sizeof(*h->ops) / sizeof(call); i++) {
		memcpy(&call, (const char *)h->ops + i * sizeof(call),
		       sizeof(call));
		assert_non_null(call);
	}
}

static void test_what_no_restore_needs_is_refused(void **state)
{
	struct host *h = *state;
	struct host_domain dom;
	struct host_event ev;
	struct err err = {0};
	int32_t evtchn_fd, epoll_fd;
	size_t n;
	int fd;

	assert_int_equal(host_call(h, wait, &ev, 1, 0, &n), ENOSYS);
	assert_int_equal(host_call(h, accept, 0, &fd), ENOSYS);
	assert_int_equal(host_call(h, domain, 0, &dom), ENOSYS);
	assert_int_equal(host_call(h, domains, NULL, 0, &dom, 1, &n), ENOSYS);
	assert_int_equal(host_call(h, dial, 0, &fd, &err), ENOSYS);
	assert_int_equal(host_call(h, file_write, "/none", "", 0, &err),
			 ENOSYS);
	assert_int_equal(host_call(h, update_image, &fd, &err), ENOSYS);
	assert_string_not_equal(err.text, "");
	host_call(h, update_handoff, &evtchn_fd, &epoll_fd);
	assert_int_equal(evtchn_fd, -1);
	assert_int_equal(epoll_fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_call_is_missing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_what_no_restore_needs_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
