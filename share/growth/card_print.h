/* Of each process that a GPU failed in the last moments, what card.h tells: as text, as JSON. */
#pragma once

#include <stdio.h>

#include "share/growth/card_facts.h"

/* A paragraph for each, the decisive one first; nothing where none failed. `start`: the zero of
 * moments, µs. 0 or -ENOMEM. */
int card_print(FILE *out, const struct profile *profile, const struct growth *growth,
	       int64_t start);

/* A table of what held the cards, with a column for each of those that have a bill, as many as go
 * side by side. */
void card_print_bills(FILE *out, const struct profile *profile, int64_t start, const char *indent);

/* An array of objects, whose bills have the rows of that table; null where none failed. 0 or
 * -ENOMEM. */
int card_print_json(FILE *out, const struct profile *profile, const struct growth *growth,
		    int64_t start);
