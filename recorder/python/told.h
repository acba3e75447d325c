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
	unsigned
		round; /* so often numbers have begun anew: those of before mean nothing any more */
};

/* The number of the stack's innermost frame, after its callers' have been written; with `short`,
 * only that and the nearest that is the user's own are told. 0: of an empty stack, or no memory. */
uint64_t told_stack(struct told *told, struct profile_writer *writer, const struct stack *stack,
		    bool is_short);

/* Before the outermost frame of a stack that is told frame by frame: where there is no room for it,
 * numbers begin anew. */
void told_make_room(struct told *told);

/* The number of one frame, as of any program: `line` 0 is the file itself. `caller`: there is no
 * room for it. */
uint64_t told_frame(struct told *told, struct profile_writer *writer, uint64_t caller,
		    const char *path, int line, const char *function);
void told_free(struct told *told);
