/* What is needed only while PATH, FRAME and GROW records are read. */
#pragma once

#include "share/names.h"
#include "share/profile/profile.h"

struct growth_process {
	pid_t pid;
	int64_t held; /* umib, when last told */
	size_t cells; /* the first of its own, + 1; 0: none */
};

/* What a frame has grown by in one process. */
struct growth_cell {
	size_t process, frame; /* indexes */
	int64_t net;           /* umib */
	size_t next;           /* of the same process, + 1; 0: none */
};

/* What is alive of a frame's or a thread's growth: not what processes held that are gone. */
struct growth_tally {
	int64_t alive;      /* umib */
	uint64_t seen_peak; /* the number of the peak that at_peak knows of */
};

struct growth_loading {
	struct names paths, frames; /* by what they are: one that is told again is the same */
	size_t *path_of, *frame_of; /* index by number; numbers begin at 1 and have no gaps */
	size_t n_path_of, n_frame_of;
	struct growth_tally *tallies, *thread_tallies; /* by index */
	size_t n_tallies, n_thread_tallies;
	struct growth_cell *cells;
	size_t n_cells;
	uint32_t *cell_slots; /* index + 1 by hash; 0: free */
	uint64_t peaks;
	struct growth_process *processes;
	size_t n_processes;
	int64_t together; /* umib, of all processes */
};
