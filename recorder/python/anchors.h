/* Where each of the bytecode loops on a copied stack stood at the moment of the copy: exact places,
 * between which Python's calls may lie that need no loop of their own (from 3.11 on). */
#pragma once

#include "recorder/python/bytecodes.h"
#include "recorder/python/slots.h"
#include "recorder/python/stack.h"

enum { ANCHORS_MOST = 64 };

struct anchor {
	const struct code *code; /* NULL: not known */
	int line;
	uint64_t frame; /* of Python, its address; 0: not known */
	bool guessed;   /* others are possible; it is the likeliest */
};

struct anchors {
	struct anchor all[ANCHORS_MOST]; /* innermost first */
	size_t n;
	bool whole; /* the way up ended where the thread begins */
};

struct loops { /* what was learned of one process' interpreter */
	struct unwinder unwinder;
	struct slots slots;
	struct bytecodes bytecodes;
};

/* `seen` is the thread's stack by now. n is 0 where the fault was taken by a thread that runs no
 * Python; the innermost anchor's code is NULL where it runs some that was not found. */
void anchors_find(struct loops *loops, const struct runtime *runtime, struct codes *codes,
		  const struct fault *fault, const struct stack *seen, struct anchors *anchors);

void loops_forget(struct loops *loops);
