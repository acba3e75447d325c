/* The stack of a pickle while it is read. */
#pragma once

#include <errno.h>

#include "share/snapshot/memo.h"
#include "share/snapshot/pickle.h"

/* Deeper or wider than any snapshot: Python's own pickler puts down 1000 items at a time, torch's
 * puts down whole lists. */
enum { STACK_MOST = 1 << 20, STACK_MARKS = 256 };

struct stack {
	struct pickle_value *values; /* owned */
	size_t n, room;
	uint32_t marks[STACK_MARKS]; /* `n` at each, rising */
	size_t n_marks;
	struct memo memo;
};

void stack_free(struct stack *stack);

/* The values since the last mark, or all. */
static inline size_t stack_base(const struct stack *stack)
{
	return stack->n_marks ? stack->marks[stack->n_marks - 1] : 0;
}

int stack_make_room(struct stack *stack); /* 0, -ENOMEM or -E2BIG */

static inline int stack_push(struct stack *stack, struct pickle_value value) /* as above */
{
	int r = stack->n < stack->room ? 0 : stack_make_room(stack);
	if (r == 0)
		stack->values[stack->n++] = value;
	return r;
}

int stack_mark(struct stack *stack); /* 0 or -E2BIG */

/* Puts the uppermost value, of which there is one, into the memo. As memo_put. */
int stack_memoize(struct stack *stack, uint32_t number);

/* A cell of the memo: the number, four bits of role, two bits of kind. What has no number has none
 * to keep. */
enum { STACK_KIND_BITS = 2, STACK_ROLE_BITS = 4 };

static inline struct pickle_value stack_value_of(uint32_t cell)
{
	return (struct pickle_value){
		.kind = cell & ((1 << STACK_KIND_BITS) - 1),
		.role = cell >> STACK_KIND_BITS & ((1 << STACK_ROLE_BITS) - 1),
		.filled = true,
		.number = cell >> (STACK_KIND_BITS + STACK_ROLE_BITS),
	};
}

static inline int stack_recall(struct stack *stack, uint32_t number) /* -EPROTO: it is not there */
{
	if (number >= stack->memo.n)
		return -EPROTO;
	return stack_push(stack, stack_value_of(memo_at(&stack->memo, number)));
}

/* Its number has changed: so does what the memo has of it. */
int stack_settle(struct stack *stack, const struct pickle_value *value);

/* A dict or list that begins now, or a text: where does it stand? Each is asked of `role` until one
 * is of interest; the role. */
int stack_role(const struct stack *stack, enum pickle_kind kind, const struct pickle_use *use,
	       void *context);
struct pickle_place stack_place_of_text(const struct stack *stack);
