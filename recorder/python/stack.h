/* The stack of a Python thread in another process, which runs on meanwhile. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/python/code.h"
#include "recorder/python/runtime.h"

enum { STACK_MOST = 256 };

struct place {
	const struct code *code;
	int line; /* 0: of stack_gap alone */
};

/* Stands for frames that are left out: of thousands, the innermost and the outermost are told, and
 * between them the nearest that are the user's own. Nobody's: its file is STACK_GAP. */
#define STACK_GAP "<left out>"
extern const struct code stack_gap;

struct stack {
	struct place places[STACK_MOST]; /* innermost first */
	size_t n;
	bool cut; /* there are more outside of the outermost */
};

/* 0; -EAGAIN: what was read does not hold together, or has changed meanwhile; -ESRCH: nothing can
 * be read. The codes live until codes_trim. */
int stack_read(const struct runtime *runtime, struct codes *codes, uint64_t thread,
	       struct stack *stack);
