/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handoff-elf: the notes in our binary, and reading them from another; handoff.h
 * and beside-form.h.
 */
#include <errno.h>
#include <string.h>

#include "host/beside-form.h"
#include "host/elf.h"
#include "host/handoff.h"

#define NOTES_MAX 4096

struct note {
	uint32_t name_size, desc_size, type;
	char name[12]; /* padded to a multiple of four */
	uint32_t version;
};

#define NOTE_SIZES sizeof(HANDOFF_NOTE_NAME), sizeof(uint32_t)

#define IN_NOTES __attribute__((section(".note.xenstored"), used, aligned(4)))

IN_NOTES static const struct note our_notes[] = {
	{NOTE_SIZES, HANDOFF_NOTE_TYPE, HANDOFF_NOTE_NAME, HANDOFF_VERSION},
	{NOTE_SIZES, BESIDE_NOTE_TYPE, HANDOFF_NOTE_NAME, BESIDE_VERSION},
};

static size_t round4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* The version in our note of that type among these, or 0. */
static uint32_t search_notes(const uint8_t *p, size_t len, uint32_t type)
{
	struct note n;

	while (len >= 12) {
		size_t size;

		memcpy(&n, p, 12);
		if (n.name_size > len || n.desc_size > len)
			return 0;
		size = 12 + round4(n.name_size) + round4(n.desc_size);
		if (size > len)
			return 0;
		if (size == sizeof(n)) {
			memcpy(&n, p, sizeof(n));
			if (n.type == type &&
			    n.name_size == sizeof(HANDOFF_NOTE_NAME) &&
			    !memcmp(n.name, HANDOFF_NOTE_NAME, n.name_size))
				return n.version;
		}
		p += size;
		len -= size;
	}
	return 0;
}

/* True for the machine type that this very program is for. */
static bool same_machine(uint16_t machine)
{
#if defined(__x86_64__)
	return machine == EM_X86_64;
#elif defined(__aarch64__)
	return machine == EM_AARCH64;
#elif defined(__i386__)
	return machine == EM_386;
#elif defined(__arm__)
	return machine == EM_ARM;
#else
	return machine != EM_NONE; /* the rehearsal will tell */
#endif
}

/* The version in the first note of that type in the file, 0: there is none. */
static uint32_t file_version(int fd, const elf_ehdr_t *eh, uint32_t type)
{
	uint8_t notes[NOTES_MAX];
	uint32_t version = 0;
	unsigned int i;
	elf_phdr_t ph;

	for (i = 0; i < eh->e_phnum && i < ELF_PHDRS_MAX && !version; i++) {
		if (!elf_read(fd, &ph, sizeof(ph),
			      eh->e_phoff + (uint64_t)i * sizeof(ph)))
			break;
		if (ph.p_type == PT_NOTE && ph.p_filesz <= sizeof(notes) &&
		    elf_read(fd, notes, ph.p_filesz, ph.p_offset))
			version = search_notes(notes, ph.p_filesz, type);
	}
	return version;
}

int handoff_binary_fits(int fd, const char *name, struct err *err)
{
	uint32_t version;
	elf_ehdr_t eh;

	if (!elf_read(fd, &eh, sizeof(eh), 0) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return err_set(err, ENOEXEC,
			       "%s is not a program (no ELF file)", name);
	if (eh.e_ident[EI_CLASS] != ELF_THIS_CLASS ||
	    !same_machine(eh.e_machine))
		return err_set(err, ENOEXEC,
			       "%s is a program for another machine type",
			       name);
	version = file_version(fd, &eh, HANDOFF_NOTE_TYPE);
	if (!version)
		return err_set(err, ENOENT,
			       "%s is not an xenstored that can take over "
			       "from this one",
			       name);
	if (version != HANDOFF_VERSION)
		return err_set(err, ENOEXEC,
			       "%s hands over in version %u, this daemon in "
			       "%u",
			       name, version, HANDOFF_VERSION);
	return 0;
}

bool beside_binary_fits(int fd)
{
	elf_ehdr_t eh;

	return elf_read(fd, &eh, sizeof(eh), 0) &&
	       file_version(fd, &eh, BESIDE_NOTE_TYPE) == BESIDE_VERSION;
}
