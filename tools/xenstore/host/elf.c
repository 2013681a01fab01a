/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf: see elf.h. */
#include "host/elf.h"

#include <string.h>
#include <unistd.h>

#define DYNS_MAX      4096u
#define NAME_MAX_SIZE 256u

struct program {
	int fd;
	elf_phdr_t load[ELF_PHDRS_MAX];
	unsigned int nload;
	uint64_t dyn, ndyn;	   /* where, in the file, and how many */
	uint64_t names, names_len; /* the string table, in the file */
};

bool elf_read(int fd, void *buf, size_t len, uint64_t at)
{
	return at <= INT64_MAX &&
	       pread(fd, buf, len, (off_t)at) == (ssize_t)len;
}

static bool read_segments(struct program *p)
{
	elf_ehdr_t eh;
	elf_phdr_t ph;
	unsigned int i;

	if (!elf_read(p->fd, &eh, sizeof(eh), 0) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELF_THIS_CLASS ||
	    eh.e_phentsize != sizeof(ph))
		return false;
	for (i = 0; i < eh.e_phnum && i < ELF_PHDRS_MAX; i++) {
		if (!elf_read(p->fd, &ph, sizeof(ph),
			      eh.e_phoff + (uint64_t)i * sizeof(ph)))
			return false;
		if (ph.p_type == PT_LOAD)
			p->load[p->nload++] = ph;
		if (ph.p_type != PT_DYNAMIC)
			continue;
		p->dyn = ph.p_offset;
		p->ndyn = ph.p_filesz / sizeof(elf_dyn_t);
		if (p->ndyn > DYNS_MAX)
			p->ndyn = DYNS_MAX;
	}
	return p->ndyn;
}

/* The i-th entry of the dynamic section; false behind the last one. */
static bool read_dyn(const struct program *p, uint64_t i, elf_dyn_t *ret)
{
	return i < p->ndyn &&
	       elf_read(p->fd, ret, sizeof(*ret), p->dyn + i * sizeof(*ret)) &&
	       ret->d_tag != DT_NULL;
}

/* Where in the file the address is, and how many bytes follow there. */
static bool find_address(const struct program *p, uint64_t address,
			 uint64_t *ret_at, uint64_t *ret_len)
{
	unsigned int i;

	for (i = 0; i < p->nload; i++) {
		const elf_phdr_t *ph = &p->load[i];

		if (address < ph->p_vaddr ||
		    address - ph->p_vaddr >= ph->p_filesz)
			continue;
		*ret_at = ph->p_offset + (address - ph->p_vaddr);
		*ret_len = ph->p_filesz - (address - ph->p_vaddr);
		return true;
	}
	return false;
}

static bool find_names(struct program *p)
{
	uint64_t address = 0, size = 0, i;
	elf_dyn_t dyn;

	for (i = 0; read_dyn(p, i, &dyn); i++) {
		if (dyn.d_tag == DT_STRTAB)
			address = dyn.d_un.d_ptr;
		if (dyn.d_tag == DT_STRSZ)
			size = dyn.d_un.d_val;
	}
	if (!find_address(p, address, &p->names, &p->names_len))
		return false;
	if (size < p->names_len)
		p->names_len = size;
	return true;
}

static bool read_name(const struct program *p, uint64_t at,
		      char name[NAME_MAX_SIZE])
{
	uint64_t len = at < p->names_len ? p->names_len - at : 0;

	if (len > NAME_MAX_SIZE)
		len = NAME_MAX_SIZE;
	return len && elf_read(p->fd, name, (size_t)len, p->names + at) &&
	       memchr(name, '\0', (size_t)len);
}

void elf_needed(int fd, void (*each)(void *arg, const char *name), void *arg)
{
	struct program p = {.fd = fd};
	char name[NAME_MAX_SIZE];
	elf_dyn_t dyn;
	uint64_t i;

	if (!read_segments(&p) || !find_names(&p))
		return;
	for (i = 0; read_dyn(&p, i, &dyn); i++)
		if (dyn.d_tag == DT_NEEDED &&
		    read_name(&p, dyn.d_un.d_val, name))
			each(arg, name);
}
