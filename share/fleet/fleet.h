/* Many recordings of one job, one a rank, or of several runs side by side: what is kept of each, so
 * that 4096 of them fit into little memory. Read from files one at a time (no more than two are
 * open at once), or from one that `mprof-c merge` made. Nothing here prints; errors are -errno. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/known.h"
#include "share/profile/profile.h"

/* What stood in one stretch of time of a member's samples. */
struct fleet_point {
	int64_t us;                       /* of the highest sample: µs since 1970 */
	int64_t umib, least, first, last; /* umib: the highest, the lowest, the first, the last */
};

struct fleet_grown { /* a line that grew, and how much of that was held at the peak */
	char *file, *function;
	int line;
	int64_t umib;
};

struct fleet_member {
	long rank;                   /* -1: not told */
	long ranks;                  /* that there are of its step; 0: not told */
	char *node;                  /* the launcher's name of it, else META host; NULL: not told */
	char *job;                   /* NULL: not told */
	char *step;                  /* of the job; NULL: not told */
	int restart;                 /* 0: the first start */
	char *path;                  /* of its recording, as it was given */
	char *command;               /* as written; may be NULL */
	char *metric;                /* of its samples: "rss"; NULL: not told */
	int64_t from, to;            /* µs: the first and the last sample */
	struct profile_span highest; /* the peak to the byte, as `peak` would tell it */
	bool exact;                  /* the peak is a high-water mark, no sample */
	enum known known;            /* how the peak is known */
	int64_t limit;               /* umib: what its node or group allowed; 0: not told */
	bool machine;                /* that is all that its node has, not a group's */
	bool ended;                  /* with an EXIT */
	char *killed;                /* "killed: out of memory", or NULL */
	int status;                  /* exit status, -signal, or PROFILE_STATUS_UNKNOWN */
	int64_t mark;                /* µs: of the mark that was asked for; 0: none */
	bool unsynchronised;         /* the kernel said that its clock follows nobody */
	int64_t clock_moved;         /* µs: the wall clock was set meanwhile; below 0: back */
	struct fleet_point *points;  /* sorted by time, at most `columns` */
	size_t n_points;
	struct fleet_grown *grown; /* the largest first, at most 8 */
	size_t n_grown;
	struct profile_mark *marks; /* where they are wished for: the first, at most 64 */
	size_t n_marks;
};

struct fleet {
	struct fleet_member *members; /* sorted by rank, then by start */
	size_t n;
	uint64_t unreadable; /* files that held no recording */
	uint64_t named;      /* of those: given by name, not found in a folder */
	char *unread;        /* the first of them */
	int why;             /* -errno of that; 0: it holds no recording */
	uint64_t cut;        /* files that lack their end, so that recordings may be missing */
	char *first_cut;     /* of those one */
};

struct fleet_wish {
	size_t columns;   /* points a member, 0: 2000 */
	const char *mark; /* a label whose first moment is wanted, or NULL */
	bool growth;      /* fill `grown` */
	bool marks;       /* fill `marks` */
};

/* `paths`: recordings, folders of them (with all that lies below, what is named .dat or .dat.gz),
 * or merged ones. 0 or -errno; what one file lacks is no error. -ENOTSUP: one is compressed, and
 * this program cannot read it. What is told twice, by a recording and by one that holds it, is
 * there once. */
int fleet_read(struct fleet *fleet, const char *const *paths, size_t n,
	       const struct fleet_wish *wish);
void fleet_free(struct fleet *fleet);

/* What a profile that merge wrote tells of its ranks, in its order and without their points; of
 * another one nobody. 0 or -ENOMEM. */
int fleet_of_profile(struct fleet *fleet, const struct profile *profile);
