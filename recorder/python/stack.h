/* The stack of a Python thread in another process, which runs on meanwhile. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/python/code.h"
#include "recorder/python/runtime.h"

enum { STACK_MOST = 256 };

struct place {
	const struct code *code;
	int line;       /* 0: of stack_gap alone */
	uint64_t frame; /* of Python, its address; 0: not known */
};

/* Stands for frames that are left out: of thousands, the innermost and the outermost are told, and
 * between them the nearest that are the user's own. Nobody's: its file is STACK_GAP. */
#define STACK_GAP "<left out>"
extern const struct code stack_gap;

struct stack {
	struct place places[STACK_MOST]; /* innermost first */
	size_t n;
	bool lost;  /* it could not be read: it moves, or has ended */
	bool rests; /* the thread slept when it was read: it had been elsewhere before */
	bool cut;   /* there are more outside of the outermost */
};

void stack_copy(struct stack *to, const struct stack *from);

/* A frame by itself, though it may have ended: what is left of it. */
struct stack_frame {
	uint64_t code, instruction; /* as that version keeps it */
	uint64_t back;              /* the caller's */
	bool is_own;                /* the interpreter's own, not of any code */
	bool is_copy;               /* it runs a copy of the bytecode */
};
bool stack_look(const struct runtime *runtime, uint64_t frame, struct stack_frame *found);

/* How many bytes a frame of that code takes where they lie one behind the other (from 3.11 on); 0:
 * not known. */
uint64_t stack_frame_bytes(const struct runtime *runtime, uint64_t code);

/* The line at which it stands, or did; where that is not known, the first of its code. */
int stack_line(const struct runtime *runtime, const struct code *code,
	       const struct stack_frame *frame);

/* 0, and n too where it runs no code of Python just now, as while it compiles; -EAGAIN: what was
 * read does not hold together, or has changed meanwhile; -ESRCH: nothing can be read. The codes
 * live until codes_trim. */
int stack_read(const struct runtime *runtime, struct codes *codes, uint64_t thread,
	       struct stack *stack);
