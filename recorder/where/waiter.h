/* Whose work a thread does that has no code of the user's: that of the line which waits for it, as
 * one does that handed a library's function to a pool. */
#pragma once

#include <stdbool.h>

#include "recorder/python/stack.h"
#include "recorder/where/grower.h"

/* The line that waits just now, found once for all stacks that are read at a time: {0} begins it
 * anew, and so it must wherever codes_trim was called. */
struct waiter {
	bool asked;
	size_t n; /* of its frames; 0: none waits, or it is not known which one */
	struct place places[STACK_MOST];
};

/* Where nothing in the stack is the user's, the calls of the thread that waits go behind it, parted
 * by a frame that says so. Where none does, or the main thread is the one, nothing changes. */
void waiter_join(struct waiter *waiter, struct grower *grower, pid_t thread, struct stack *stack);
