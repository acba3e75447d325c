/* Which code object an address within running bytecode belongs to: what was met before, by the
 * place of its bytecode. */
#pragma once

#include <stdbool.h>

#include "recorder/python/stack.h"

struct bytecode {
	uint64_t low, high; /* addresses of the bytecode */
	uint64_t code;      /* of its code object */
	uint64_t keys[CODE_KEYS];
	uint64_t frame; /* in which it was seen to run each time; 0: in none, or in several */
	bool ran;       /* in one, at least */
};

struct bytecodes {
	struct bytecode *all; /* by address; none overlaps another */
	size_t n;
	uint64_t *noted; /* addresses of code objects that were added, by a hash; NULL: none */
};

/* The one that has `address` behind its first byte, where no pointer to the next instruction ever
 * is, or NULL; valid until the next addition. */
const struct bytecode *bytecodes_find(const struct bytecodes *bytecodes, uint64_t address);

/* Notes a code object that was read, and from 3.11 on the frame in which it ran; nearly free of
 * cost where it is known. */
void bytecodes_note(struct bytecodes *bytecodes, const struct runtime *runtime,
		    const struct codes *codes, const struct place *place);

/* Notes those of `n` (at most 64) addresses at which there are code objects, once `codes` knows
 * what those look like. */
void bytecodes_add(struct bytecodes *bytecodes, const struct runtime *runtime,
		   const struct codes *codes, const uint64_t *at, size_t n);

/* Looks for the code object whose bytecode has `address`, where that is a part of it (from 3.11
 * on): true when it was found, and noted. */
bool bytecodes_search(struct bytecodes *bytecodes, const struct runtime *runtime,
		      const struct codes *codes, uint64_t address);

/* The code object that it was, if it still is; else NULL. */
const struct code *bytecodes_code(const struct runtime *runtime, struct codes *codes,
				  const struct bytecode *bytecode);

void bytecodes_forget(struct bytecodes *bytecodes);
