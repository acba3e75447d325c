#include "recorder/heap/preload/object.h"

#include <link.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct search {
	uintptr_t code;
	struct object *found;
	bool is_first; /* the program comes first */
};

static int look(struct dl_phdr_info *info, size_t size, void *context)
{
	struct search *search = context;
	struct object one = { UINTPTR_MAX, 0, search->is_first };
	(void)size;
	search->is_first = false;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t low = info->dlpi_addr + part->p_vaddr;
		if (part->p_type != PT_LOAD)
			continue;
		one.low = low < one.low ? low : one.low;
		one.high = low + part->p_memsz > one.high ? low + part->p_memsz : one.high;
	}
	if (one.low > one.high || search->code - one.low >= one.high - one.low)
		return 0;
	*search->found = one;
	return 1;
}

void object_find(struct object *object, const void *code)
{
	struct search search = { (uintptr_t)code, object, true };
	*object = (struct object){ 0 };
	if (code)
		dl_iterate_phdr(look, &search);
}

void *object_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}

int object_munmap(void *at, size_t size)
{
	return (int)syscall(SYS_munmap, at, size);
}

void *object_memory(size_t size)
{
	void *memory =
		object_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}
