/* A recording's growth as it is read: what the profile told of it, and beside it whose code each
 * frame is and what of each path people are shown. Borrows from the profile, which must outlive
 * it. */
#pragma once

#include <stddef.h>

#include "share/profile/profile.h"

struct growth {
	char *const *paths;
	size_t n_paths;
	const struct profile_frame *frames; /* callers before those they call; the first is no
					       place */
	size_t n_frames;
	const struct profile_step *steps;
	size_t n_steps;
	const struct profile_thread *threads;
	size_t n_threads;
	struct profile_step peak;

	size_t *users; /* by frame: itself, or the nearest of its callers, that is the user's own
			  code; 0: none is */
	size_t *shown; /* by path: where in it the part begins that people are shown */
};

/* 0 or -ENOMEM. */
int growth_open(struct growth *growth, const struct profile_growth *told);
void growth_close(struct growth *growth);
