/* What a row of floors looks like most: a line, two lines that meet, or a few levels. By least
 * squares, and of shapes that need more figures the more is asked (Schwarz, “Estimating the
 * dimension of a model”, 1978). Pure. */
#pragma once

#include <stddef.h>

#include "share/growth/floors.h"

enum { SHAPE_STEPS = 4 };

struct shape {
	double alike; /* how much what is left of a floor, by the lines, tells of the next: -1 to 1
		       */
	size_t bend;  /* not 0: two lines, which meet at this floor */
	unsigned steps;             /* not 0: levels, so many of them but one; neither: a line */
	size_t before[SHAPE_STEPS]; /* each step's: the last floor before it, in their order */
};

/* `noise`: MiB that floors differ by and that mean nothing. */
struct shape shape_of(const struct floors *floors, double noise);
