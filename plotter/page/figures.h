/* The figures that a page begins with: at most six, each with how it is known. */
#pragma once

#include <stdio.h>

struct profile;
struct why;

void figures_put(FILE *out, const struct profile *profile, const struct why *why);
