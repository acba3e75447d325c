/* Nodes whose clock does not go with the others'. */
#pragma once

#include "share/fleet/fleet.h"

struct fleet_clock {
	const char *node; /* the fleet's */
	int64_t ahead;    /* µs: its ranks began so much later than those of most nodes; below 0:
			     earlier */
	bool ends;  /* and ended so, too: it is the clock; else they may have been started then */
	bool apart; /* by more than the recordings are long: nothing of it lies over the others */
};

struct fleet_clocks {
	struct fleet_clock *all; /* the farthest off first */
	size_t n;
	size_t unsynchronised;  /* nodes whose kernel says that its clock follows nobody */
	const char *first;      /* of those one */
	size_t moved, all_told; /* recordings whose clock moved meanwhile, of so many */
	const char *mover;      /* the node of that which moved most; NULL: not told */
	int64_t most;           /* µs: by how much; below 0: back */
};

/* Of ranks of one step of one job, which begin together; of others nothing is told but who is
 * unsynchronised. Tells of nodes that are off by 10 s or more while half or more began within 2 s
 * of each other. 0 or -ENOMEM. */
int fleet_clocks_make(struct fleet_clocks *clocks, const struct fleet *fleet);
void fleet_clocks_free(struct fleet_clocks *clocks);

/* Is it the clock, for all that is known? Who only begins late may have been started then, if it
 * lived beside the others at all. */
bool fleet_clock_is_off(const struct fleet_clock *clock);

/* µs by which a node's clock is ahead of most others', where it is off; NULL: nobody's. */
int64_t fleet_clocks_ahead(const struct fleet_clocks *clocks, const char *node);

enum { FLEET_CLOCK_SENTENCE = 512 };

/* "the clock of n3 is 120 s ahead of the others': its ranks begin and end so much later". */
char *fleet_clock_say(char out[FLEET_CLOCK_SENTENCE], const struct fleet_clock *clock);

/* Is it more than a second, or than the samples span? µs. */
bool fleet_clock_moved(int64_t moved, int64_t span);

/* "in 2 of 16 recordings the wall clock moved meanwhile, on n3 forward by 120 s: …"; of `moved`
 * above 0. */
char *fleet_clocks_say_moved(char out[FLEET_CLOCK_SENTENCE], const struct fleet_clocks *clocks);
