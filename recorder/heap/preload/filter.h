/* Of which addresses a block may have been sampled: counters by hash, so that a free of another
 * costs a multiplication and a load. They get more as the blocks do; the old ones stay as they
 * were, for whoever has looked up meanwhile where they lie. A counter that is full stays so. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the counters lie, and in the low six bits how far a hash is shifted for their number. */
extern _Atomic uintptr_t filter_place;

static inline _Atomic uint8_t *filter_slot(const void *pointer)
{
	uintptr_t place = atomic_load_explicit(&filter_place, memory_order_relaxed);
	uint64_t hash = ((uint64_t)(uintptr_t)pointer >> 4) * 0x9e3779b97f4a7c15;
	return (_Atomic uint8_t *)((place & ~(uintptr_t)63) + (hash >> (place & 63)));
}

static inline bool filter_says(const void *pointer)
{
	return atomic_load_explicit(filter_slot(pointer), memory_order_relaxed) != 0;
}

/* One thread at a time … */
void filter_add(const void *pointer);
void filter_remove(const void *pointer);

/* Are there too many for the counters? Then new ones begin, all 0, and whoever asked adds all of
 * them again before filter_turn() lets others see. */
bool filter_grow(size_t n);
void filter_turn(void);

/* … but this: for good. A few only. */
void filter_keep(const void *pointer);
