/* From a call to its caller, on a copy of the stack. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/native/rules.h"
#include "recorder/tree/fault.h"

struct thread_state {
	uint64_t registers[FAULT_REGISTERS];
	const uint8_t *stack; /* from `bottom` up */
	uint64_t bottom;
	size_t n_stack; /* bytes */
	bool called;    /* the instruction pointer is where a call returns to */
};

/* `row` is what is known of where it stands; NULL: nothing, and it is taken for a function that has
 * a frame pointer. false: there is no caller, or it is not to be found. */
bool unwind_step(struct thread_state *thread, const struct row *row);
