#include "recorder/heap/preload/python_blocks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/heap/preload/filter.h"
#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/python_arenas.h"
#include "recorder/heap/preload/sample.h"

/* The largest that is never asked of malloc (SMALL_REQUEST_THRESHOLD). */
enum { SMALL = 512 };

static struct python_allocator was[PYTHON_OBJ + 1];

/* It has an allocator of its own for blocks of every size, and maps pages for it in ways that we do
 * not see: mimalloc. */
static bool whole;

static _Thread_local uint64_t left; /* bytes to the next sample */
static _Thread_local bool begun;

static bool is_pythons(const void *pointer)
{
	return whole || python_arenas_hold(pointer);
}

/* The distances between samples have no memory: one that falls on what is not counted here is drawn
 * anew, and all stay as likely as before. */
static bool is_due(size_t size)
{
	if (!begun) {
		begun = true;
		left = (uint64_t)sample_distance();
	}
	if (left >= size) {
		left -= size;
		return false;
	}
	left = (uint64_t)sample_distance();
	return true;
}

static void *taken(void *pointer, size_t size)
{
	if (pointer && !sample_quiet && is_pythons(pointer))
		sample_object(pointer, size);
	return pointer;
}

/* As count.h does, before it is asked for. */
static inline bool is_beyond(size_t size, size_t most)
{
	if (size > most)
		return false;
	if (__builtin_expect(left < size, 0))
		return true;
	left -= size;
	return false;
}

static inline bool is_kept(const void *pointer)
{
	return __builtin_expect(filter_says(pointer), 0);
}

#define APART static __attribute__((noinline))

/* ---- small blocks in arenas, and the larger ones that malloc is asked for ---- */

APART void *malloc_beyond(const struct python_allocator *a, size_t size)
{
	bool due = is_due(size);
	void *pointer = a->malloc(a->context, size);
	return due ? taken(pointer, size) : pointer;
}

static void *hook_malloc(void *context, size_t size)
{
	const struct python_allocator *a = context;
	return is_beyond(size, SMALL) ? malloc_beyond(a, size) : a->malloc(a->context, size);
}

APART void *calloc_beyond(const struct python_allocator *a, size_t n, size_t size)
{
	bool due = is_due(n * size);
	void *pointer = a->calloc(a->context, n, size);
	return due ? taken(pointer, n * size) : pointer;
}

static void *hook_calloc(void *context, size_t n, size_t size)
{
	const struct python_allocator *a = context;
	return is_beyond(n * size, SMALL) ? calloc_beyond(a, n, size)
					  : a->calloc(a->context, n, size);
}

/* What malloc holds, it moves itself, and counts. */
APART void *realloc_apart(const struct python_allocator *a, void *old, size_t size, bool due)
{
	if (old && filter_says(old) && is_pythons(old))
		sample_freed(old);
	void *pointer = a->realloc(a->context, old, size);
	return due ? taken(pointer, size) : pointer;
}

static void *hook_realloc(void *context, void *old, size_t size)
{
	const struct python_allocator *a = context;
	bool due = is_beyond(size, SMALL) && is_due(size);
	return due || is_kept(old) ? realloc_apart(a, old, size, due)
				   : a->realloc(a->context, old, size);
}

APART void free_kept(const struct python_allocator *a, void *pointer)
{
	if (pointer)
		sample_freed(pointer);
	a->free(a->context, pointer);
}

static void hook_free(void *context, void *pointer)
{
	const struct python_allocator *a = context;
	if (is_kept(pointer))
		free_kept(a, pointer);
	else
		a->free(a->context, pointer);
}

/* ---- blocks of every size: what is asked for within is the allocator's own ---- */

static void *whole_malloc(void *context, size_t size)
{
	const struct python_allocator *a = context;
	bool due = is_beyond(size, SIZE_MAX) && is_due(size);
	sample_quiet++;
	void *pointer = a->malloc(a->context, size);
	sample_quiet--;
	return due ? taken(pointer, size) : pointer;
}

static void *whole_calloc(void *context, size_t n, size_t size)
{
	const struct python_allocator *a = context;
	bool due = is_beyond(n * size, SIZE_MAX) && is_due(n * size);
	sample_quiet++;
	void *pointer = a->calloc(a->context, n, size);
	sample_quiet--;
	return due ? taken(pointer, n * size) : pointer;
}

static void *whole_realloc(void *context, void *old, size_t size)
{
	const struct python_allocator *a = context;
	bool due = is_beyond(size, SIZE_MAX) && is_due(size);
	if (old && is_kept(old))
		sample_freed(old);
	sample_quiet++;
	void *pointer = a->realloc(a->context, old, size);
	sample_quiet--;
	return due ? taken(pointer, size) : pointer;
}

static void whole_free(void *context, void *pointer)
{
	const struct python_allocator *a = context;
	if (pointer && is_kept(pointer))
		sample_freed(pointer);
	sample_quiet++;
	a->free(a->context, pointer);
	sample_quiet--;
}

/* ---- standing before them ---- */

static void stand_before(int domain)
{
	struct python_allocator *a = &was[domain];
	python_api.get_allocator(domain, a);
	struct python_allocator ours = { a, hook_malloc, hook_calloc, hook_realloc, hook_free };
	if (whole)
		ours = (struct python_allocator){ a, whole_malloc, whole_calloc, whole_realloc,
						  whole_free };
	python_api.set_allocator(domain, &ours);
}

/* The variable has been heeded by now; PYTHONMALLOC=malloc leaves nothing to count here. */
static void install(void)
{
	const char *wish = getenv("PYTHONMALLOC");
	whole = python_free_threaded() || (wish && strncmp(wish, "mimalloc", 8) == 0);
	stand_before(PYTHON_MEM);
	stand_before(PYTHON_OBJ);
}

void python_blocks_begin(void)
{
	if (python_find(NULL))
		python_arenas_begin(install);
}

static void install_again(void)
{
	for (int domain = PYTHON_MEM; domain <= PYTHON_OBJ; domain++) {
		struct python_allocator now;
		python_api.get_allocator(domain, &now);
		if (was[domain].malloc && now.malloc == was[domain].malloc)
			stand_before(domain);
	}
}

void python_blocks_mapped(const void *pointer, size_t size, const void *caller)
{
	if (!python_arenas_size(size))
		return;
	if (python_api.version) {
		if (python_arenas_again()) {
			python_arenas_note(pointer, size);
			install_again();
		}
	} else if (python_find(caller)) {
		python_arenas_begin(NULL);
		python_arenas_note(pointer, size);
		install();
	}
}
