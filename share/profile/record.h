/* One record of a .dat: a line, as text and as a struct. kinds.c holds the table that makes the one
 * of the other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/profile/input.h"
#include "share/profile/sample.h"

enum profile_kind { /* and the fields of the record that say something; the frequent ones first */
		    PROFILE_MEM,  /* at */
		    PROFILE_PEAK, /* at: the high-water mark of the interval that ends there, since:
				     its beginning (0: the sample before it) */
		    PROFILE_VAL,  /* text: metric, at */
		    PROFILE_GPU,  /* text: device, at, whole_device */
		    PROFILE_CHLD, /* pid, at */
		    PROFILE_GROW, /* increment, at: what the process held then; pid, thread (0: not
				     known), frame (0: not known), how */
		    PROFILE_FUNC, /* function, at: entry, end: exit, level (0 when the file has
				     none) */
		    PROFILE_ENTER,   /* function, at, level, thread */
		    PROFILE_PROC,    /* pid, ppid, at.us, text: its name */
		    PROFILE_GONE,    /* pid, at.us, peak, status (as wait's exit status, or -signal;
					-1000: unknown) */
		    PROFILE_FRAME,   /* number, caller, path, place.line, function; the three are
					numbers of such records, 0: none */
		    PROFILE_PATH,    /* number, text: a file of source */
		    PROFILE_LINE,    /* place, function, at.umib: most held at its end, increment,
					peak, occurrences, pid (0 when the file has none), foreign:
					of the increment, what other threads took */
		    PROFILE_MARK,    /* at, text: label */
		    PROFILE_HEAP,    /* pid, frame, and changes since the record before it of the
					same two: live, given_back, blocks, spread; at.us, how */
		    PROFILE_BILL,    /* text: class, at: what of MEM's figure is of it */
		    PROFILE_VRAM,    /* device, increment, at.us, pid, frame: VRAM grew there */
		    PROFILE_OOM,     /* pid, device, at: what was wanted, frame (0: not known),
					text: who told it */
		    PROFILE_OWED,    /* pid, device, function: class, at.umib, text: of whom; of the
					OOM before it of the same two */
		    PROFILE_RANK,    /* of several recordings put together: member, rank (-1: not
					told),    at: its peak, and when that stood at the latest;
					from,    to:    its first and last sample, status, text:
					"key=value …", as    META */
		    PROFILE_RMEM,    /* member, at: the highest in a stretch of time; lowest,
					first, last: by how much less the others there were */
		    PROFILE_RGROW,   /* member, increment, place, function: a line of that member's
					that grew */
		    PROFILE_RMARK,   /* member, at, text: a mark of that member's */
		    PROFILE_META,    /* text: "key=value key=value …", still quoted */
		    PROFILE_CMDLINE, /* text */
		    PROFILE_EXIT,    /* status, at.us, peak: ru_maxrss, samples, missed */
		    PROFILE_KINDS,
};

enum { PROFILE_STATUS_UNKNOWN = -1000, PROFILE_UNTOLD = -1 /* umib, of OOM and OWED */ };

/* How the place of a growth is known, and what a growth it is. */
enum profile_how {
	PROFILE_UNSAID,    /* or a word of a later version: as it was polled */
	PROFILE_FAULT,     /* the line of the very page fault */
	PROFILE_LATE,      /* the thread of the fault, and its line a moment later */
	PROFILE_POLLED,    /* where it stood when a change was seen */
	PROFILE_INHERITED, /* what a child held at its birth: nobody's growth */
	PROFILE_COPIED,    /* pages that a child wrote to, and so copied, after the fork: increment
			      is what was copied, and what is held has not changed */
	PROFILE_HOWS,
};

struct profile_place {
	const char *file;
	int line;
};

/* Of a record that was read, texts are valid during the call. What its kind does not have is 0, but
 * for what stands in a union: that is another kind's. Kept small, since one is made, and cleared,
 * for each line. */
struct profile_record {
	enum profile_kind kind;
	int level, status;
	union {
		pid_t pid;
		int member; /* RANK, RMEM, RGROW, RMARK: counted from 1 in its file */
	};
	pid_t ppid, thread;
	struct sample at;
	union {
		struct sample end; /* FUNC */
		struct {
			int64_t increment, peak; /* umib */
		};
		struct {
			int64_t live, given_back; /* HEAP; umib */
		};
		struct {
			int64_t from, to; /* RANK; µs */
		};
		struct {
			int64_t lowest, first; /* RMEM; umib below `at` */
		};
	};
	union {
		int64_t since; /* PEAK; µs */
		struct {
			uint64_t samples, missed; /* EXIT */
		};
		struct {
			uint64_t number, caller, path; /* PATH, FRAME */
		};
		struct {
			uint64_t frame; /* GROW, HEAP, VRAM, OOM */
			int64_t blocks; /* HEAP: sampled ones that live */
			int64_t spread; /* HEAP: the variance of what lives, millionths of a MiB² */
		};
		struct {
			uint64_t occurrences; /* LINE */
			int64_t foreign;      /* umib */
		};
		struct {
			int64_t rank; /* RANK */
			int64_t last; /* RMEM; umib below `at` */
		};
	};
	struct profile_place place;
	const char *function, *text, *device;
	bool whole_device; /* scope: what all processes hold there, not only the target's */
	unsigned char how; /* GROW, HEAP: enum profile_how */
};

/* A non-zero return ends the reading and becomes its result. MEM lines come in batches, in file
 * order with the rest, and never as a record. */
struct profile_sink {
	int (*samples)(void *context, const struct sample *samples, size_t n);
	int (*record)(void *context, const struct profile_record *record);
};

/* What was wrong with the file, without stopping the reading. */
struct profile_flaws {
	uint64_t malformed; /* lines of a known kind that could not be read, and were skipped */
	uint64_t first_malformed; /* line number of the first, from 1 */
	uint64_t lines;           /* ended lines read */
	bool cut;                 /* the last line had no end and was dropped */
	bool truncated;           /* a compressed file ends before what it holds does */
};

int profile_read(struct profile_input *input, const struct profile_sink *sink, void *context,
		 struct profile_flaws *flaws);
