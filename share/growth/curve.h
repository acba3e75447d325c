/* A curve as a trend is looked for in it: what a series keeps of its samples, in the order of their
 * time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "share/profile/columns.h"

struct curve_point {
	double at;        /* seconds from the recording's start; rising */
	double low, mean; /* MiB, of a column of samples, or of one */
};

struct curve {
	struct curve_point *points;
	size_t n;
};

/* Each 0 or -ENOMEM, upon which the curve is empty. */

/* `start`: µs, the zero of its time. */
int curve_of_columns(struct curve *curve, const struct columns *columns, int64_t start);

/* What the children of that name held together. They come and go; each holds what it last did. */
struct profile;
int curve_of_role(struct curve *curve, const struct profile *profile, const char *name);

/* What a sampled heap held, all of it, whenever the memory was looked at; and the standard error of
 * how much of that it grew by, in MiB, behind the warm-up. */
int curve_of_heap(struct curve *curve, const struct profile *profile);
double curve_heap_error(const struct profile *profile);

void curve_free(struct curve *curve);
