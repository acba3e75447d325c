/* Which line had grown, where nothing tells it but looks from time to time: a line that sleeps, or
 * that runs when a burst is over, did not. Pure: it goes by what was seen of each look. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/python/stack.h"

enum {
	BLAME_LEVELS = 24, /* of a stack, from the innermost */
	BLAME_MOST = 4,    /* lines below one function that are told apart: those seen last */
	BLAME_SLOTS = 256, /* functions of one process, a power of two */
};

/* One stack as numbers, so that it outlives what it was read of. A level is named by its own file
 * and function, and by the lines of its nearest callers: the same function, called from elsewhere,
 * is another. */
struct blame_trail {
	uint64_t functions[BLAME_LEVELS]; /* without its own line, the innermost first */
	uint64_t places[BLAME_LEVELS];    /* with it */
	size_t n;
	size_t depth;  /* of the whole stack */
	uint64_t root; /* its outermost function; 0: not known */
};

struct blame_share {
	uint64_t frame; /* a number of told.h's, of a line that was seen to grow */
	uint64_t weight;
	bool own;     /* it is a line of that function itself, not of one that it calls */
	int64_t huge; /* monotonic ns: when it was last seen to take huge pages, twice together; 0:
		       * never */
};

struct blame {
	struct blame_slot {
		uint64_t function; /* 0: free */
		struct {
			struct blame_share share;
			int64_t at; /* monotonic ns: last seen */
			bool huge;  /* with huge pages, as it seemed */
		} seen[BLAME_MOST];
	} slots[BLAME_SLOTS];
};

void blame_trail(struct blame_trail *trail, const struct stack *stack);
uint64_t blame_root(const struct stack *stack); /* blame_trail's */

/* A line, the share's, was seen to grow, for what it weighs, and with huge pages or not; what was
 * seen earlier weighs the less. */
void blame_learn(struct blame *blame, const struct blame_trail *trail,
		 const struct blame_share *share, int64_t now);

/* Who may have grown before this stack was seen at rest: the lines that were seen to, below the
 * innermost of its functions that has any. How many; 0: none was seen. */
size_t blame_find(const struct blame *blame, const struct blame_trail *trail,
		  struct blame_share shares[BLAME_MOST]);

/* Leaves those that were seen to take huge pages since: where such were taken, it was none of the
 * others. */
size_t blame_keep_huge(struct blame_share shares[BLAME_MOST], size_t n, int64_t since);

bool blame_has(const struct blame_share *shares, size_t n, uint64_t frame);

/* The lines of the innermost function itself, or of its caller, that were seen to. The same. */
size_t blame_find_own(const struct blame *blame, const struct blame_trail *trail,
		      struct blame_share shares[BLAME_MOST]);

/* The level of the deepest place that two looks have in common, but for the innermost of the later:
 * all that happened between them was below it. trail->n: there is none. */
size_t blame_common(const struct blame_trail *before, const struct blame_trail *trail);
