/* "outermost;…;innermost KiB", a stack a line: what flame-graph tools read. */
#pragma once

#include <stdio.h>

#include "share/growth/table.h"

struct folded {
	const struct growth *growth;
	enum growth_by by;
	const char *root;       /* before each stack; NULL: nothing */
	const int64_t *figures; /* umib, by frame of the growth; lines are of those above 0 */
};

void folded_put(FILE *out, const struct folded *folded);
