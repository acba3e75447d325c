/* Who called what ran at a page fault: put together from the exact places on the copied stack, from
 * the stack as it was read a little later, and from what was seen to call what before. */
#pragma once

#include "recorder/python/anchors.h"

enum { CALLERS_KNOWN = 1024, CALLERS_LINES = 3 };

struct callers { /* by a hash of the code that is called */
	struct caller {
		const struct code *code, *by; /* of codes, until those are forgotten */
		struct {
			int line;
			unsigned times;
		} lines[CALLERS_LINES]; /* where that one calls it, and how often that was seen */
		uint64_t frame;         /* of the called, when it was seen */
	} * all;
	unsigned forgotten; /* the codes' count of that, to which all of this belongs */
	struct callers_seen {
		pid_t thread; /* 0: none */
		int64_t at;   /* monotonic ns: of the last fault before it was read */
		struct stack stack;
	} last, before; /* of stacks that were noted, and differ */
};

/* The callers that a stack shows, which was read after that fault, for later. */
void callers_note(struct callers *callers, const struct codes *codes, const struct fault *fault,
		  const struct stack *seen);

/* The stack of that fault's thread as it was noted shortly before; NULL: it was not. */
const struct stack *callers_last(const struct callers *callers, const struct codes *codes,
				 const struct fault *fault);

/* The innermost of its places, the last stack's, that has run for longer, as the one before shows;
 * seen->n: none is known to. */
size_t callers_lasting(const struct callers *callers, const struct stack *seen);

enum callers_known {
	CALLERS_GUESSED, /* nobody was ever seen to call so: they are as they stood a moment later
			  */
	CALLERS_LIKELY,
	CALLERS_HOLD, /* all, as far as that can be known */
};

/* The stack of the fault, of anchors whose innermost code is known. `stack` is not `seen`. Who is
 * found to have called whom by the frames that are left of them is noted too. */
enum callers_known callers_join(struct callers *callers, const struct runtime *runtime,
				struct codes *codes, const struct anchors *anchors,
				const struct stack *seen, struct stack *stack);

void callers_forget(struct callers *callers);
