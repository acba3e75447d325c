/* Calls of several threads, or tasks, as stacks: one stands in another only if it began and ended
 * in it, deeper. So each has room for its own name. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { CALLERS_DEEPEST = 24, CALLERS_MOST = 24 }; /* beyond, no box would be high enough to see */

struct callers {
	struct {
		int64_t until[CALLERS_DEEPEST]; /* µs: when the open call at each depth ends */
		int top;                        /* the deepest that is open; -1: none is */
		uint32_t shown;                 /* a bit for each level at which a call is */
	} stacks[CALLERS_MOST];
	int n;
};

/* Which stack a call stands in, given in the order of their beginnings and depths; of `level` from
 * 0, under CALLERS_DEEPEST. -1: in none, there are too many. Empty: {0}. */
int callers_place(struct callers *callers, int64_t from, int64_t to, int level);

/* That a call of that level of a stack is shown. */
void callers_show(struct callers *callers, int stack, int level);

/* At which level it is then, of all stacks under each other, without those that show nothing. */
int callers_level(const struct callers *callers, int stack, int level);
