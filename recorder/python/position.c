#include "recorder/python/position.h"

#include <stdlib.h>

#include "recorder/python/anchors.h"

struct positions {
	struct loops loops;
};

struct positions *positions_new(void)
{
	return calloc(1, sizeof(struct positions));
}

void positions_free(struct positions *positions)
{
	if (positions)
		loops_forget(&positions->loops);
	free(positions);
}

enum position_known position_find(struct positions *positions, const struct runtime *runtime,
				  struct codes *codes, const struct fault *fault,
				  const struct stack *seen, struct stack *stack)
{
	struct anchors anchors;
	anchors_find(&positions->loops, runtime, codes, fault, seen, &anchors);
	if (stack != seen)
		*stack = *seen;
	if (anchors.n == 0 && anchors.whole)
		stack->n = 0;
	if (anchors.n == 0 || !anchors.all[0].code)
		return stack->n > 0 ? POSITION_LATE : POSITION_NONE;
	stack->places[0] = (struct place){ anchors.all[0].code, anchors.all[0].line };
	stack->n = stack->n ? stack->n : 1;
	return POSITION_INNERMOST;
}
