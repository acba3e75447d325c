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
	unsigned forgotten; /* the codes' count of that, to which these belong */
};

/* The callers that a stack shows, for later. */
void callers_note(struct callers *callers, const struct codes *codes, const struct stack *seen);

enum callers_known {
	CALLERS_GUESSED, /* nobody was ever seen to call so: they are as they stood a moment later
			  */
	CALLERS_LIKELY,
	CALLERS_HOLD, /* all, as far as that can be known */
};

/* The stack of the fault, of anchors whose innermost code is known. `stack` is not `seen`. */
enum callers_known callers_join(const struct callers *callers, const struct runtime *runtime,
				struct codes *codes, const struct anchors *anchors,
				const struct stack *seen, struct stack *stack);

void callers_forget(struct callers *callers);
