/* The functions whose calls a recording tells of, as a table. */
#pragma once

#include <stdio.h>

struct profile;

/* 0 or -ENOMEM. */
int calls_put(FILE *out, const struct profile *profile);
