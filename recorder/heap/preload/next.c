#include "recorder/heap/preload/next.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/heap/preload/filter.h"
#include "recorder/heap/preload/object.h"

/* ---- what is lent meanwhile ---- */

enum { ARENA = 64 << 10, HEAD = 16 };
static _Alignas(16) char arena[ARENA];
static atomic_size_t lent;

bool next_lent(const void *pointer)
{
	return (uintptr_t)pointer - (uintptr_t)arena < ARENA;
}

/* Before each block stands its size. */
static void *lend(size_t size)
{
	size_t whole = size < ARENA ? HEAD + (size + 15) / 16 * 16 : ARENA + 1;
	size_t at = atomic_fetch_add(&lent, whole < ARENA ? whole : 0);
	if (whole > ARENA || at > ARENA - whole)
		return NULL;
	memcpy(arena + at, &size, sizeof size);
	filter_keep(arena + at + HEAD);
	return arena + at + HEAD;
}

size_t next_lent_size(const void *pointer)
{
	size_t size;
	memcpy(&size, (const char *)pointer - HEAD, sizeof size);
	return size;
}

/* ---- looking it up ---- */

static struct object allocator;
static bool is_libc;
static _Thread_local bool looking;

bool next_is_allocator(const void *code)
{
	return object_holds(&allocator, code);
}

static void find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);
	memcpy(function, &found, sizeof found);
}

/* A library may have only some of them: each block may come from any. */
static bool all_in(const struct object *libc, const struct next *found)
{
	const void *all[8];
	memcpy(&all[0], &found->malloc, sizeof *all);
	memcpy(&all[1], &found->calloc, sizeof *all);
	memcpy(&all[2], &found->realloc, sizeof *all);
	memcpy(&all[3], &found->aligned_alloc, sizeof *all);
	memcpy(&all[4], &found->memalign, sizeof *all);
	memcpy(&all[5], &found->valloc, sizeof *all);
	memcpy(&all[6], &found->pvalloc, sizeof *all);
	memcpy(&all[7], &found->posix_memalign, sizeof *all);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!object_holds(libc, all[i]))
			return false;
	return true;
}

static bool look_up(void)
{
	struct next found;
	if (looking)
		return false;
	looking = true;
	find("malloc", &found.malloc);
	find("calloc", &found.calloc);
	find("realloc", &found.realloc);
	find("aligned_alloc", &found.aligned_alloc);
	find("memalign", &found.memalign);
	find("valloc", &found.valloc);
	find("pvalloc", &found.pvalloc);
	find("posix_memalign", &found.posix_memalign);
	find("free", &found.free);
	find("mmap", &found.mmap);
	find("munmap", &found.munmap);
	find("mremap", &found.mremap);
	const void *libc = dlsym(RTLD_NEXT, "gnu_get_libc_version");
	struct object its, malloc_s;
	object_find(&malloc_s, (const void *)(uintptr_t)found.malloc);
	object_find(&its, libc);
	if (malloc_s.low != its.low)
		allocator = malloc_s;
	is_libc = all_in(&its, &found);
	next = found;
	looking = false;
	return true;
}

static void *first_malloc(size_t size)
{
	return look_up() ? next.malloc(size) : lend(size);
}

/* What is lent was never used before: it is zero. */
static void *first_calloc(size_t n, size_t size)
{
	if (look_up())
		return next.calloc(n, size);
	return size == 0 || n <= ARENA / size ? lend(n * size) : NULL;
}

static void *first_realloc(void *pointer, size_t size)
{
	if (look_up())
		return next.realloc(pointer, size);
	void *moved = lend(size);
	if (moved && pointer && next_lent(pointer))
		memcpy(moved, pointer,
		       next_lent_size(pointer) < size ? next_lent_size(pointer) : size);
	return moved;
}

static void *first_aligned_alloc(size_t alignment, size_t size)
{
	return look_up() ? next.aligned_alloc(alignment, size) : NULL;
}

static void *first_memalign(size_t alignment, size_t size)
{
	return look_up() ? next.memalign(alignment, size) : NULL;
}

static void *first_valloc(size_t size)
{
	return look_up() ? next.valloc(size) : NULL;
}

static void *first_pvalloc(size_t size)
{
	return look_up() ? next.pvalloc(size) : NULL;
}

static int first_posix_memalign(void **pointer, size_t alignment, size_t size)
{
	return look_up() ? next.posix_memalign(pointer, alignment, size) : ENOMEM;
}

static void first_free(void *pointer)
{
	if (look_up())
		next.free(pointer);
}

static void *first_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return look_up() ? next.mmap(at, size, protection, flags, fd, offset)
			 : object_mmap(at, size, protection, flags, fd, offset);
}

static int first_munmap(void *at, size_t size)
{
	return look_up() ? next.munmap(at, size) : object_munmap(at, size);
}

static void *first_mremap(void *at, size_t was, size_t size, int flags, ...)
{
	(void)flags;
	return look_up() ? next.mremap(at, was, size, flags) : (void *)-1;
}

struct next next = {
	.malloc = first_malloc,
	.calloc = first_calloc,
	.realloc = first_realloc,
	.aligned_alloc = first_aligned_alloc,
	.memalign = first_memalign,
	.valloc = first_valloc,
	.pvalloc = first_pvalloc,
	.posix_memalign = first_posix_memalign,
	.free = first_free,
	.mmap = first_mmap,
	.munmap = first_munmap,
	.mremap = first_mremap,
};

bool next_is_foreign(void)
{
	return allocator.high != 0;
}

bool next_is_libc(void)
{
	return is_libc;
}
