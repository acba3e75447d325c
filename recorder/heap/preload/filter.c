#include "recorder/heap/preload/filter.h"

enum { SMALLEST = 12, SMALL = 16, MIDDLE = 19, LARGE = 22, FULL = 255, KEPT = 64 };

static _Alignas(64) _Atomic uint8_t smallest[1 << SMALLEST];
static _Alignas(64) _Atomic uint8_t small[1 << SMALL];
static _Alignas(64) _Atomic uint8_t middle[1 << MIDDLE];
static _Alignas(64) _Atomic uint8_t large[1 << LARGE];

static const struct level {
	_Atomic uint8_t *counters;
	unsigned bits;
} levels[] = { { smallest, SMALLEST }, { small, SMALL }, { middle, MIDDLE }, { large, LARGE } };

enum { LEVELS = sizeof levels / sizeof *levels };

_Static_assert(sizeof(uintptr_t) == 8, "the shift stands in an address of 64 bits");
_Atomic uintptr_t filter_place = (uintptr_t)smallest + (64 - SMALLEST);
static size_t level; /* which is written */
static const void *kept[KEPT];
static atomic_uint n_kept;

static _Atomic uint8_t *slot_in(const struct level *at, const void *pointer)
{
	uint64_t hash = ((uint64_t)(uintptr_t)pointer >> 4) * 0x9e3779b97f4a7c15;
	return at->counters + (hash >> (64 - at->bits));
}

void filter_turn(void)
{
	atomic_store_explicit(&filter_place,
			      (uintptr_t)levels[level].counters | (64 - levels[level].bits),
			      memory_order_release);
}

void filter_add(const void *pointer)
{
	_Atomic uint8_t *slot = slot_in(&levels[level], pointer);
	uint8_t n = atomic_load_explicit(slot, memory_order_relaxed);
	if (n < FULL)
		atomic_store_explicit(slot, (uint8_t)(n + 1), memory_order_relaxed);
}

void filter_remove(const void *pointer)
{
	_Atomic uint8_t *slot = slot_in(&levels[level], pointer);
	uint8_t n = atomic_load_explicit(slot, memory_order_relaxed);
	if (n > 0 && n < FULL)
		atomic_store_explicit(slot, (uint8_t)(n - 1), memory_order_relaxed);
}

static void keep_in(const struct level *at, const void *pointer)
{
	atomic_store_explicit(slot_in(at, pointer), FULL, memory_order_relaxed);
}

void filter_keep(const void *pointer)
{
	unsigned n = atomic_fetch_add(&n_kept, 1);
	if (n < KEPT)
		kept[n] = pointer;
	keep_in(&levels[level], pointer);
}

bool filter_grow(size_t n)
{
	enum { EACH = 4 }; /* counters of a block */
	if (level + 1 == LEVELS || n < ((size_t)1 << levels[level].bits) / EACH)
		return false;
	level++;
	for (size_t i = 0; i < KEPT && kept[i]; i++)
		keep_in(&levels[level], kept[i]);
	return true;
}
