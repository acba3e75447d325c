#include "recorder/python/position.h"

#include <stdlib.h>

struct positions {
	int none;
};

struct positions *positions_new(void)
{
	return calloc(1, sizeof(struct positions));
}

void positions_free(struct positions *positions)
{
	free(positions);
}

enum position_known position_find(struct positions *positions, const struct runtime *runtime,
				  struct codes *codes, const struct fault *fault,
				  const struct stack *seen, struct stack *stack)
{
	(void)positions;
	(void)runtime;
	(void)codes;
	(void)fault;
	if (stack != seen)
		*stack = *seen;
	return stack->n > 0 ? POSITION_LATE : POSITION_NONE;
}
