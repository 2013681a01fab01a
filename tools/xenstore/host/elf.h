/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf: reads program files of this machine's class.  Trusts nothing in them.
 * For handoff-elf.c and host-stock.c.
 */
#ifndef HOST_ELF_H
#define HOST_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_PHDRS_MAX 64u /* program headers looked at, from the first */

#if __SIZEOF_POINTER__ == 8
typedef Elf64_Ehdr elf_ehdr_t;
typedef Elf64_Phdr elf_phdr_t;
typedef Elf64_Dyn elf_dyn_t;
#define ELF_THIS_CLASS ELFCLASS64
#else
typedef Elf32_Ehdr elf_ehdr_t;
typedef Elf32_Phdr elf_phdr_t;
typedef Elf32_Dyn elf_dyn_t;
#define ELF_THIS_CLASS ELFCLASS32
#endif

/* True when all len bytes at byte `at` of the file were read into buf. */
bool elf_read(int fd, void *buf, size_t len, uint64_t at);

/*
 * Calls each(arg, name) for every shared library that the program in fd is
 * linked with (DT_NEEDED), in the order of the file.  Skips what is malformed;
 * a statically linked program has none.
 */
void elf_needed(int fd, void (*each)(void *arg, const char *name), void *arg);

#endif
