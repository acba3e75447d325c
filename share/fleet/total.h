/* What all members held together, in stretches of time: of each member the highest in a stretch,
 * added up. They need not have stood so at once. */
#pragma once

#include "share/fleet/fleet.h"

struct total {
	int64_t from, width; /* µs */
	size_t n;
	int64_t *sums; /* umib; -1: nobody lived then */
};

/* 0 or -ENOMEM. */
int total_open(struct total *total, int64_t from, int64_t to, size_t stretches);

/* A member's points, sorted by time, and when it was seen last. Where a stretch has none, what it
 * held last stands. */
void total_add(struct total *total, const struct fleet_point *points, size_t n, int64_t last);

/* The highest sum; us: the beginning of its stretch. umib -1: nobody ever lived. */
struct sample total_peak(const struct total *total);
void total_close(struct total *total);
