/* A malloc of a program's or a library's own, which gives back only the last; with PASS_ON, one
 * that only stands before the next. */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef PASS_ON
void *malloc(size_t size)
{
	static void *(*next)(size_t);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "malloc");
	return next(size);
}
#else
enum { HEAD = 16, ROOM = 256 << 20 };
static _Alignas(16) char room[ROOM];
static atomic_size_t used;

static void *take(size_t alignment, size_t size)
{
	size_t whole = HEAD + (alignment > HEAD ? alignment : 0) + (size + 15) / 16 * 16, at;
	if (size > ROOM || (at = atomic_fetch_add(&used, whole)) > ROOM - whole)
		return NULL;
	uintptr_t block = ((uintptr_t)room + at + HEAD + alignment - 1) & ~(alignment - 1);
	memcpy((char *)block - HEAD, &size, sizeof size);
	return (void *)block;
}

void *malloc(size_t size)
{
	return take(1, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return take(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
	return take(alignment, size);
}

void *valloc(size_t size)
{
	return take(4096, size);
}

void *pvalloc(size_t size)
{
	return take(4096, (size + 4095) & ~(size_t)4095);
}

int posix_memalign(void **pointer, size_t alignment, size_t size)
{
	*pointer = take(alignment, size);
	return *pointer ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *pointer)
{
	size_t size = 0;
	if (pointer)
		memcpy(&size, (char *)pointer - HEAD, sizeof size);
	return size;
}

void free(void *pointer)
{
	size_t size, end = atomic_load(&used);
	char *block = pointer;
	if (!block)
		return;
	memcpy(&size, block - HEAD, sizeof size);
	if (block + (size + 15) / 16 * 16 == room + end)
		atomic_compare_exchange_strong(&used, &end, (size_t)(block - HEAD - room));
}

void *calloc(size_t n, size_t size)
{
	return size && n > ROOM / size ? NULL : malloc(n * size);
}

void *realloc(void *pointer, size_t size)
{
	size_t was = 0;
	void *moved = malloc(size);
	if (pointer)
		memcpy(&was, (char *)pointer - HEAD, sizeof was);
	if (moved && was)
		memcpy(moved, pointer, was < size ? was : size);
	return moved;
}
#endif
