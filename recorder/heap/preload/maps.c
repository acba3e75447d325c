/* What the program maps itself: private and of no file. What the allocator behind us maps for its
 * blocks is in these, what the C library maps does not come along here, and what is only reserved
 * is no memory yet. */
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "recorder/heap/preload/count.h"
#include "recorder/heap/preload/hold.h"
#include "recorder/heap/preload/next.h"
#include "recorder/heap/preload/python_blocks.h"
#include "recorder/heap/preload/sample.h"

enum { SMALL_ARENA = 256 << 10, LARGE_ARENA = 1 << 20 }; /* of a Python, that may begin so */

#define EXPORTED __attribute__((visibility("default")))

static bool is_counted(int protection, int flags)
{
	return (flags & MAP_ANONYMOUS) && !(flags & (MAP_SHARED | MAP_NORESERVE)) &&
	       (protection & PROT_WRITE);
}

static void made(void *pointer, size_t size, const void *caller)
{
	if (sample_quiet || next_is_allocator(caller))
		return;
	if (size == SMALL_ARENA || size == LARGE_ARENA) {
		sample_quiet++;
		python_blocks_mapped(pointer, size, caller);
		sample_quiet--;
	}
	if (count_is_beyond(size) && count_beyond(size))
		sample_mapped(pointer, size);
}

static void *map(void *at, size_t size, int protection, int flags, int fd, off_t offset,
		 const void *caller)
{
	if (flags & MAP_FIXED)
		sample_unmapped(at, size);
	void *pointer = next.mmap(at, size, protection, flags, fd, offset);
	if (pointer != MAP_FAILED && is_counted(protection, flags))
		made(pointer, size, caller);
	return pointer;
}

EXPORTED void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
	return map(at, size, protection, flags, fd, offset, __builtin_return_address(0));
}

/* Headers may call the one by the other's name. */
EXPORTED void *map_plain(void *at, size_t size, int protection, int flags, int fd,
			 off_t offset) __asm__("mmap");

void *map_plain(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return map(at, size, protection, flags, fd, offset, __builtin_return_address(0));
}

EXPORTED int munmap(void *at, size_t size)
{
	sample_unmapped(at, size);
	return next.munmap(at, size);
}

/* Of what kind it is, only those tell that were sampled: these are anew, as they are now. */
EXPORTED void *mremap(void *at, size_t was, size_t size, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	void *wanted = flags & MREMAP_FIXED ? va_arg(rest, void *) : NULL;
	va_end(rest);
	if (size <= was && !wanted)
		sample_unmapped((char *)at + size, was - size);
	bool sampled = size > was && sample_unmapped(at, was);
	void *pointer = next.mremap(at, was, size, flags, wanted);
	if (sampled)
		sample_mapped(pointer == MAP_FAILED ? at : pointer,
			      pointer == MAP_FAILED ? was : size);
	return pointer;
}
