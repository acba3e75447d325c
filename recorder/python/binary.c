#include "recorder/python/binary.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "recorder/python/elf.h"

enum { MOST_HEADERS = 64 };

static void take_header(struct binary *binary, const Elf64_Phdr *header)
{
	if (header->p_type == PT_LOAD && binary->n_loads < BINARY_LOADS) {
		binary->loads[binary->n_loads].address = header->p_vaddr;
		binary->loads[binary->n_loads].offset = header->p_offset;
		binary->loads[binary->n_loads++].size = header->p_filesz;
	} else if (header->p_type == PT_GNU_EH_FRAME) {
		binary->unwinding = header->p_vaddr;
	}
}

int binary_read(struct binary *binary, int fd)
{
	Elf64_Ehdr head;
	Elf64_Phdr headers[MOST_HEADERS];
	*binary = (struct binary){ 0 };
	if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head || !elf_is_ours(&head) ||
	    head.e_phentsize != sizeof(Elf64_Phdr) || head.e_phoff > INT64_MAX)
		return -ENOEXEC;
	size_t n = head.e_phnum < MOST_HEADERS ? head.e_phnum : MOST_HEADERS;
	ssize_t got = pread(fd, headers, n * sizeof *headers, (off_t)head.e_phoff);
	for (size_t i = 0; got > 0 && i < (size_t)got / sizeof *headers; i++)
		take_header(binary, &headers[i]);
	return 0;
}

size_t binary_bytes(const struct binary *binary, int fd, uint64_t address, void *out, size_t n)
{
	for (size_t i = 0; i < binary->n_loads; i++) {
		uint64_t within = address - binary->loads[i].address;
		if (address < binary->loads[i].address || within >= binary->loads[i].size)
			continue;
		uint64_t left = binary->loads[i].size - within;
		uint64_t at = binary->loads[i].offset + within;
		if (at > INT64_MAX)
			return 0;
		ssize_t got = pread(fd, out, left < n ? left : n, (off_t)at);
		return got > 0 ? (size_t)got : 0;
	}
	return 0;
}

bool binary_address(const struct binary *binary, uint64_t offset, uint64_t *address)
{
	/* A mapping begins at a whole page, which may lie before what is loaded from it. */
	for (size_t i = binary->n_loads; i-- > 0;) {
		uint64_t page = binary->loads[i].offset & ~(uint64_t)0xfff;
		if (offset < page || offset - page >= binary->loads[i].size + 0x1000)
			continue;
		*address = binary->loads[i].address - binary->loads[i].offset + offset;
		return true;
	}
	return false;
}
