/* Clocks that others go by, or that were set while it was recorded. */
#pragma once

#include <stdbool.h>

#include "share/fleet/clocks.h"
#include "share/why/why.h"

struct why_clocks { /* of the ranks of what merge wrote; of another recording there is nothing */
	struct fleet fleet; /* a member for each of the profile's ranks, in its order */
	struct fleet_clocks clocks;
	bool off; /* one is, for all that is known: what all held together was not held at once */
};

/* 0 or -ENOMEM. */
int why_clocks_open(struct why_clocks *clocks, const struct profile *profile);
void why_clocks_close(struct why_clocks *clocks);

/* µs by which the clock of the profile's rank number `i`, from 0, is ahead of most others'. */
int64_t why_clock_ahead(const struct why_clocks *clocks, size_t i);

/* False: there is nothing to say of it. */
bool why_say_clocks(const struct why *why, struct why_statement *s);

/* It was set by more than a second, or than the recording is long; false: it was not. */
bool why_say_clock(const struct why *why, struct why_statement *s);
