/* Loading what PATH, FRAME and GROW records tell, in bounded memory: the figures of frames are
 * added up as they come. */
#pragma once

#include <stdbool.h>

#include "share/names.h"
#include "share/profile.h"

struct growth_process {
	pid_t pid;
	int64_t held; /* umib, when last told */
};

/* What is needed only while loading. {0} to begin with. */
struct growth_loading {
	struct names paths, frames; /* by what they are: one that is told again is the same */
	size_t *path_of, *frame_of; /* index by number; numbers begin at 1 and have no gaps */
	size_t n_path_of, n_frame_of;
	uint64_t *seen_peak, *thread_seen_peak; /* by index: the number of the peak that at_peak
						   knows of */
	size_t n_seen_peak, n_thread_seen_peak;
	uint64_t peaks;
	struct growth_process *processes;
	size_t n_processes;
	int64_t together; /* umib, of all processes */
};

/* Takes one of the three records. One whose numbers mean nothing is passed over; where it does not
 * count, only what processes hold is noted. 0 or -ENOMEM. */
int growth_take(struct growth_loading *loading, struct profile_growth *growth,
		const struct profile_record *record, bool counts);
void growth_gone(struct growth_loading *loading, pid_t pid); /* it holds nothing any more */
void growth_settle(struct growth_loading *loading, struct profile_growth *growth); /* the end */
void growth_drop(struct growth_loading *loading, struct profile_growth *growth);
