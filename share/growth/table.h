/* Growth added up: by line, function, file, module or thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/growth/growth.h"

enum growth_by {
	GROWTH_BY_LINE,
	GROWTH_BY_FUNCTION,
	GROWTH_BY_FILE,
	GROWTH_BY_MODULE,
	GROWTH_BY_THREAD,
};

/* Whom a growth is charged to: the code that was running, or the nearest of its callers that is the
 * user's own. */
enum growth_to { GROWTH_TO_INNERMOST, GROWTH_TO_USER };

/* What stands in `frame` where the stack is known and nothing in it is the user's. */
#define GROWTH_NOT_USERS SIZE_MAX

struct growth_row {
	size_t frame;      /* one that is in the row; 0: of no known place, or GROWTH_NOT_USERS */
	pid_t pid, thread; /* by thread; else of what a thread did by itself, without Python */
	int64_t net, grew; /* umib */
	int64_t polled, late; /* umib: so much of what grew has been told in these ways */
	int64_t waits;        /* umib: so much grew in other threads, for which that line waits */
	int64_t copied;       /* umib: pages that were copied after a fork, which is no growth */
	int64_t at_peak;      /* umib; 0 in a table of steps */
	uint64_t steps;
};

struct growth_table {
	struct growth_row *rows; /* what grew most comes first */
	size_t n;
	int64_t net, grew; /* umib, of all rows */
	uint64_t steps;
};

/* Is the row's figure an estimate, for most of it; is it of other threads, for most of it? */
static inline bool growth_is_polled(const struct growth_row *row)
{
	return 2 * row->polled > row->grew;
}

static inline bool growth_is_waited_for(const struct growth_row *row)
{
	return 2 * row->waits > row->grew;
}

const char *growth_how(const struct growth_row *row); /* of most of it; the word of a record */

/* The frame itself, or the nearest of its callers that is the user's; else GROWTH_NOT_USERS. 0
 * stays 0. */
size_t growth_charged(const struct growth *growth, size_t frame, enum growth_to to);

/* 0 or -ENOMEM. `to` says nothing where threads are asked for. */
int growth_table_make(struct growth_table *table, const struct growth *growth, enum growth_by by,
		      enum growth_to to);

/* What was copied after a fork, by line: rows in which `copied` and nothing else is told. */
int growth_table_of_copies(struct growth_table *table, const struct growth *growth,
			   enum growth_to to);

/* The same of the steps from `first` to before `end`; not by thread. */
int growth_table_of_steps(struct growth_table *table, const struct growth *growth,
			  enum growth_by by, enum growth_to to, size_t first, size_t end);

/* What was taken of that GPU, by the user's own code; by thread there is nothing. */
int growth_table_of_vram(struct growth_table *table, const struct growth *growth,
			 const struct profile_vram *vram, size_t device, enum growth_by by);

void growth_table_sort_by_copied(struct growth_table *table);
/* The rows that held most at the peak come first. */
void growth_table_sort_by_peak(struct growth_table *table);
/* Those that changed most, whichever way, come first. */
void growth_table_sort_by_change(struct growth_table *table);

/* Of `top` rows to be shown: how many of the first, since the one that released most (the lowest
 * net below 0) is always shown: *release, n where none did. */
size_t growth_table_choose(const struct growth_table *table, size_t top, size_t *release);

/* What had been released by the peak where something else had grown, umib: 0 or below. By so much
 * the figures at the peak of those that grew are too high together. */
int64_t growth_table_astray(const struct growth_table *table);

void growth_table_free(struct growth_table *table);

/* ---- for other tables of frames ---- */

enum { GROWTH_KEY = 4096 };

/* The row that a frame stands in, without figures. */
struct growth_row growth_row_of(const struct growth *growth, size_t frame, enum growth_to to);

/* What is the same for all that stands in one row, and nowhere else. */
char *growth_row_key(char key[GROWTH_KEY], const struct growth *growth,
		     const struct growth_row *row, enum growth_by by);
