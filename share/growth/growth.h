/* A recording's growth as it is read: what the profile told of it, and beside it whose code each
 * frame is and what of each path people are shown. Borrows from the profile, which must outlive
 * it. */
#pragma once

#include <stdbool.h>
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
	bool *waits;   /* by frame: another thread's line stands there, which waits for this one */
	size_t *shown; /* by path: where in it the part begins that people are shown */
};

/* What the user calls his own beside what is so anyway: patterns, of paths or of what is shown of
 * them; NULL ends them. NULL: none. */
typedef char *const *growth_own;

/* 0 or -ENOMEM. */
int growth_open(struct growth *growth, const struct profile_growth *told, growth_own own);
void growth_close(struct growth *growth);

/* Of whom nothing but the thread is known. */
static inline bool growth_is_unplaced(const struct profile_frame *frame)
{
	return frame->thread != 0 && !frame->native;
}

/* Is its place where a thread stood when a change was seen, not where it came to be? */
static inline bool growth_step_is_polled(const struct profile_step *step)
{
	return step->how == PROFILE_UNSAID || step->how == PROFILE_POLLED;
}
