/* Many recordings as a table: whose they are, what they held, how they ended. */
#pragma once

#include <stdio.h>

struct fleet;

/* Those that held most first; of very many the first ones, and how many more there are. 0 or
 * -ENOMEM. */
int members_put(FILE *out, const struct fleet *fleet);
