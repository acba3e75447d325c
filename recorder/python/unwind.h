/* The way up a thread's stack, from what the kernel copied of it: registers and the innermost part
 * of the stack, by the unwinding tables of the files that are mapped there. */
#pragma once

#include <stdbool.h>

#include "recorder/python/cfi.h"
#include "recorder/python/images.h"
#include "recorder/tree/fault.h"

enum { UNWIND_ROWS = 4096, UNWIND_SLOTS = 8192 };

struct unwinder {
	struct images images;
	struct unwind_row {
		uint64_t address; /* of the process */
		uint64_t shift;
		uint64_t evaluates;
		bool found; /* by the tables: else there is none */
		struct cfi_row row;
	} * rows; /* that were looked for before */
	size_t n;
	uint16_t *slots; /* by a hash of the address: which row, counted from 1; NULL: none yet */
	unsigned changed, read; /* of the images, when the rows were found */
};

/* A function that is running, or waits for what it called. */
struct unwound {
	uint64_t registers[FAULT_REGISTERS];
	uint64_t known; /* a bit for each register that is known: those that a called function
			   gives back as they were; of the innermost all */
	uint64_t base;  /* the canonical frame address: behind its part of the stack; 0: unknown */
	bool innermost; /* it runs: its counter stands at an instruction, not behind a call */
	bool evaluates; /* it is CPython's bytecode loop */
	uint64_t place; /* of its counter, from the function's beginning; bytes */
};

/* Where the copied stack begins: the innermost function. false: not told. */
bool unwind_begin(const struct fault *fault, struct unwound *at);

/* What there is to know of this function; false: nobody knows. */
bool unwind_look(struct unwinder *unwinder, struct unwound *at);

/* On to the caller of one that was looked at; false: the copy ends here. */
bool unwind_up(struct unwinder *unwinder, const struct fault *fault, struct unwound *at);

/* The word of the copied stack at `address`; false: it was not copied. */
bool unwind_word(const struct fault *fault, uint64_t address, uint64_t *word);

/* Something was mapped there to be executed. */
void unwind_mapped(struct unwinder *unwinder, uint64_t low, uint64_t high);

void unwind_forget(struct unwinder *unwinder);
