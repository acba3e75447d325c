#include "recorder/python/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_HEADERS = 4096, MOST_BYTES = 16 << 20, PAGE = 4096 };

struct file {
	int fd;
	size_t *allowed;
};

/* A piece of the file on the heap, NUL behind it; the caller frees it. NULL: not there, or more
 * than any true file has, alone or with what was read before. */
static void *take(const struct file *file, uint64_t at, uint64_t n)
{
	if (n == 0 || n > MOST_BYTES || n > *file->allowed || at > INT64_MAX - n)
		return NULL;
	*file->allowed -= n;
	char *bytes = malloc(n + 1);
	if (bytes && pread(file->fd, bytes, n, (off_t)at) != (ssize_t)n) {
		free(bytes);
		return NULL;
	}
	if (bytes)
		bytes[n] = '\0';
	return bytes;
}

static int find_first_page(const struct file *file, const Elf64_Ehdr *head,
			   struct elf_python *found)
{
	size_t n = head->e_phnum;
	if (head->e_phentsize != sizeof(Elf64_Phdr))
		return -ENOEXEC;
	Elf64_Phdr *headers = take(file, head->e_phoff, n * sizeof *headers);
	int r = -ENOEXEC;
	for (size_t i = 0; headers && r < 0 && i < n; i++) {
		if (headers[i].p_type != PT_LOAD)
			continue;
		found->first_page = headers[i].p_vaddr & ~(uint64_t)(PAGE - 1);
		found->first_offset = headers[i].p_offset & ~(uint64_t)(PAGE - 1);
		r = 0;
	}
	free(headers);
	return r;
}

static void take_symbols(const struct file *file, const Elf64_Shdr *table, const Elf64_Shdr *names,
			 struct elf_python *found)
{
	Elf64_Sym *symbols = take(file, table->sh_offset, table->sh_size);
	char *text = symbols ? take(file, names->sh_offset, names->sh_size) : NULL;
	size_t n = text ? table->sh_size / sizeof *symbols : 0;
	for (size_t i = 0; i < n; i++) {
		if (symbols[i].st_shndx == SHN_UNDEF || symbols[i].st_name >= names->sh_size)
			continue;
		const char *name = text + symbols[i].st_name;
		if (strcmp(name, "_PyRuntime") == 0)
			found->runtime = symbols[i].st_value;
		else if (strcmp(name, "Py_Version") == 0)
			found->version = symbols[i].st_value;
	}
	free(text);
	free(symbols);
}

static void take_section(const struct file *file, const Elf64_Shdr *sections, size_t n,
			 const Elf64_Shdr *names, struct elf_python *found)
{
	char *text = take(file, names->sh_offset, names->sh_size);
	for (size_t i = 0; text && i < n; i++)
		if (sections[i].sh_name < names->sh_size &&
		    strcmp(text + sections[i].sh_name, ".PyRuntime") == 0)
			found->runtime = sections[i].sh_addr;
	free(text);
}

static int find_runtime(const struct file *file, const Elf64_Ehdr *head, struct elf_python *found)
{
	size_t n = head->e_shnum;
	if (head->e_shentsize != sizeof(Elf64_Shdr) || n > MOST_HEADERS)
		return -ENOENT;
	Elf64_Shdr *sections = take(file, head->e_shoff, n * sizeof *sections);
	if (!sections)
		return -ENOENT;
	for (size_t i = 0; i < n; i++)
		if (sections[i].sh_type == SHT_DYNSYM && sections[i].sh_link < n)
			take_symbols(file, &sections[i], &sections[sections[i].sh_link], found);
	if (found->runtime == 0 && head->e_shstrndx < n)
		take_section(file, sections, n, &sections[head->e_shstrndx], found);
	free(sections);
	return found->runtime ? 0 : -ENOENT;
}

int elf_find_python(int fd, size_t *allowed, struct elf_python *found)
{
	Elf64_Ehdr head;
	const struct file file = { fd, allowed };
	*found = (struct elf_python){ 0 };
	ssize_t n = pread(fd, &head, sizeof head, 0);
	if (n < 0)
		return -errno;
	const unsigned char order =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	if (n != (ssize_t)sizeof head || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != order)
		return -ENOEXEC;
	int r = find_first_page(&file, &head, found);
	return r < 0 ? r : find_runtime(&file, &head, found);
}
