// SPDX-License-Identifier: GPL-2.0-or-later
/* A file larger than talloc's largest piece of memory (256 MiB). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <talloc.h>
#include <unistd.h>

#include "host/host-posix.h"

#define SIZE ((off_t)300 << 20)

static void read_a_large_one(void **state)
{
	char path[64];
	FILE *f = tmpfile();
	void *ctx = talloc_new(NULL);
	struct err err = {0};
	uint8_t *data;
	size_t len;

	(void)state;
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), SIZE), 0);
	assert_int_equal(pwrite(fileno(f), "end", 3, SIZE - 3), 3);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(f));
	if (posix_file_read(NULL, path, ctx, HOST_FILE_MAX, &data, &len, &err))
		fail_msg("%s", err.text);
	assert_int_equal(len, SIZE);
	assert_memory_equal(data + SIZE - 3, "end", 3);
	assert_int_equal(data[0], 0);
	/* nothing is read of a file that is one byte too large */
	assert_int_equal(
		posix_file_read(NULL, path, ctx, SIZE - 1, &data, &len, &err),
		EFBIG);
	talloc_free(ctx);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_a_large_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
