// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The libraries that a program is linked with, told by its file: those of this
 * program, and of what is left of it when any byte that says so is another.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/elf.h"

struct seen {
	unsigned int n;
	bool talloc, cmocka;
};

static void see(void *arg, const char *name)
{
	struct seen *s = arg;

	assert_true(strlen(name) < 256);
	s->n++;
	s->talloc |= !strncmp(name, "libtalloc.so", 12);
	s->cmocka |= !strncmp(name, "libcmocka.so", 12);
}

/* A copy of this program that can be written to. */
static int copy(void)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = memfd_create("copy", MFD_CLOEXEC);
	char buf[65536];
	ssize_t n;

	assert_true(from >= 0 && to >= 0);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		assert_int_equal(write(to, buf, (size_t)n), n);
	assert_int_equal(n, 0);
	close(from);
	return to;
}

static void test_own(void **state)
{
	struct seen s = {0};
	int fd = copy();

	(void)state;
	elf_needed(fd, see, &s);
	assert_true(s.talloc && s.cmocka);
	assert_true(s.n >= 3);
	close(fd);
}

/* Each of len bytes at at is every one of these, and then itself again. */
static void damage(int fd, uint64_t at, uint64_t len)
{
	static const uint8_t with[] = {0, 1, 0x7f, 0x80, 0xff};
	uint8_t was;
	size_t i;

	for (; len; len--, at++) {
		assert_true(elf_read(fd, &was, 1, at));
		for (i = 0; i < sizeof(with); i++) {
			struct seen s = {0};

			assert_int_equal(pwrite(fd, &with[i], 1, (off_t)at), 1);
			elf_needed(fd, see, &s);
			assert_true(s.n <= 4096);
		}
		assert_int_equal(pwrite(fd, &was, 1, (off_t)at), 1);
	}
}

static void test_damaged(void **state)
{
	uint64_t at, dyn = 0, dyn_len = 0;
	struct seen s = {0};
	int fd = copy(), i;
	elf_ehdr_t eh;
	elf_phdr_t ph;

	(void)state;
	assert_true(elf_read(fd, &eh, sizeof(eh), 0));
	for (i = 0; i < eh.e_phnum; i++) {
		at = eh.e_phoff + (uint64_t)i * sizeof(ph);
		assert_true(elf_read(fd, &ph, sizeof(ph), at));
		if (ph.p_type != PT_DYNAMIC)
			continue;
		dyn = ph.p_offset;
		dyn_len = ph.p_filesz;
	}
	assert_true(dyn_len);
	damage(fd, 0, sizeof(eh));
	damage(fd, eh.e_phoff, (uint64_t)eh.e_phnum * sizeof(ph));
	damage(fd, dyn, dyn_len);
	elf_needed(fd, see, &s);
	assert_true(s.talloc && s.cmocka);
	close(fd);
}

static void test_cut_off(void **state)
{
	int fd = copy();
	off_t len;

	(void)state;
	for (len = 8192; len >= 0; len -= len > 1024 ? 512 : 1) {
		struct seen s = {0};

		assert_int_equal(ftruncate(fd, len), 0);
		elf_needed(fd, see, &s);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
