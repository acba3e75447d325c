/* Lines that grew in several ranks, by what of that was held at the peak of each: of one program
 * they are alike, as a rule. */
#pragma once

#include "share/fleet/fleet.h"

struct fleet_line {
	const struct fleet_grown *grown; /* of the rank where it grew most */
	size_t most;                     /* that member's index */
	size_t ranks;                    /* in so many it is told, as one of their largest */
	int64_t umib;                    /* in all of them */
	int64_t usual; /* umib: the median of all ranks that tell of their growth */
};

struct fleet_lines {
	struct fleet_line *all; /* where one rank is farthest above the others comes first */
	size_t n;
	size_t telling; /* members that tell of any line */
};

/* 0 or -ENOMEM. */
int fleet_lines_make(struct fleet_lines *lines, const struct fleet *fleet);
void fleet_lines_free(struct fleet_lines *lines);
