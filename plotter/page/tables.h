/* What stands under a page's picture: where it grew, who holds it, its phases, what it consisted
 * of, the children. Each is a table, and there only where the recording tells of it. */
#pragma once

#include <stdio.h>

#include "share/growth/growth.h"

struct profile;

/* 0 or -ENOMEM. */
int tables_put(FILE *out, const struct profile *profile, growth_own own);
