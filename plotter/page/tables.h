/* What stands under a page's picture: where it grew, who holds it, its phases, what it consisted
 * of, the children. Each is a table, and there only where the recording tells of it. */
#pragma once

#include <stdio.h>

#include "share/growth/growth.h"

struct profile;

/* `zero`: of the picture's axis, µs, to which rows lead; what they say is from the recording's own
 * start. 0 or -ENOMEM. */
int tables_put(FILE *out, const struct profile *profile, int64_t zero, growth_own own);
