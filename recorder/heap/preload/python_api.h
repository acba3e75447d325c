/* The CPython in this process, where there is one: what of its interface is used here, all of which
 * may be called at any time, allocates nothing and takes no lock of its own but for setting an
 * allocator. Sources: docs.python.org/3/c-api/memory.html and init.html; of the names that begin
 * with an underscore, Include/cpython/pystate.h and pylifecycle.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/python/offsets.h"

enum { PYTHON_RAW, PYTHON_MEM, PYTHON_OBJ }; /* PyMemAllocatorDomain */

struct python_allocator { /* PyMemAllocatorEx */
	void *context;
	void *(*malloc)(void *context, size_t size);
	void *(*calloc)(void *context, size_t n, size_t size);
	void *(*realloc)(void *context, void *pointer, size_t size);
	void (*free)(void *context, void *pointer);
};

struct python_arena_allocator { /* PyObjectArenaAllocator */
	void *context;
	void *(*alloc)(void *context, size_t size);
	void (*free)(void *context, void *pointer, size_t size);
};

struct python_api {
	void (*get_allocator)(int domain, struct python_allocator *);
	void (*set_allocator)(int domain, struct python_allocator *);
	void (*get_arena_allocator)(struct python_arena_allocator *);
	void (*set_arena_allocator)(struct python_arena_allocator *);
	const char *(*version)(void);
	void *(*current_thread)(
		void);             /* which holds the lock; from 3.12 on: this one, if it does */
	void *(*own_thread)(void); /* the state that was made first for this thread, or NULL */
	int (*finalizing)(void);
	const uint8_t *code_type;
	const uint8_t *runtime;
};
extern struct python_api python_api; /* all NULL: there is none, or not yet */

/* Looks for it among the libraries that all see, or in the one that holds `within` (NULL: none).
 * true: it is found, now or before. */
bool python_find(const void *within);

/* How its structures are laid out; NULL: not known. From when it has begun to start. */
const struct offsets *python_offsets(void);
bool python_free_threaded(void); /* as far as it is known */
/* This program is a Python's own, and that clears away before it exits: what is freed now, nobody
 * has given back, and what was held till the end still counts. */
bool python_clears_away(void);
int python_version(void); /* 0x030c: 3.12; 0: none, or not yet known */
