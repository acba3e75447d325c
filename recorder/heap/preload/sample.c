#include "recorder/heap/preload/sample.h"
#include "recorder/heap/preload/over.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder/heap/preload/confined.h"
#include "recorder/heap/preload/figures.h"
#include "recorder/heap/preload/filter.h"
#include "recorder/heap/preload/hold.h"
#include "recorder/heap/preload/lock.h"
#include "recorder/heap/preload/mapped.h"
#include "recorder/heap/preload/native.h"
#include "recorder/heap/preload/part.h"
#include "recorder/heap/preload/place.h"
#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/python_arenas.h"
#include "recorder/heap/preload/python_frames.h"
#include "recorder/heap/preload/python_places.h"
#include "recorder/heap/preload/sampler.h"
#include "recorder/heap/preload/shared.h"
#include "recorder/heap/preload/site.h"
#include "recorder/heap/preload/table.h"

extern char **environ;

_Thread_local int sample_quiet;

/* ---- distances ---- */

static uint64_t a_seed(void)
{
	static atomic_uint threads;
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	uint64_t seed = (uint64_t)t.tv_nsec ^ (uint64_t)t.tv_sec << 30 ^
			(uint64_t)(uintptr_t)&sample_quiet << 8 ^
			(uint64_t)atomic_fetch_add(&threads, 1) << 52;
	return (seed ^ seed >> 31) * 0x9e3779b97f4a7c15 | 1;
}

static _Thread_local uint64_t state;

int64_t sample_distance(void)
{
	if (!shared_process && !shared_attach())
		return environ ? INT64_MAX / 2 : 0;
	if (state == 0)
		state = a_seed();
	return sampler_distance(&state, shared_mean);
}

/* ---- stacks ---- */

static const struct object *interpreter(void)
{
	static struct object object;
	if (!object.high)
		object_find(&object, (const void *)(uintptr_t)python_api.version);
	return &object;
}

static void note_python(void)
{
	if (!python_api.version)
		return;
	if (shared_process->version == 0)
		shared_process->version = (unsigned)python_version();
	if (python_frames_refused())
		shared_note(HEAP_SAW_OLD);
}

static void add(struct site_stack *stack, uint32_t place)
{
	if (place && stack->n < HEAP_DEPTH)
		stack->places[stack->n++] = place;
}

/* What Python's lines do by native code of other libraries stands before them; how the interpreter
 * runs them does not. */
static void put_stack(struct site_stack *stack, const struct native *native, const uint32_t *python,
		      size_t n)
{
	enum { LEFT_OUT = 1 };
	size_t most = HEAP_DEPTH - 1 - n, taken = native->n < most ? native->n : most;
	stack->n = 0;
	for (size_t i = 0; i < taken; i++)
		add(stack, place_of_code(native->addresses[i]));
	if (native->more || taken < native->n)
		add(stack, place_of_code(LEFT_OUT));
	for (size_t i = 0; i < n; i++)
		add(stack, python[i] == PYTHON_LEFT_OUT ? place_of_code(LEFT_OUT) : python[i]);
}

/* ---- blocks ---- */

static void begin(const struct sampled *one)
{
	site_begins(one->site, one->size);
	figures_move(one, 1);
}

static void end(const struct sampled *was)
{
	site_ends(was->site, was->size);
	figures_move(was, -1);
}

static void end_block(const struct sampled *was)
{
	filter_remove(was->pointer);
	end(was);
}

static void grow_filter(void)
{
	size_t n;
	if (!filter_grow(table_size()))
		return;
	const struct sampled *all = table_all(&n);
	for (size_t i = 0; i < n; i++)
		if (all[i].pointer)
			filter_add(all[i].pointer);
	filter_turn();
}

/* One that is known already was freed in a way that we did not see. */
static void begin_block(const struct sampled *one)
{
	struct sampled was;
	if (table_remove(one->pointer, &was))
		end_block(&was);
	if (!table_add(one))
		return;
	filter_add(one->pointer);
	begin(one);
	grow_filter();
}

static void begin_chunk(const struct sampled *one)
{
	struct sampled chunk = *one;
	chunk.in_malloc = part_of_malloc(one->pointer, one->size);
	begin_block(&chunk);
}

static void begin_object(const struct sampled *one)
{
	struct sampled object = *one;
	object.in_python = part_of_python(one->size);
	begin_block(&object);
}

static void begin_mapped(const struct sampled *one)
{
	mapped_add(one);
	site_begins(one->site, one->size);
}

static void take(const void *pointer, size_t size, void (*begins)(const struct sampled *))
{
	struct site_stack stack;
	struct native native;
	uint32_t python[PYTHON_PLACES];
	size_t n = python_places(python);
	note_python();
	native_read(&native, n ? interpreter() : NULL);
	if (!lock_take())
		return;
	put_stack(&stack, &native, python, n);
	begins(&(struct sampled){ pointer, size, site_find(&stack, false), 0, 0 });
	lock_leave();
}

/* In a process that was copied without a call of the C library's, too. */
static bool is_on(void)
{
	if (shared_is_copy())
		sample_forked();
	return shared_process != NULL;
}

static void take_quietly(const void *pointer, size_t size, void (*begins)(const struct sampled *))
{
	int before = errno;
	sample_quiet++;
	if (confined_is()) {
		shared_note(HEAP_SAW_CONFINED);
	} else if (is_on()) {
		take(pointer, size, begins);
		figures_answer();
	}
	sample_quiet--;
	errno = before;
}

void sample_taken(const void *pointer, size_t size)
{
	take_quietly(pointer, size, begin_chunk);
}

void sample_object(const void *pointer, size_t size)
{
	take_quietly(pointer, size, begin_object);
}

void sample_mapped(const void *pointer, size_t size)
{
	take_quietly(pointer, size, begin_mapped);
}

bool sample_unmapped(const void *pointer, size_t size)
{
	int before = errno;
	bool any = false;
	if (mapped_size() == 0 || confined_is())
		return false;
	sample_quiet++;
	if (is_on() && lock_take()) {
		any = mapped_end(pointer, size, a_seed());
		lock_leave();
	}
	sample_quiet--;
	errno = before;
	return any;
}

bool sample_withdraw(const void *pointer, struct sampled *was)
{
	int before = errno;
	bool found = false;
	sample_quiet++;
	if (is_on() && lock_take()) {
		found = table_remove(pointer, was);
		if (found)
			filter_remove(pointer);
		lock_leave();
	}
	sample_quiet--;
	errno = before;
	return found;
}

void sample_return(const struct sampled *was)
{
	sample_quiet++;
	if (lock_take()) {
		if (table_add(was))
			filter_add(was->pointer);
		lock_leave();
	}
	sample_quiet--;
}

void sample_ended(const struct sampled *was)
{
	if (lock_take()) {
		end(was);
		lock_leave();
	}
}

void sample_freed(const void *pointer)
{
	struct sampled was;
	if (over_is() || python_clears_away() || !sample_withdraw(pointer, &was))
		return;
	int before = errno;
	sample_ended(&was);
	sample_quiet++;
	figures_answer();
	sample_quiet--;
	errno = before;
}

/* ---- fork ---- */

static void inherit(struct sampled *one)
{
	struct site_stack stack = { .n = one->site->depth };
	stack.n = stack.n < HEAP_DEPTH ? stack.n : HEAP_DEPTH;
	memcpy(stack.places, one->site->places, stack.n * sizeof *stack.places);
	one->site = site_find(&stack, true);
	begin(one);
}

/* What was sampled in the parent lives here as well. */
static void inherit_all(void)
{
	size_t n, n_mapped;
	struct sampled *blocks = table_all(&n), *mapped = mapped_all(&n_mapped);
	for (size_t i = 0; i < n; i++)
		if (blocks[i].pointer)
			inherit(&blocks[i]);
	for (size_t i = 0; i < n_mapped; i++)
		inherit(&mapped[i]);
}

void sample_forked(void)
{
	if (!shared_process)
		return;
	if (confined_is()) {
		shared_leave();
		return;
	}
	lock_forked();
	python_places_forked();
	python_arenas_forked();
	figures_forked();
	site_forked();
	state = 0;
	if (shared_fork())
		inherit_all();
}
