/* A recording's growth in a few intervals, so that one sees what a program was about. */
#pragma once

#include <stddef.h>

#include "share/growth/growth.h"

struct growth_phase {
	size_t first, end;  /* steps; the same: nothing happened */
	int64_t from, to;   /* µs */
	int64_t net, grew;  /* umib */
	int64_t ended;      /* umib, 0 or below: of the net, what processes held that ended */
	int64_t begun;      /* umib: of the net, what children held at their birth */
	int64_t held, most; /* umib, of all processes: at the end; at most */
};

enum {
	GROWTH_PHASES = 12
}; /* that there can be of steps; as many pauses lie between them, and one
      behind */

/* Steps that follow one another belong together when one function of the user's grew, or released;
 * what is small against the peak goes with its neighbour, until few are left. A long time without a
 * step is a phase of its own. `until`: µs, the recording's end. Returns how many, or -ENOMEM. */
int growth_phases(const struct growth *growth, int64_t until,
		  struct growth_phase phases[2 * GROWTH_PHASES + 1]);
