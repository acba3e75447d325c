/* How several recordings lie over each other: what moment of each stands where on the one axis. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/command.h"

struct profile;

enum align_by {
	ALIGN_USUAL, /* nobody said: each from its own start; many of one job by the clock */
	ALIGN_START, /* each from its own */
	ALIGN_CLOCK, /* as it was, from the start of the first on */
	ALIGN_MARK,  /* so that the first marks of that name meet */
};

struct align {
	enum align_by by;
	const char *mark;
};

extern const struct option_type option_align; /* struct align */

/* Can it be laid there? Each has a start; not each has the mark. */
bool align_can(const struct align *align, const struct profile *profile);

/* Recordings as they lie on the axis: copies whose zero has moved, which borrow all else. */
struct aligned {
	struct profile *copies;
	const struct profile **profiles; /* to them */
	size_t n;
	const char *how;     /* of several: "aligned at a mark"; NULL: each from its own start */
	const char *meeting; /* the mark at which they meet, at `meets` seconds; NULL: none */
	double meets;
};

/* Of such that align_can has said yes to, which must outlive it. 0 or -ENOMEM. */
int align_make(struct aligned *aligned, const struct align *align,
	       const struct profile *const profiles[], size_t n);

/* What of those that were read whole lies between two moments of the axis, seconds: the peaks are
 * then of that, and one of which nothing does has no samples. 0 or -ENOMEM. */
int align_window(struct aligned *aligned, double from, double to);
void align_free(struct aligned *aligned);
