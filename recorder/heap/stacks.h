/* Stacks of places as frames of the recording, outermost first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/heap/namer.h"
#include "recorder/heap/places.h"
#include "recorder/python/told.h"

struct stacks {
	struct stacks_slot {   /* by the places: sites of several processes are of one stack */
		uint64_t hash; /* 0: free */
		uint64_t frame;
	} * slots;
	size_t n_slots, n; /* a power of two; used */
	unsigned round;    /* told's, that the frames are of */
};

/* Of a site, as it was copied from the segment. */
struct stack_of {
	uint32_t places[HEAP_DEPTH]; /* numbers of the places, innermost first; PLACES_NONE: not
					known */
	size_t n;
};

/* *frame: 0 where nothing of it is known. false: its names are awaited. */
bool stacks_find(struct stacks *stacks, struct places *places, struct namer *namer,
		 struct told *told, struct profile_writer *writer, const struct stack_of *stack,
		 uint64_t *frame);
void stacks_free(struct stacks *stacks);
