#include "recorder/native/modules.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/native/debug_file.h"
#include "share/array.h"
#include "share/text.h"

#if defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_X86_64 };
#endif

static void close_module(struct module *m)
{
	if (!m->broken) { /* else it may crash once more */
		rules_free(&m->rules);
		units_free(&m->units);
		dwarf_end(m->dwarf);
		elf_end(m->debug);
		elf_end(m->elf);
	}
	if (m->debug_fd >= 0)
		close(m->debug_fd);
	if (m->fd >= 0)
		close(m->fd);
	symbols_free(&m->symbols);
	free(m->named);
	free(m->numbers);
	free(m->path);
	free(m);
}

static bool read_segments(struct module *m)
{
	GElf_Ehdr head;
	GElf_Phdr segment;
	size_t n;
	if (gelf_getclass(m->elf) != ELFCLASS64 || !gelf_getehdr(m->elf, &head) ||
	    head.e_machine != MACHINE || elf_getphdrnum(m->elf, &n) != 0)
		return false;
	for (size_t i = 0; i < n && m->n_segments < MODULE_SEGMENTS; i++)
		if (gelf_getphdr(m->elf, (int)i, &segment) && segment.p_type == PT_LOAD &&
		    (segment.p_flags & PF_X))
			m->segments[m->n_segments++] =
				(struct segment){ segment.p_offset, segment.p_filesz,
						  segment.p_vaddr };
	return m->n_segments > 0;
}

static struct module *open_module(int fd, const struct stat *is, const char *path)
{
	struct module *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	*m = (struct module){ .device = is->st_dev,
			      .inode = is->st_ino,
			      .size = is->st_size,
			      .changed = is->st_mtim.tv_sec * 1000000000 + is->st_mtim.tv_nsec,
			      .path = strdup(path),
			      .fd = fd,
			      .debug_fd = -1 };
	m->elf = m->path ? elf_begin(fd, ELF_C_READ_MMAP, NULL) : NULL;
	if (m->elf && elf_kind(m->elf) == ELF_K_ELF && read_segments(m)) {
		rules_open(&m->rules, m->elf);
		return m;
	}
	m->fd = -1;
	close_module(m);
	return NULL;
}

static struct module *find(const struct modules *all, const struct stat *is)
{
	for (size_t i = 0; i < all->n; i++) {
		struct module *m = all->items[i];
		if (m->inode == is->st_ino && m->device == is->st_dev && m->size == is->st_size &&
		    m->changed == is->st_mtim.tv_sec * 1000000000 + is->st_mtim.tv_nsec)
			return m;
	}
	return NULL;
}

struct module *modules_take(struct modules *all, int fd, const char *path)
{
	struct stat is;
	struct module *m = fstat(fd, &is) == 0 ? find(all, &is) : NULL;
	if (!m && all->n < MODULES_MOST && (m = open_module(fd, &is, path))) {
		struct module **place = array_more(&all->items, &all->n, sizeof *place);
		if (place)
			return *place = m;
		m->fd = -1;
		close_module(m);
		m = NULL;
	}
	close(fd);
	return m;
}

void modules_free(struct modules *all)
{
	for (size_t i = 0; i < all->n; i++)
		close_module(all->items[i]);
	free(all->items);
	all->items = NULL;
	all->n = 0;
}

static void open_debug(struct module *m, pid_t pid, bool symbols_only)
{
	m->debug_fd = debug_file_open(m->elf, pid, m->path);
	if (m->debug_fd >= 0)
		m->debug = elf_begin(m->debug_fd, ELF_C_READ_MMAP, NULL);
	if (m->debug && !symbols_only)
		m->dwarf = dwarf_begin_elf(m->debug, DWARF_C_READ, NULL);
}

static bool has_units(Dwarf *dwarf)
{
	Dwarf_Off next;
	size_t head;
	return dwarf && dwarf_nextcu(dwarf, 0, &next, &head, NULL, NULL, NULL) == 0;
}

/* Of the C library, whose information takes long to unpack, its functions' names are enough. */
static bool is_dull(const char *path)
{
	static const char *const names[] = { "libc.so", "libc-2", "libc.musl",
					     "libm.so", "ld-",    NULL };
	const char *base = text_base_name(path);
	for (const char *const *name = names; *name; name++)
		if (strncmp(base, *name, strlen(*name)) == 0)
			return true;
	return false;
}

void module_read_names(struct module *m, pid_t pid)
{
	bool dull = m->dull = is_dull(m->path);
	m->has_names = true;
	m->dwarf = dull ? NULL : dwarf_begin_elf(m->elf, DWARF_C_READ, NULL);
	if (!has_units(m->dwarf)) {
		dwarf_end(m->dwarf);
		m->dwarf = NULL;
		open_debug(m, pid, dull);
	}
	if (m->dwarf) {
		dwarf_new_oom_handler(m->dwarf, abort); /* which is guarded; its own says a word */
		units_open(&m->units, m->dwarf);
		rules_add(&m->rules, m->dwarf);
	}
	symbols_add(&m->symbols, m->elf);
	symbols_add(&m->symbols, m->debug);
	symbols_add_bare(&m->symbols, m->elf);
	symbols_complete(&m->symbols);
}

bool module_address(const struct module *m, uint64_t within, uint64_t offset, uint64_t *address)
{
	uint64_t in_file = offset + within;
	for (size_t i = 0; i < m->n_segments; i++) {
		const struct segment *s = &m->segments[i];
		if (in_file - s->offset < s->size) {
			*address = in_file - s->offset + s->address;
			return true;
		}
	}
	return false;
}
