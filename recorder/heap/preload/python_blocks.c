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
static size_t most = SMALL;

/* It has an allocator of its own for blocks of every size, and maps pages for it in ways that we do
 * not see: mimalloc. */
static bool whole;

static _Thread_local int64_t left; /* bytes to the next sample */
static _Thread_local bool begun;

static bool is_pythons(const void *pointer)
{
	return whole || python_arenas_hold(pointer);
}

/* The distances between samples have no memory: one that falls on what is not counted here is drawn
 * anew, and all stay as likely as before. */
static __attribute__((noinline)) void take(const void *pointer, size_t size)
{
	if (!begun) {
		begun = true;
		left += sample_distance();
		if (left >= 0)
			return;
	}
	left = sample_distance();
	if (pointer && !sample_quiet && is_pythons(pointer))
		sample_object(pointer, size);
}

static inline void count(const void *pointer, size_t size)
{
	if (size <= most && __builtin_expect((left -= (int64_t)size) < 0, 0))
		take(pointer, size);
}

/* What is asked for within is the allocator's own. */
static inline void enter(void)
{
	if (__builtin_expect(whole, 0))
		sample_quiet++;
}

static inline void leave(void)
{
	if (__builtin_expect(whole, 0))
		sample_quiet--;
}

static void *hook_malloc(void *context, size_t size)
{
	const struct python_allocator *a = context;
	enter();
	void *pointer = a->malloc(a->context, size);
	leave();
	count(pointer, size);
	return pointer;
}

static void *hook_calloc(void *context, size_t n, size_t size)
{
	const struct python_allocator *a = context;
	enter();
	void *pointer = a->calloc(a->context, n, size);
	leave();
	count(pointer, n * size);
	return pointer;
}

/* What malloc holds, it moves itself, and counts. */
static void *hook_realloc(void *context, void *old, size_t size)
{
	const struct python_allocator *a = context;
	if (old && filter_says(old) && is_pythons(old))
		sample_freed(old);
	enter();
	void *pointer = a->realloc(a->context, old, size);
	leave();
	count(pointer, size);
	return pointer;
}

static void hook_free(void *context, void *pointer)
{
	const struct python_allocator *a = context;
	if (pointer && filter_says(pointer))
		sample_freed(pointer);
	enter();
	a->free(a->context, pointer);
	leave();
}

static void stand_before(int domain)
{
	python_api.get_allocator(domain, &was[domain]);
	struct python_allocator ours = { &was[domain], hook_malloc, hook_calloc, hook_realloc,
					 hook_free };
	python_api.set_allocator(domain, &ours);
}

/* The variable has been heeded by now; PYTHONMALLOC=malloc leaves nothing to count here. */
static void install(void)
{
	const char *wish = getenv("PYTHONMALLOC");
	whole = python_free_threaded() || (wish && strncmp(wish, "mimalloc", 8) == 0);
	most = whole ? SIZE_MAX : SMALL;
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
