/* The allocator that stands behind us: the C library's, or one that was preloaded or linked beside
 * it. Looked up at the first call, whoever makes it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct next {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t n, size_t size);
	void *(*realloc)(void *pointer, size_t size);
	void *(*aligned_alloc)(size_t alignment, size_t size);
	void *(*memalign)(size_t alignment, size_t size);
	void *(*valloc)(size_t size);
	void *(*pvalloc)(size_t size);
	int (*posix_memalign)(void **pointer, size_t alignment, size_t size);
	void (*free)(void *pointer);
	void *(*mmap)(void *at, size_t size, int protection, int flags, int fd, off_t offset);
	int (*munmap)(void *at, size_t size);
	void *(*mremap)(void *at, size_t was, size_t size, int flags, ...);
};
extern struct next next;

/* What was handed out while it was looked up, as looking up allocates: it is never freed. */
bool next_lent(const void *pointer);
size_t next_lent_size(const void *pointer);

/* Is that code the allocator's own, and not the C library's? */
bool next_is_allocator(const void *code);

bool next_is_foreign(void); /* it is not the C library's */
bool next_is_libc(void);    /* all of what gives blocks is known to be the C library's */
