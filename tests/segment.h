/* A segment as libmprof-heap.so writes it, made up by a test. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "recorder/heap/segment.h"

enum { SEGMENT_SIZE = 1 << 20 };

struct segment {
	char *base; /* SEGMENT_SIZE bytes, zeroed */
	struct heap_shared *shared;
};

static inline void segment_make(struct segment *s)
{
	s->base = calloc(1, SEGMENT_SIZE);
	s->shared = (struct heap_shared *)s->base;
	atomic_store(&s->shared->used, (sizeof *s->shared + 63) / 64 * 64);
}

static inline uint64_t segment_take(struct segment *s, size_t size)
{
	return atomic_fetch_add(&s->shared->used, (size + 7) / 8 * 8);
}

static inline uint64_t segment_text(struct segment *s, const char *text)
{
	uint64_t at = segment_take(s, strlen(text) + 1);
	strcpy(s->base + at, text);
	return at;
}

/* Its offset, which a slot is still to have. */
static inline uint64_t segment_process(struct segment *s, int pid)
{
	uint64_t at = segment_take(s, sizeof(struct heap_process));
	struct heap_process *is = (struct heap_process *)(s->base + at);
	is->head.kind = HEAP_PROCESS;
	is->head.size = sizeof *is;
	is->serial = atomic_fetch_add(&s->shared->attached, 1) + 1;
	atomic_store(&is->pid, pid);
	return at;
}

static inline struct heap_process *segment_slot(struct segment *s, size_t slot, int pid)
{
	uint64_t at = segment_process(s, pid);
	atomic_store(&s->shared->processes[slot], at);
	return (struct heap_process *)(s->base + at);
}

/* Of Python; its number. */
static inline uint32_t segment_line(struct segment *s, const char *path, int line,
				    const char *function)
{
	uint64_t at = segment_take(s, sizeof(struct heap_place));
	struct heap_place *is = (struct heap_place *)(s->base + at);
	is->path = segment_text(s, path);
	is->function = segment_text(s, function);
	is->line = line;
	return (uint32_t)(at / 8);
}

static inline uint32_t segment_address(struct segment *s, uint64_t address)
{
	uint64_t at = segment_take(s, sizeof(struct heap_place));
	((struct heap_place *)(s->base + at))->address = address;
	return (uint32_t)(at / 8);
}

/* A block of `n` sites, behind `*link`; its offset. */
static inline uint64_t segment_sites(struct segment *s, _Atomic uint64_t *link, uint32_t n)
{
	size_t size = sizeof(struct heap_block) + n * sizeof(struct heap_site);
	uint64_t at = segment_take(s, size);
	struct heap_block *block = (struct heap_block *)(s->base + at);
	block->size = size;
	block->kind = HEAP_SITES;
	block->n = n;
	atomic_store(link, at);
	return at;
}

/* A block of as many extents, behind `*link`. */
static inline struct heap_extent *segment_extents(struct segment *s, _Atomic uint64_t *link,
						  uint32_t n)
{
	size_t size = sizeof(struct heap_block) + n * sizeof(struct heap_extent);
	uint64_t at = segment_take(s, size);
	struct heap_block *block = (struct heap_block *)(s->base + at);
	*block = (struct heap_block){ .size = size, .kind = HEAP_EXTENTS, .n = n, .filled = n };
	atomic_store(link, at);
	return (struct heap_extent *)(block + 1);
}

/* One more of it, of one place. */
static inline struct heap_site *segment_site(struct segment *s, uint64_t block, uint32_t place)
{
	struct heap_block *head = (struct heap_block *)(s->base + block);
	struct heap_site *site =
		(struct heap_site *)(head + 1) + atomic_fetch_add(&head->filled, 1);
	site->depth = 1;
	site->places[0] = place;
	return site;
}
