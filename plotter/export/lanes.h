/* Calls as stacks: each lane holds calls that stand in each other or beside each other, never half
 * and half. Those of several threads need several lanes. */
#pragma once

#include "plotter/export/export.h"

struct lane_call {
	struct sample from, to; /* inside the window; of one never seen to end, `to` is the run's
				   end and its figure PROFILE_UNTOLD */
	size_t function;        /* index into the profile's */
	size_t lane;
	bool open; /* it was never seen to end */
};

struct lanes {
	struct lane_call *calls; /* by lane, then as they began; the outer of two first */
	size_t n, n_lanes;
};

/* 0 or -ENOMEM; upon both it is to be freed. */
int lanes_make(struct lanes *lanes, const struct export *export);

/* The beginnings and ends of the calls of a lane, in order of time, the inner within the outer.
 * 0, -ENOMEM, or what `each` returned. */
int lanes_each(const struct lanes *lanes, size_t lane,
	       int (*each)(void *context, const struct lane_call *call, bool begins),
	       void *context);
void lanes_free(struct lanes *lanes);
