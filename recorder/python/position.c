#include "recorder/python/position.h"

#include <stdlib.h>

#include "recorder/python/anchors.h"
#include "recorder/python/callers.h"
#include "share/growth/origin.h"

struct positions {
	struct loops loops;
	struct callers callers;
	struct stack seen; /* a copy, while its place is used for what is found */
};

struct positions *positions_new(void)
{
	return calloc(1, sizeof(struct positions));
}

void positions_free(struct positions *positions)
{
	if (!positions)
		return;
	loops_forget(&positions->loops);
	callers_forget(&positions->callers);
	free(positions);
}

void positions_mapped(struct positions *positions, uint64_t low, uint64_t high)
{
	if (positions)
		unwind_mapped(&positions->loops.unwinder, low, high);
}

static void copy_stack(struct stack *to, const struct stack *from)
{
	to->n = from->n;
	to->cut = from->cut;
	to->rests = from->rests;
	for (size_t i = 0; i < from->n; i++)
		to->places[i] = from->places[i];
}

static bool has_users(const struct stack *stack)
{
	for (size_t i = 0; i < stack->n; i++)
		if (origin_of(stack->places[i].code->file) == ORIGIN_USERS)
			return true;
	return false;
}

enum position_known position_find(struct positions *positions, const struct runtime *runtime,
				  struct codes *codes, const struct fault *fault,
				  const struct stack *seen, struct stack *stack)
{
	struct anchors anchors;
	copy_stack(&positions->seen, seen);
	if (stack != seen)
		copy_stack(stack, seen);
	seen = &positions->seen;
	callers_note(&positions->callers, codes, seen);
	anchors_find(&positions->loops, runtime, codes, fault, seen, &anchors);
	if (anchors.n == 0 && anchors.whole)
		stack->n = 0;
	if (anchors.n == 0 || !anchors.all[0].code)
		return stack->n > 0 ? POSITION_LATE : POSITION_NONE;
	enum callers_known known =
		callers_join(&positions->callers, runtime, codes, &anchors, seen, stack);
	bool guessed = anchors.all[0].guessed;
	if (guessed)
		return seen->n > 0 || has_users(stack) ? POSITION_LATE : POSITION_NONE;
	if (known == CALLERS_HOLD)
		return POSITION_EXACT;
	if (stack->n > 0 && origin_of(stack->places[0].code->file) == ORIGIN_USERS)
		return POSITION_INNERMOST; /* whoever called */
	/* Whose it was is not known where the user's code may stand further out. */
	if (seen->n == 0 && !has_users(stack))
		return POSITION_NONE;
	return known == CALLERS_LIKELY ? POSITION_INNERMOST : POSITION_LATE;
}
