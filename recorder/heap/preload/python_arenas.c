#include "recorder/heap/preload/python_arenas.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "recorder/heap/preload/python_api.h"
#include "recorder/heap/preload/sample.h"
#include "recorder/heap/preload/shared.h"
#include "share/pages.h"

struct arena {
	uint64_t low, size;
};

/* The highest first: the kernel hands out addresses from the top, so that the next is mostly added
 * behind the last. */
enum { MOST = 1 << 20 };
static struct arena *arenas;
static size_t n_arenas;
static atomic_flag busy = ATOMIC_FLAG_INIT;

static struct python_arena_allocator was;
static void (*first_call)(void);

/* Of both sizes that there are (Objects/obmalloc.c; Include/internal/pycore_obmalloc.h), each with
 * its pools. */
enum { SMALL_ARENA = 256 << 10, SMALL_POOL = 4096, LARGE_ARENA = 1 << 20, LARGE_POOL = 16384 };

bool python_arenas_size(size_t size)
{
	return size == SMALL_ARENA || size == LARGE_ARENA;
}

/* Held for a few steps, and never while anything is called that may wait. */
static void lock(void)
{
	while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire))
		sched_yield();
}

static void unlock(void)
{
	atomic_flag_clear_explicit(&busy, memory_order_release);
}

void python_arenas_forked(void)
{
	unlock();
}

/* ---- which there are ---- */

/* Index of the first that begins at or below the address. */
static size_t find(uint64_t address)
{
	size_t low = 0, high = n_arenas;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (arenas[middle].low > address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void change_range(int64_t by)
{
	if (shared_process)
		atomic_fetch_add_explicit(&shared_process->python_range, by, memory_order_relaxed);
}

static void add(uint64_t low, uint64_t size)
{
	if (!arenas || n_arenas == MOST)
		return;
	size_t at = find(low);
	memmove(&arenas[at + 1], &arenas[at], (n_arenas - at) * sizeof *arenas);
	arenas[at] = (struct arena){ low, size };
	n_arenas++;
	change_range((int64_t)size);
}

static void take_away(uint64_t low)
{
	size_t at = find(low);
	if (at == n_arenas || arenas[at].low != low)
		return;
	n_arenas--;
	change_range(-(int64_t)arenas[at].size);
	memmove(&arenas[at], &arenas[at + 1], (n_arenas - at) * sizeof *arenas);
}

bool python_arenas_hold(const void *pointer)
{
	uint64_t address = (uintptr_t)pointer;
	lock();
	size_t at = find(address);
	bool held = at < n_arenas && address - arenas[at].low < arenas[at].size;
	unlock();
	return held;
}

bool python_arenas_any(void)
{
	return n_arenas > 0;
}

void python_arenas_note(const void *pointer, size_t size)
{
	if (!python_arenas_size(size))
		return;
	lock();
	add((uintptr_t)pointer, size);
	unlock();
}

/* ---- before what maps them ---- */

static void *arena_alloc(void *context, size_t size)
{
	(void)context;
	void (*call)(void) = first_call;
	first_call = NULL;
	if (call)
		call();
	if (!python_arenas_size(size)) /* the stack of a thread's frames, which is its own */
		return was.alloc(was.context, size);
	sample_quiet++;
	void *pointer = was.alloc(was.context, size);
	sample_quiet--;
	if (pointer)
		python_arenas_note(pointer, size);
	return pointer;
}

static void arena_free(void *context, void *pointer, size_t size)
{
	(void)context;
	if (python_arenas_size(size)) {
		lock();
		take_away((uintptr_t)pointer);
		unlock();
	}
	was.free(was.context, pointer, size);
}

static bool is_before(void)
{
	struct python_arena_allocator now;
	python_api.get_arena_allocator(&now);
	return now.alloc == arena_alloc;
}

void python_arenas_begin(void (*first)(void))
{
	struct python_arena_allocator ours = { NULL, arena_alloc, arena_free };
	python_api.get_arena_allocator(&was);
	first_call = first;
	sample_quiet++;
	arenas = pages_new(MOST * sizeof *arenas);
	sample_quiet--;
	python_api.set_arena_allocator(&ours);
}

bool python_arenas_again(void)
{
	struct python_arena_allocator now, ours = { NULL, arena_alloc, arena_free };
	python_api.get_arena_allocator(&now);
	if (now.alloc != was.alloc)
		return false;
	python_api.set_arena_allocator(&ours);
	return true;
}

/* ---- how full they are ---- */

enum { MOST_LOOKED = 16384 }; /* pools */

struct sum {
	uint64_t used, touched;
};

/* A pool's head: how many of its blocks are handed out (4 bytes), and at 36 of which size they are,
 * in steps of 16 bytes less one. One that was never used is all zero. */
static void look_at(const uint8_t *pool, size_t pool_size, struct sum *sum)
{
	uint32_t blocks, size;
	uint64_t next;
	memcpy(&blocks, pool, sizeof blocks);
	memcpy(&next, pool + 16, sizeof next);
	memcpy(&size, pool + 36, sizeof size);
	uint64_t used = (uint64_t)blocks * (size + 1) * 16;
	if (blocks == 0 && next == 0 && size == 0)
		return;
	sum->touched += pool_size;
	sum->used += size < 64 && used <= pool_size ? used : 0;
}

static void look_into(const struct arena *arena, size_t step, size_t *turn, struct sum *sum)
{
	size_t pool = arena->size == SMALL_ARENA ? SMALL_POOL : LARGE_POOL;
	uint64_t at = (arena->low + pool - 1) / pool * pool;
	for (; at + pool <= arena->low + arena->size; at += pool)
		if ((*turn)++ % step == 0)
			look_at((const uint8_t *)(uintptr_t)at, pool, sum);
}

/* Whoever gives an arena back waits meanwhile: what is looked at stays, as long as nobody gives one
 * back behind us. */
bool python_arenas_figures(uint64_t *used, uint64_t *kept)
{
	enum { POOLS = LARGE_ARENA / LARGE_POOL };
	struct sum sum = { 0 };
	size_t turn = 0;
	if (!python_arenas_any() || !is_before())
		return false;
	lock();
	size_t n = n_arenas, step = n * POOLS / MOST_LOOKED + 1;
	for (size_t i = 0; i < n; i++)
		look_into(&arenas[i], step, &turn, &sum);
	unlock();
	*used = sum.used * step;
	*kept = (sum.touched - sum.used) * step;
	return true;
}
