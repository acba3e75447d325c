#include "recorder/python/binary.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MOST_HEADERS = 64, MOST_CHAIN = 4096, LONGEST_NAME = 64 };

static bool is_ours(const Elf64_Ehdr *head)
{
	const unsigned char order =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_ident[EI_DATA] == order &&
	       head->e_phentsize == sizeof(Elf64_Phdr);
}

static void take_header(struct binary *binary, const Elf64_Phdr *header)
{
	if (header->p_type == PT_LOAD && binary->n_loads < BINARY_LOADS) {
		binary->loads[binary->n_loads].address = header->p_vaddr;
		binary->loads[binary->n_loads].offset = header->p_offset;
		binary->loads[binary->n_loads++].size = header->p_filesz;
	} else if (header->p_type == PT_GNU_EH_FRAME) {
		binary->unwinding = header->p_vaddr;
	} else if (header->p_type == PT_DYNAMIC) {
		binary->dynamic = header->p_vaddr;
		binary->n_dynamic = header->p_filesz;
	}
}

int binary_read(struct binary *binary, int fd)
{
	Elf64_Ehdr head;
	Elf64_Phdr headers[MOST_HEADERS];
	*binary = (struct binary){ 0 };
	if (pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head || !is_ours(&head) ||
	    head.e_phoff > INT64_MAX)
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

/* ---- symbols ---- */

struct table { /* the dynamic section's */
	const struct binary *binary;
	int fd;
	uint64_t symbols, names, hash;
};

static bool get(const struct table *t, uint64_t at, void *out, size_t n)
{
	return binary_bytes(t->binary, t->fd, at, out, n) == n;
}

static bool read_dynamic(struct table *t)
{
	Elf64_Dyn entries[128];
	size_t most = t->binary->n_dynamic < sizeof entries ? t->binary->n_dynamic : sizeof entries;
	size_t n = binary_bytes(t->binary, t->fd, t->binary->dynamic, entries, most);
	for (size_t i = 0; i < n / sizeof *entries && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_SYMTAB)
			t->symbols = entries[i].d_un.d_ptr;
		else if (entries[i].d_tag == DT_STRTAB)
			t->names = entries[i].d_un.d_ptr;
		else if (entries[i].d_tag == DT_GNU_HASH)
			t->hash = entries[i].d_un.d_ptr;
	}
	return t->symbols && t->names && t->hash;
}

static uint32_t hash_of(const char *name)
{
	uint32_t h = 5381;
	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

/* The symbol of that number, if that is its name. */
static uint64_t symbol_at(const struct table *t, uint32_t i, const char *name)
{
	Elf64_Sym symbol;
	char text[LONGEST_NAME] = "";
	size_t n = strlen(name) + 1;
	if (n > sizeof text ||
	    !get(t, t->symbols + (uint64_t)i * sizeof symbol, &symbol, sizeof symbol))
		return 0;
	if (symbol.st_shndx == SHN_UNDEF || !get(t, t->names + symbol.st_name, text, n))
		return 0;
	return memcmp(text, name, n) == 0 ? symbol.st_value : 0;
}

/* The table of DT_GNU_HASH: four words, a filter of 64-bit words, the buckets, and the hashes of
 * the symbols from the first one on, whose lowest bit ends a bucket. */
uint64_t binary_symbol(const struct binary *binary, int fd, const char *name)
{
	struct table t = { .binary = binary, .fd = fd };
	uint32_t head[4], i, hash, wanted = hash_of(name);
	if (!read_dynamic(&t) || !get(&t, t.hash, head, sizeof head) || head[0] == 0)
		return 0;
	uint64_t buckets = t.hash + sizeof head + (uint64_t)head[2] * 8;
	if (!get(&t, buckets + (uint64_t)(wanted % head[0]) * 4, &i, sizeof i) || i < head[1])
		return 0;
	uint64_t hashes = buckets + (uint64_t)head[0] * 4;
	for (int n = 0; n < MOST_CHAIN; n++, i++) {
		if (!get(&t, hashes + (uint64_t)(i - head[1]) * 4, &hash, sizeof hash))
			return 0;
		uint64_t found = (hash | 1) == (wanted | 1) ? symbol_at(&t, i, name) : 0;
		if (found || hash & 1)
			return found;
	}
	return 0;
}
