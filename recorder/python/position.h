/* Where the Python of a thread stood at the very moment of a page fault: CPython's pointer into the
 * bytecode that runs lies in the registers or on the stack that the kernel copied. */
#pragma once

#include "recorder/python/stack.h"
#include "recorder/tree/fault.h"

struct positions; /* what was learned of the interpreter of one process, and its code objects */

struct positions *positions_new(void);            /* NULL: no memory */
void positions_free(struct positions *positions); /* NULL is accepted */

/* Code was mapped there: what lay there before is no more. Where the process is being read, it must
 * wait. */
void positions_mapped(struct positions *positions, uint64_t low, uint64_t high);

enum position_known {
	POSITION_NONE,      /* that thread runs no Python, or it was not found */
	POSITION_LATE,      /* not found: the stack is as it was read just now */
	POSITION_INNERMOST, /* the innermost line is exact, its callers are likely */
	POSITION_EXACT,     /* callers and all, as far as that can be known */
};

/* The stack of the fault, from what the kernel copied and from `seen`, which is that thread's stack
 * as it was read just now (n is 0 where there is none). `stack` may be `seen`. Reads the process'
 * memory, so it is to be called where foreign memory may be read (reader.h). */
enum position_known position_find(struct positions *positions, const struct runtime *runtime,
				  struct codes *codes, const struct fault *fault,
				  const struct stack *seen, struct stack *stack);

/* Were callers guessed since this was asked last? How soon after a fault a stack is read hardly
 * varies: what is over by then is so each time, until stacks of other moments are noted as well. */
bool positions_wonder(struct positions *positions);
void positions_note(struct positions *positions, const struct codes *codes,
		    const struct fault *fault, const struct stack *seen);
