#include "recorder/python/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/python/remote.h"

enum { MOST_HEADERS = 4096, MOST_BYTES = 16 << 20, MOST_LOADS = 16, PAGE = 4096 };

struct part {
	uint64_t address, offset, size; /* size: of what the file has of it */
	bool is_data;                   /* may be written */
};

struct file {
	const struct elf_image *image;
	Elf64_Ehdr head;
	struct part loads[MOST_LOADS];
	size_t n_loads;
	uint64_t dynamic, n_dynamic; /* address, bytes */
};

/* ---- reading ---- */

static bool spend(const struct file *file, uint64_t n)
{
	if (n > *file->image->allowed)
		return false;
	*file->image->allowed -= n;
	return true;
}

static bool read_offset(const struct file *file, uint64_t at, void *out, size_t n)
{
	const struct elf_image *image = file->image;
	if (!spend(file, n) || at > INT64_MAX - n)
		return false;
	return image->fd >= 0 ? pread(image->fd, out, n, (off_t)at) == (ssize_t)n
			      : remote_read(image->pid, image->base + at, out, n);
}

static uint64_t first_page(const struct file *file)
{
	return file->n_loads > 0 ? file->loads[0].address & ~(uint64_t)(PAGE - 1) : 0;
}

static bool read_address(const struct file *file, uint64_t at, void *out, size_t n)
{
	const struct elf_image *image = file->image;
	if (image->fd < 0)
		return spend(file, n) &&
		       remote_read(image->pid, image->base - first_page(file) + at, out, n);
	for (size_t i = 0; i < file->n_loads; i++) {
		const struct part *load = &file->loads[i];
		if (at >= load->address && at - load->address < load->size &&
		    n <= load->size - (at - load->address))
			return read_offset(file, load->offset + (at - load->address), out, n);
	}
	return false;
}

/* A piece of the file on the heap, NUL behind it; the caller frees it. NULL: not there, or more
 * than any true file has. */
static void *take(const struct file *file, uint64_t at, uint64_t n)
{
	char *bytes = n > 0 && n <= MOST_BYTES ? malloc(n + 1) : NULL;
	if (bytes && !read_offset(file, at, bytes, n)) {
		free(bytes);
		return NULL;
	}
	if (bytes)
		bytes[n] = '\0';
	return bytes;
}

static void take_part(struct file *file, const Elf64_Phdr *header)
{
	if (header->p_type == PT_DYNAMIC) {
		file->dynamic = header->p_vaddr;
		file->n_dynamic = header->p_filesz;
	}
	if (header->p_type == PT_LOAD && file->n_loads < MOST_LOADS)
		file->loads[file->n_loads++] =
			(struct part){ header->p_vaddr, header->p_offset, header->p_filesz,
				       (header->p_flags & PF_W) != 0 };
}

static int take_parts(struct file *file)
{
	const Elf64_Ehdr *head = &file->head;
	if (head->e_phentsize != sizeof(Elf64_Phdr))
		return -ENOEXEC;
	Elf64_Phdr *headers = take(file, head->e_phoff, head->e_phnum * sizeof *headers);
	for (size_t i = 0; headers && i < head->e_phnum; i++)
		take_part(file, &headers[i]);
	free(headers);
	return file->n_loads > 0 ? 0 : -ENOEXEC;
}

/* ---- exported names ---- */

struct names {
	uint64_t symbols, text, gnu, sysv; /* addresses of tables; 0: there is none */
};

/* In a running process the loader has made some of them its own addresses. */
static uint64_t own_address(const struct file *file, uint64_t address)
{
	uint64_t shift = file->image->base - first_page(file);
	return file->image->fd < 0 && address >= file->image->base ? address - shift : address;
}

static uint64_t *place_of(struct names *names, int64_t tag)
{
	return tag == DT_SYMTAB     ? &names->symbols
	       : tag == DT_STRTAB   ? &names->text
	       : tag == DT_GNU_HASH ? &names->gnu
	       : tag == DT_HASH     ? &names->sysv
				    : NULL;
}

static struct names find_names(const struct file *file)
{
	Elf64_Dyn entries[128];
	struct names names = { 0 };
	size_t n = file->n_dynamic < sizeof entries ? file->n_dynamic : sizeof entries;
	if (!read_address(file, file->dynamic, entries, n))
		return names;
	for (size_t i = 0; i < n / sizeof *entries && entries[i].d_tag != DT_NULL; i++) {
		uint64_t *place = place_of(&names, entries[i].d_tag);
		if (place)
			*place = own_address(file, entries[i].d_un.d_ptr);
	}
	return names;
}

/* Is the symbol of that number the one? *address: where, when it is. */
static bool is_symbol(const struct file *file, const struct names *names, uint64_t number,
		      const char *name, uint64_t *address)
{
	Elf64_Sym symbol;
	char text[64];
	size_t n = strlen(name) + 1;
	if (n > sizeof text ||
	    !read_address(file, names->symbols + number * sizeof symbol, &symbol, sizeof symbol) ||
	    symbol.st_shndx == SHN_UNDEF ||
	    !read_address(file, names->text + symbol.st_name, text, n) ||
	    memcmp(text, name, n) != 0)
		return false;
	*address = symbol.st_value;
	return true;
}

enum { MOST_CHAIN = 1024 };

/* Header (buckets, first symbol, words of the filter, its shift), the filter, which tells of most
 * names that they are not there, buckets, and a word of hash for each symbol. */
static uint64_t find_by_gnu(const struct file *file, const struct names *names, const char *name)
{
	uint32_t head[4], hash = 5381, number, word = 0;
	uint64_t filter, address;
	for (const char *c = name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	if (!read_address(file, names->gnu, head, sizeof head) || head[0] == 0 || head[2] == 0 ||
	    !read_address(file, names->gnu + sizeof head + hash / 64 % head[2] * 8, &filter, 8) ||
	    !(filter >> hash % 64 & filter >> (hash >> (head[3] & 31)) % 64 & 1))
		return 0;
	uint64_t buckets = names->gnu + sizeof head + head[2] * (uint64_t)8;
	uint64_t chains = buckets + head[0] * (uint64_t)4;
	if (!read_address(file, buckets + hash % head[0] * (uint64_t)4, &number, sizeof number) ||
	    number < head[1])
		return 0;
	for (int i = 0; i < MOST_CHAIN && !(word & 1); i++, number++) {
		if (!read_address(file, chains + (number - head[1]) * (uint64_t)4, &word, 4))
			return 0;
		if ((word | 1) == (hash | 1) && is_symbol(file, names, number, name, &address))
			return address;
	}
	return 0;
}

/* Header (buckets, symbols), buckets, and for each symbol the next one of its bucket. */
static uint64_t find_by_sysv(const struct file *file, const struct names *names, const char *name)
{
	uint32_t head[2], hash = 0, number;
	uint64_t address;
	for (const char *c = name; *c; c++) {
		hash = (hash << 4) + (unsigned char)*c;
		hash = (hash ^ (hash & 0xf0000000) >> 24) & 0x0fffffff;
	}
	if (!read_address(file, names->sysv, head, sizeof head) || head[0] == 0)
		return 0;
	uint64_t at = names->sysv + 8 + hash % head[0] * (uint64_t)4;
	for (int i = 0; i < MOST_CHAIN && read_address(file, at, &number, 4) && number; i++) {
		if (is_symbol(file, names, number, name, &address))
			return address;
		at = names->sysv + 8 + (head[0] + (uint64_t)number) * 4;
	}
	return 0;
}

static uint64_t find_name(const struct file *file, const struct names *names, const char *name)
{
	return names->gnu    ? find_by_gnu(file, names, name)
	       : names->sysv ? find_by_sysv(file, names, name)
			     : 0;
}

/* Before 3.11, the version is only told by which functions there are. */
static void take_names(const struct file *file, struct elf_python *found)
{
	struct names names = find_names(file);
	found->runtime = find_name(file, &names, "_PyRuntime");
	if (!found->runtime)
		return;
	found->version = find_name(file, &names, "Py_Version");
	found->likely_version = find_name(file, &names, "PyModule_AddObjectRef") ? 0x030a
				: find_name(file, &names, "PyModule_AddType")    ? 0x0309
										 : 0;
}

/* ---- other ways ---- */

/* false: it tells of no sections. */
static bool take_section(const struct file *file, struct elf_python *found)
{
	const Elf64_Ehdr *head = &file->head;
	size_t n = head->e_shnum;
	if (file->image->fd < 0 || n == 0 || n > MOST_HEADERS || head->e_shstrndx >= n ||
	    head->e_shentsize != sizeof(Elf64_Shdr))
		return false;
	Elf64_Shdr *sections = take(file, head->e_shoff, n * sizeof *sections);
	const Elf64_Shdr *names = sections ? &sections[head->e_shstrndx] : NULL;
	char *text = names ? take(file, names->sh_offset, names->sh_size) : NULL;
	for (size_t i = 0; text && i < n; i++)
		if (sections[i].sh_name < names->sh_size &&
		    strcmp(text + sections[i].sh_name, ".PyRuntime") == 0)
			found->runtime = sections[i].sh_addr;
	bool told = text != NULL;
	free(text);
	free(sections);
	return told;
}

/* Where the cookie of _Py_DebugOffsets and a version behind it stand in `n` words, or n. */
static size_t find_mark(const uint64_t *words, size_t n)
{
	size_t i = 0;
	while (i + 1 < n && !(memcmp(&words[i], "xdebugpy", 8) == 0 && words[i + 1] >= 0x030d0000 &&
			      words[i + 1] >> 24 == 3))
		i++;
	return i + 1 < n ? i : n;
}

static uint64_t search(const struct file *file, const struct part *part)
{
	enum { WORDS = 8192 };
	uint64_t *words = malloc(WORDS * sizeof *words), found = 0;
	uint64_t at = (part->address + 7) & ~(uint64_t)7, end = part->address + part->size;
	while (words && !found && at < end) {
		size_t n = end - at < WORDS * 8 ? (size_t)(end - at) / 8 : WORDS;
		if (n < 2 || !read_address(file, at, words, n * 8))
			break;
		size_t i = find_mark(words, n);
		found = i < n ? at + i * 8 : 0;
		at += (n - 1) * 8;
	}
	free(words);
	return found;
}

bool elf_is_ours(const Elf64_Ehdr *head)
{
	const unsigned char order =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	return memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_ident[EI_DATA] == order;
}

static int open_file(struct file *file, const struct elf_image *image)
{
	*file = (struct file){ .image = image };
	if (!read_offset(file, 0, &file->head, sizeof file->head) || !elf_is_ours(&file->head))
		return -ENOEXEC;
	return take_parts(file);
}

uint64_t elf_symbol(const struct elf_image *image, const char *name)
{
	struct file file;
	if (open_file(&file, image) < 0)
		return 0;
	struct names names = find_names(&file);
	return find_name(&file, &names, name);
}

int elf_find_python(const struct elf_image *image, struct elf_python *found)
{
	struct file file;
	*found = (struct elf_python){ 0 };
	if (open_file(&file, image) < 0)
		return -ENOEXEC;
	found->first_page = first_page(&file);
	take_names(&file, found);
	bool told = found->runtime || take_section(&file, found);
	for (size_t i = 0; i < file.n_loads && !told && !found->runtime; i++)
		if (file.loads[i].is_data)
			found->runtime = search(&file, &file.loads[i]);
	return found->runtime ? 0 : -ENOENT;
}
