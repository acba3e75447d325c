/* Growth, added up by what one wants to know: pure arithmetic over a loaded recording. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "share/profile.h"

enum growth_by {
	GROWTH_BY_LINE,
	GROWTH_BY_FUNCTION,
	GROWTH_BY_FILE,
	GROWTH_BY_MODULE,
	GROWTH_BY_THREAD
};

struct growth_row {
	size_t frame;               /* one of those that the row is made of; 0: no known place */
	pid_t pid, thread;          /* of GROWTH_BY_THREAD only */
	int64_t net, grew, at_peak; /* umib, as in struct profile_frame */
	uint64_t steps;
};

struct growth_table {
	struct growth_row *rows; /* what grew most first */
	size_t n;
	int64_t grew; /* umib, all rows together */
};

/* The frame itself or the nearest of its callers that is the user's own; 0: none. */
size_t growth_users_frame(const struct profile_growth *growth, size_t frame);

/* Charged to the innermost frames, or with `users` to the nearest that are the user's. 0 or
 * -ENOMEM. */
int growth_table_make(struct growth_table *table, const struct profile_growth *growth,
		      enum growth_by by, bool users);

/* The same of the steps from `first` to before `end`; at_peak has no meaning. */
int growth_table_of_steps(struct growth_table *table, const struct profile_growth *growth,
			  enum growth_by by, bool users, size_t first, size_t end);
void growth_table_free(struct growth_table *table);

/* Between two turns of the curve, small ones left out. */
struct growth_phase {
	size_t first, end;      /* steps */
	struct sample from, to; /* umib: all processes together */
	int64_t net;            /* umib */
};

/* Returns how many there are, at most `most`. */
size_t growth_phases(const struct profile_growth *growth, struct growth_phase *phases, size_t most);

enum { GROWTH_PLACE = 512 };

/* A path as one reads it: from the current folder, or from where modules are. Points into it. */
const char *growth_short_path(const char *path);

/* "train.py:5 load", "train.py", "numpy.core._methods", as `by` says. */
char *growth_place(char out[GROWTH_PLACE], const struct profile_growth *growth, size_t frame,
		   enum growth_by by);
