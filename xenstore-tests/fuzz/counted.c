// SPDX-License-Identifier: GPL-2.0-or-later
/* counted: see counted.h. */
#include "counted.h"

#include <stddef.h>

int64_t counted_blocks;

static int64_t left = -1; /* allocations until one fails; -1: none does */
static bool failed;

void counted_fail(int64_t nth)
{
	left = COUNTED ? nth : -1;
	failed = false;
}

bool counted_failed(void)
{
	left = -1;
	return failed;
}

#ifndef __SANITIZE_ADDRESS__
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static bool fails(void)
{
	if (left < 0 || left--)
		return false;
	failed = true;
	return true;
}

static void *counted(void *p)
{
	counted_blocks += p != NULL;
	return p;
}

void *malloc(size_t size)
{
	return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	return p ? __libc_realloc(p, size) : counted(__libc_malloc(size));
}

void free(void *p)
{
	counted_blocks -= p != NULL;
	__libc_free(p);
}
#endif
