/* Loading what PATH, FRAME and GROW records tell, in bounded memory: the figures of frames are
 * added up as they come. */
#pragma once

#include <stdbool.h>

#include "share/names.h"
#include "share/profile/profile.h"

enum { GROWN_FRAMES = 65536 }; /* at most, without frame 0 */

struct grown_process {
	pid_t pid;
	int64_t held; /* umib, when last told */
	size_t cells; /* the first of its own, + 1; 0: none */
};

/* What a frame has grown by in one process. */
struct grown_cell {
	size_t process, frame; /* indexes */
	int64_t net;           /* umib */
	size_t next;           /* of the same process, + 1; 0: none */
};

/* What is alive of a frame's or a thread's growth: not what processes held that are gone. */
struct grown_tally {
	int64_t alive;      /* umib */
	uint64_t seen_peak; /* the number of the peak that at_peak knows of */
};

/* What is needed only while loading. {0} to begin with. */
struct grown {
	struct names paths, frames; /* by what they are: one that is told again is the same */
	size_t *path_of, *frame_of; /* index by number; numbers begin at 1 and have no gaps */
	size_t n_path_of, n_frame_of;
	struct grown_tally *tallies, *thread_tallies; /* by index */
	size_t n_tallies, n_thread_tallies;
	struct grown_cell *cells;
	size_t n_cells;
	uint32_t *cell_slots; /* index + 1 by hash; 0: free */
	uint64_t peaks;
	struct grown_process *processes;
	size_t n_processes;
	int64_t together; /* umib, of all processes */
};

/* PATH and FRAME. One whose numbers mean nothing is passed over. 0 or -ENOMEM. */
int grown_take_path(struct grown *l, struct profile_growth *g, const struct profile_record *record);
int grown_take_frame(struct grown *l, struct profile_growth *g,
		     const struct profile_record *record);
/* Frame 0, which no record tells of. 0 or -ENOMEM. */
int grown_add_nowhere(struct grown *l, struct profile_growth *g);
