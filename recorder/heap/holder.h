/* One process whose heap is sampled: what its sites say, and what has been told of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "recorder/heap/layout.h"
#include "recorder/heap/region.h"
#include "recorder/heap/stacks.h"

/* What a site says: all estimates, bytes but for the number of blocks and the variance, KiB². */
struct figures {
	int64_t live, given_back, blocks, spread;
};

struct stand { /* a site */
	const struct heap_site *site;
	struct figures told; /* as of the last record */
	int64_t told_at;     /* monotonic ns; 0: nothing was told of it */
	uint64_t frame;
	unsigned round; /* told's + 1, that the frame is of; 0: the frame is not known */
	bool inherited;
};

struct holder {
	size_t slot;
	int number; /* its pid as it sees itself */
	pid_t pid;  /* as we do; 0: not found yet */
	uint32_t serial;
	unsigned turn; /* of those that were met, counted from 1 */
	int64_t met;   /* monotonic ns */
	bool replaced; /* by exec, or it was another process of that pid */
	bool gone;
	bool ended;      /* what was left of it has been told */
	unsigned wanted; /* as was passed on */
	struct layout layout;
	struct stand *stands;
	size_t n;
	size_t waiting; /* records of it that wait for names */

	/* How far its sites have been taken. */
	uint64_t block;
	uint32_t taken;
	uint64_t bytes;
};

/* Who has that slot; NULL: nobody, or no memory. */
struct holder *holder_new(const struct region *region, size_t slot, int64_t now);
void holder_free(struct holder *holder); /* NULL is accepted */

/* Has it still the slot? */
bool holder_stays(const struct holder *holder, const struct region *region);

/* Takes the sites that are new. */
void holder_look(struct holder *holder, const struct region *region);

/* What a site says now; what cannot be is bounded. */
struct figures stand_figures(const struct stand *stand);

/* The stack of a site, as places. */
void stand_stack(const struct stand *stand, struct places *places, const struct places_asker *asker,
		 struct stack_of *stack);
