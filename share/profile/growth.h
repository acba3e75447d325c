/* What is needed only while PATH, FRAME and GROW records are read. */
#pragma once

#include "share/names.h"
#include "share/profile/profile.h"

enum { GROWTH_MOST_FRAMES = 65536 };

struct growth_process {
	pid_t pid;
	bool python;       /* a line of Python has been told of it */
	int64_t held;      /* umib, when last told */
	int64_t inherited; /* umib, of it, at its birth */
	size_t cells;      /* the first of its own, + 1; 0: none */
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
	struct growth_tally inherited;
	size_t n_tallies, n_thread_tallies;
	struct growth_cell *cells;
	size_t n_cells;
	uint32_t *cell_slots; /* index + 1 by hash; 0: free */
	uint64_t peaks;
	struct profile_step peak_told; /* as it was told */
	struct growth_process *processes;
	size_t n_processes;
	int64_t together; /* umib, of all processes */
};

/* The index of the frame that a number stands for now; 0: none. */
static inline size_t growth_frame_of(const struct growth_loading *loading, uint64_t number)
{
	return number > 0 && number <= loading->n_frame_of ? loading->frame_of[number - 1] : 0;
}

/* ---- figures ---- */

/* Notes what a process holds, umib; *of is that process, NULL beyond the bound. 0 or -ENOMEM. */
int growth_hold(struct growth_loading *loading, pid_t pid, int64_t umib,
		struct growth_process **of);
void growth_gone(struct growth_loading *loading, struct profile_growth *growth, pid_t pid);

/* Frame 0 is there. `process` may be NULL. 0 or -ENOMEM. */
int growth_take_step(struct growth_loading *loading, struct profile_growth *growth,
		     struct growth_process *process, const struct profile_step *step);

void growth_take_inherited(struct growth_loading *loading, struct profile_growth *growth,
			   struct growth_process *process, const struct profile_step *step);

/* Do all together hold more than ever after it? */
void growth_note_peak(struct growth_loading *loading, struct profile_growth *growth,
		      const struct profile_step *step);
void growth_settle(struct growth_loading *loading, struct profile_growth *growth);
