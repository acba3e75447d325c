/* What a recording has told of files and frames so far: PATH and FRAME records are written when
 * they are first needed, and have numbers from then on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/stack.h"
#include "share/names.h"
#include "share/profile/profile.h"

struct told {
	struct names paths, frames; /* index + 1 is the number in the file */
};

/* The number of the stack's innermost frame, after its callers' have been written; with `short`,
 * only that and the nearest that is the user's own are told. 0: of an empty stack, or no memory. */
uint64_t told_stack(struct told *told, struct profile_writer *writer, const struct stack *stack,
		    bool is_short);
void told_free(struct told *told);
