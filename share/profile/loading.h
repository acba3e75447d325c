/* A recording while it is read: what is known of it, and what only the reading needs. The parts of
 * the loader share it; each has its own corner, which nobody else writes. */
#pragma once

#include <stdbool.h>

#include "share/names.h"
#include "share/profile/growth.h"
#include "share/profile/heap.h"
#include "share/profile/profile.h"

struct loading_window {
	bool wanted;
	double from_s, to_s; /* seconds, as wished */
	int64_t from, to;    /* µs; known once the run has started */
};

struct loading_memory {
	struct sample before; /* the last sample left of the window, if has_before */
	bool has_before, has_after;
};

struct loading_children {
	struct names pids; /* decimal pid → index into `child_of` */
	size_t *child_of;  /* the child that a pid means now */
	size_t columns;    /* kept of each; 0: not yet said */
};

struct loading_calls {
	struct names names;            /* name → index into profile->functions */
	struct profile_function *seen; /* by the same index: with the calls that are not shown */
	size_t n_seen, n_given;        /* of those, so many names are the profile's to free */
	size_t n_calls, n_entered;     /* in profile->calls and ->entered, with those not shown */
};

struct loading_lines {
	struct names names; /* process, function and file → index into profile->listings */
	size_t n;           /* of all listings */
};

struct loading;
enum { MOST_TAKERS = 3 }; /* GONE is for the children, the growth and the heap */

struct loading_takers { /* of one kind of record */
	size_t n;
	int (*takes[MOST_TAKERS])(struct loading *loading, const struct profile_record *record);
};

struct loading {
	struct profile profile;
	struct loading_takers takers[PROFILE_KINDS];
	size_t columns;         /* kept of the main series */
	bool curves;            /* what no curve shows is passed over */
	bool started;           /* the run has a sample */
	struct sample together; /* of a round: the last MEM, if it has one, and the CHLDs since */
	uint64_t round;
	struct loading_window window;
	struct loading_memory memory;
	struct loading_children children;
	struct loading_calls calls;
	struct loading_lines lines;
	struct growth_loading growth;
	struct heap_loading heap;
};

/* The records of some kinds. All hooks but `take` may be missing. */
struct loading_part {
	uint32_t kinds; /* 1 << kind, of those that it takes */
	bool no_curve;  /* what it tells is shown by no curve */
	/* 0 or -ENOMEM. What is beyond the part's bounds is passed over, and counted where the
	 * profile has a count for it. */
	int (*take)(struct loading *loading, const struct profile_record *record);
	/* Makes the profile right as of now: more may follow. 0 or -ENOMEM. */
	int (*settle)(struct loading *loading);
	/* Another run begins: what the profile has of the one before goes. */
	void (*begin)(struct loading *loading);
	/* What only the reading needs. */
	void (*forget)(struct loading *loading);
	/* What it has put into the profile. */
	void (*free)(struct profile *profile);
};

extern const struct loading_part loading_children, loading_calls, loading_further, loading_lines,
	loading_growth, loading_notes, loading_card, loading_vram, loading_bill, loading_heap,
	loading_ranks;

/* ---- what several parts need ---- */

/* Is the moment inside the window that is wished for? Before the first sample: everything is. */
bool loading_shows(const struct loading *loading, int64_t us);

/* A copy, cut where it is longer than any title; the caller frees it. NULL: no memory. */
char *loading_text(const char *text);

/* 0 or -ENOMEM. */
int series_add(struct profile_series *series, const struct sample *samples, size_t n);
