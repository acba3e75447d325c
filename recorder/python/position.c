#include "recorder/python/position.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/python/anchors.h"
#include "recorder/python/callers.h"
#include "share/growth/origin.h"

struct positions {
	struct loops loops;
	struct callers callers;
	bool guessed;      /* callers, since that was asked last */
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

bool positions_wonder(struct positions *positions)
{
	bool guessed = positions && positions->guessed;
	if (guessed)
		positions->guessed = false;
	return guessed;
}

void positions_note(struct positions *positions, const struct codes *codes,
		    const struct fault *fault, const struct stack *seen)
{
	callers_note(&positions->callers, codes, fault, seen);
}

static bool has_users(const struct stack *stack)
{
	for (size_t i = 0; i < stack->n; i++)
		if (origin_of(stack->places[i].code->file) == ORIGIN_USERS)
			return true;
	return false;
}

static bool is_users(const struct stack *stack)
{
	return stack->n > 0 && origin_of(stack->places[0].code->file) == ORIGIN_USERS;
}

static enum position_known judge(const struct anchors *anchors, enum callers_known known,
				 const struct stack *seen, const struct stack *stack)
{
	if (anchors->all[0].guessed)
		return seen->n > 0 || has_users(stack) ? POSITION_LATE : POSITION_NONE;
	if (known == CALLERS_HOLD)
		return POSITION_EXACT;
	if (is_users(stack))
		return POSITION_INNERMOST; /* whoever called */
	/* Whose it was is not known where the user's code may stand further out. */
	if (seen->n == 0 && !has_users(stack))
		return POSITION_NONE;
	return known == CALLERS_LIKELY ? POSITION_INNERMOST : POSITION_LATE;
}

static bool has_file(const struct stack *stack, const char *file)
{
	for (size_t i = 0; i < stack->n; i++)
		if (strcmp(stack->places[i].code->file, file) == 0)
			return true;
	return false;
}

/* Of a stack that could not be read: as it was seen last, where what is known leads to that, or it
 * was in the same file's calls. */
static enum position_known judge_last(const struct anchors *anchors, enum callers_known known,
				      const struct stack *last, const struct stack *stack)
{
	const struct anchor *innermost = &anchors->all[0];
	if (is_users(stack))
		return innermost->guessed ? POSITION_LATE : POSITION_INNERMOST;
	if (innermost->guessed)
		return POSITION_NONE;
	if (known != CALLERS_GUESSED)
		return POSITION_INNERMOST;
	return has_file(last, innermost->code->file) ? POSITION_LATE : POSITION_NONE;
}

/* Of a stack as it was seen last: what had run for longer by then is taken to have gone on. */
static void keep_lasting(const struct callers *callers, struct stack *stack)
{
	size_t from = callers_lasting(callers, stack);
	stack->n -= from;
	memmove(stack->places, stack->places + from, stack->n * sizeof *stack->places);
	stack->n = has_users(stack) ? stack->n : 0;
}

enum position_known position_find(struct positions *positions, const struct runtime *runtime,
				  struct codes *codes, const struct fault *fault,
				  const struct stack *seen, struct stack *stack)
{
	struct anchors anchors;
	const struct stack *last =
		seen->lost ? callers_last(&positions->callers, codes, fault) : NULL;
	stack_copy(&positions->seen, last ? last : seen);
	seen = &positions->seen;
	stack_copy(stack, seen);
	if (!last)
		callers_note(&positions->callers, codes, fault, seen);
	anchors_find(&positions->loops, runtime, codes, fault, seen, &anchors);
	if (anchors.n == 0 && anchors.whole)
		stack->n = 0;
	else if (last)
		keep_lasting(&positions->callers, stack);
	if (anchors.n == 0 || !anchors.all[0].code)
		return stack->n > 0 ? POSITION_LATE : POSITION_NONE;
	enum callers_known known =
		callers_join(&positions->callers, runtime, codes, &anchors, seen, stack);
	positions->guessed |= known == CALLERS_GUESSED && !last;
	return last ? judge_last(&anchors, known, seen, stack)
		    : judge(&anchors, known, seen, stack);
}
