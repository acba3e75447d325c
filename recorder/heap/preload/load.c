/* The library is loaded into a program. Without the variable, or with another recorder's, it stays
 * out of the way. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "recorder/heap/preload/count.h"
#include "recorder/heap/preload/environment.h"
#include "recorder/heap/preload/extents.h"
#include "recorder/heap/preload/figures.h"
#include "recorder/heap/preload/hold.h"
#include "recorder/heap/preload/lock.h"
#include "recorder/heap/preload/next.h"
#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/python_blocks.h"
#include "recorder/heap/preload/sample.h"
#include "recorder/heap/preload/shared.h"

static _Thread_local bool held;

static void before_fork(void)
{
	held = lock_take();
}

static void after_fork(void)
{
	if (held)
		lock_leave();
	held = false;
}

static void in_child(void)
{
	held = false;
	sample_quiet++;
	sample_forked();
	sample_quiet--;
}

/* A program whose code has a fixed place has an entry of that name that only leads to the malloc
 * that is found: an undefined symbol that nevertheless has an address. */
static bool is_defined(void *function)
{
	Dl_info info;
	const ElfW(Sym) *symbol = NULL;
	return dladdr1(function, &info, (void **)&symbol, RTLD_DL_SYMENT) == 0 || !symbol ||
	       symbol->st_shndx != SHN_UNDEF;
}

/* One that only stands before us passes on what it is asked for. */
static bool passes_on(void *(*found)(size_t))
{
	enum { SOME = 64 };
	uint64_t before = count_left;
	void *block = found(SOME);
	bool passed = count_left != before;
	free(block);
	return passed;
}

/* Whose malloc is the first that is found, if it is not ours? */
static void look_for_others(void)
{
	struct object own, first;
	void *(*function)(size_t);
	object_find(&own, (const void *)(uintptr_t)look_for_others);
	void *found = dlsym(RTLD_DEFAULT, "malloc");
	object_find(&first, found);
	*(void **)&function = found;
	if (first.low == own.low || !is_defined(found) || passes_on(function))
		return;
	shared_note(first.is_program ? HEAP_SAW_ALLOCATOR : HEAP_SAW_DISPLACED);
}

/* An allocator that is brought for all may take what C++ asks for without malloc. */
static void look_for_new(void)
{
	const void *found = dlsym(RTLD_DEFAULT, "_Znwm");
	if (next_is_foreign() && found && next_is_allocator(found))
		shared_note(HEAP_SAW_NEW);
}

__attribute__((constructor)) static void load(void)
{
	int before = errno;
	sample_quiet++;
	if (shared_attach()) {
		extents_tell();
		look_for_others();
		look_for_new();
		figures_begin();
		pthread_atfork(before_fork, after_fork, in_child);
		python_blocks_begin();
		environment_begin();
	}
	sample_quiet--;
	errno = before;
}
