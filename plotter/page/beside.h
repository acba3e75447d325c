/* Several recordings of a page beside each other: a row for each. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct profile;

/* 0 or -ENOMEM. */
int beside_put(FILE *out, const struct profile *const profiles[], size_t n);
