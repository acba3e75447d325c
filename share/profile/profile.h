/* The one contract: what a .dat holds, how it is read and how it is written. The format is public:
 * man 5 mprof-c-profile. Texts handed out live as long as their owner; nothing here prints; errors
 * are -errno. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "share/bill.h"
#include "share/profile/columns.h"
#include "share/profile/input.h"
#include "share/profile/quote.h"
#include "share/profile/record.h"
#include "share/profile/sample.h"
#include "share/profile/writer.h"

struct profile_series {
	struct columns columns;
	struct sample first, last, peak; /* peak: the first sample that reached it */
	uint64_t samples;
};

struct profile_child {
	pid_t pid;
	char *name;         /* from PROC; NULL in mprof's files */
	int64_t born, gone; /* µs; 0: not told */
	int64_t high_water; /* umib, from GONE; 0: not told */
	int status;         /* from GONE, else PROFILE_STATUS_UNKNOWN */
	uint64_t round;     /* the loader's: of samples, the last that it was in */
	struct profile_series series;
};

struct profile_function {
	char *name;
	uint64_t calls;
	int64_t us;     /* in all calls together */
	int64_t growth; /* umib, exits less entries */
};

struct profile_call {
	size_t function; /* index */
	struct sample from, to;
	int level;
};

struct profile_entered { /* a call that was never seen to end: the program was killed in it */
	size_t function;
	struct sample at;
	int level;
	pid_t thread;
};

struct profile_line {
	int line;
	int64_t umib, increment, peak; /* held at its end at most; grown in all; held inside it */
	uint64_t occurrences;
	int64_t foreign; /* of `increment`, what other threads took meanwhile, by their faults */
};

struct profile_listing { /* the lines of one function in one process */
	char *file, *function;
	pid_t pid;                  /* 0: not told */
	struct profile_line *lines; /* sorted, each once */
	size_t n_lines;
};

/* A place in a stack of calls, one node of a tree: the same line called from elsewhere is another.
 * Its figures are its own, without what it called. */
struct profile_frame {
	size_t caller;  /* index; 0: nobody, or not known */
	size_t path;    /* index; of frame 0, which stands for no known place, without meaning */
	int line;       /* 0: none */
	char *function; /* NULL: frame 0 */
	/* Not 0: what a thread did by itself, without Python, in a program that is one; or of whom
	 * nothing but that is known, and then the path is "<thread N>" and the line 0. */
	pid_t pid, thread;
	bool native;          /* of native code, not of Python */
	bool python;          /* or a caller is: a line of Python, not of native code */
	int64_t net, grew;    /* umib, in all; only what grew */
	int64_t polled, late; /* umib: so much of what grew has been told in these ways */
	int64_t copied;  /* umib: pages that children copied there by writing to them; no growth */
	int64_t at_peak; /* umib, net when the peak stood, of processes that lived then */
	uint64_t steps;
};

struct profile_step {
	struct sample at;  /* umib: what the process held afterwards */
	int64_t delta;     /* umib */
	int64_t together;  /* umib: what all processes held afterwards */
	size_t frame;      /* index */
	pid_t pid, thread; /* thread 0: not known */
	unsigned char how; /* enum profile_how */
};

struct profile_thread {
	pid_t pid, thread;
	bool python;                              /* a line of Python has been told of it */
	int64_t net, grew, polled, late, at_peak; /* umib, as a frame's */
	uint64_t steps;
};

/* Where in Python programs memory grew, as the file tells it; what it means is share/growth's. All
 * empty without GROW records. */
struct profile_growth {
	char **paths;
	size_t n_paths;
	struct profile_frame *frames; /* callers before those they call; the first is no place */
	size_t n_frames;
	/* As in the file until there are too many; then neighbours are put together, two and two,
	 * under the frame of the larger. The frames' figures are exact all the same. */
	struct profile_step *steps;
	size_t n_steps;
	struct profile_thread *threads; /* in order of appearance, as many as there is room for */
	size_t n_threads;
	struct profile_step peak; /* the step at which all processes together held most: at.umib */
	/* umib: what children held at their birth, which is no growth, and pages that they copied
	 * by writing to them, after which nobody holds more */
	int64_t inherited, copied;
	int64_t inherited_at_peak; /* umib, of processes that lived then */
	uint64_t unnamed;          /* frames and files beyond the bound: they stand under others */
};

/* What a sampled heap holds of what a frame allocated: estimates, without what children inherited.
 */
struct profile_heap_frame {
	int64_t live;        /* umib, at the end */
	int64_t at_peak;     /* umib, when all together held most */
	int64_t at_rss_peak; /* umib, when the resident set was at its peak */
	int64_t given_back;  /* umib, in all */
	int64_t blocks;      /* sampled ones that live at the end */
	/* Variances of the first two, millionths of a MiB². */
	int64_t spread, spread_at_peak;
	int64_t inherited; /* umib: what children held of it at their birth */
};

struct profile_heap_step { /* changes, as a HEAP record's */
	int64_t us, live, spread, blocks;
	size_t frame; /* index */
};

/* Of HEAP records; all empty without them. What a process held goes when it ends; what lived until
 * the run ended is "at the end". */
struct profile_heap {
	struct profile_heap_frame *frames; /* by the index of the growth's; the last are missing
					      where they hold nothing */
	size_t n_frames;
	/* In the order of time. Of very many, those of one frame within `grain` µs are put
	 * together, at the end of that; 0: as told. */
	struct profile_heap_step *steps;
	size_t n_steps;
	int64_t grain;
	struct sample peak;                               /* the most that all together held */
	int64_t live, at_rss_peak, given_back, inherited; /* umib, of all frames */
	uint64_t records;
};

struct profile_mark {
	struct sample at;
	char *label;
};

struct profile_span {           /* the most that was held between two moments, µs */
	int64_t umib, from, to; /* from 0: the sample before `to` */
};

struct profile_value { /* a second metric */
	char *metric;
	struct profile_series series;
};

struct profile_gpu {
	char *device;
	bool whole_device;                    /* some figure was the device's, not the target's */
	struct sample tree_peak, device_peak; /* of each scope; us 0: no such figure */
	struct profile_series series;
};

struct profile_owed { /* one figure of a card's bill */
	char *class, *whom;
	int64_t umib; /* PROFILE_UNTOLD: not told */
};

struct profile_oom {      /* a GPU had no memory left */
	struct sample at; /* umib: what was wanted, or PROFILE_UNTOLD */
	pid_t pid;
	char *device, *who;        /* who told it: "torch 2.11.0" */
	size_t frame;              /* index, of the growth's; 0: not known */
	struct profile_owed *owed; /* as told */
	size_t n_owed;
};

/* What processes took of GPUs, and gave back (VRAM). */
struct profile_vram_step {
	int64_t us, umib;
	pid_t pid;
	size_t device, frame; /* indexes, of `devices` and of the growth's; frame 0: not known */
};
struct profile_taken {
	size_t device, frame;
	int64_t net, grew; /* umib */
	uint64_t steps;
};
struct profile_vram {
	char **devices;
	size_t n_devices;
	struct profile_taken *taken; /* by device and frame */
	size_t n_taken;
	struct profile_vram_step *steps; /* the first, as many as there is room for */
	size_t n_steps;
};

/* What MEM's figure consisted of, moment by moment; of BILL records. */
struct profile_bills {
	struct bill *all; /* sorted by time as they came, thinned out where there are very many */
	size_t n;
	/* Where taken > 0: the one that tells best of the peak of `memory`, and the last that is of
	 * one moment, if any is. */
	struct bill highest, last;
	uint64_t taken;
};

/* A recording inside of one that `mprof-c merge` made; its samples are its own, RMEM. */
struct profile_rank {
	int member; /* counted from 1 */
	long rank;  /* -1: not told */
	struct sample peak;
	int64_t from, to; /* µs: its first and last sample */
	int status;
	char *told; /* "key=value …", quoted as META's */
};

struct profile_setting { /* META, unquoted */
	char *key, *value;
};

struct profile {
	char *path;
	uid_t owner; /* of the file, where `owned` says that there is one */
	bool owned;
	char *command; /* CMDLINE as written; NULL: none */
	struct profile_setting *settings;
	size_t n_settings;
	int64_t start_us; /* the run's first sample, inside the window or not: the zero of its time
			     axis */
	struct profile_series memory;
	/* PEAK: each the most that was held inside the interval that ends there. Only where that
	 * was more than the samples at its two ends show; few, and of longer intervals, without
	 * --exact. */
	struct profile_series peaks;
	struct profile_span highest;  /* the first of the highest PEAKs; all 0 without one */
	struct profile_value *values; /* in order of appearance */
	size_t n_values;
	struct profile_gpu *gpus; /* in order of appearance */
	size_t n_gpus;
	struct profile_oom *ooms; /* in order of appearance, as many as there is room for */
	size_t n_ooms;
	uint64_t untold_ooms; /* beyond that */
	struct profile_vram vram;
	struct profile_bills bills;
	/* In order of appearance; those without a sample (only PROC or GONE) too. */
	struct profile_child *children;
	size_t n_children;
	/* The highest sum of a sample of `memory` and the children's that follow it, or of the
	 * children's alone where it is missing; all 0 without children. Where `memory` is the whole
	 * tree's already, it says nothing. */
	struct sample together;
	uint64_t untracked_children; /* beyond the bound on series; their samples were not kept */
	struct profile_function *functions; /* in order of appearance */
	size_t n_functions;
	struct profile_call *calls; /* sorted by start, then level */
	size_t n_calls;
	uint64_t dropped_calls; /* the shortest beyond the bound; their functions count them */
	struct profile_entered *entered; /* in order of appearance */
	size_t n_entered;
	struct profile_listing *listings; /* in order of appearance */
	size_t n_listings;
	uint64_t dropped_lines; /* beyond the bound */
	uint64_t unnamed;       /* calls whose function is beyond the bound on names */
	struct profile_growth growth;
	struct profile_heap heap;
	struct profile_rank *ranks; /* in order of appearance, as many as there is room for */
	size_t n_ranks;
	struct profile_mark *marks;
	size_t n_marks;
	int64_t high_water; /* umib, the target's own VmHWM from its GONE; 0: not told */
	bool ended;         /* EXIT seen: the following four hold */
	int status;         /* exit status, or -signal */
	int64_t ended_us;
	int64_t ru_maxrss; /* umib; the largest of the target and the descendants it waited for */
	uint64_t missed;   /* ticks */
	unsigned runs;     /* CMDLINE lines; the last run is the one read */
	uint64_t records;  /* read in all runs, kept or not; samples are none */
	struct profile_flaws flaws;
};

struct profile_wish {
	size_t columns; /* kept per series, 0: a default that suits any screen (4096) */
	bool curves;    /* only what curves are made of: no calls, lines, or growth by place */
	/* Window in seconds from the first sample; both 0: everything. The nearest sample outside
	 * on either side is kept too, so that a curve reaches the edges. */
	double from, to;
	/* Is handed all that is read, too, each once it has been taken; or NULL. */
	const struct profile_sink *also;
	void *also_context;
};

/* Reads the last run of `path`. Memory is bounded whatever the file's size. 0, or -errno of opening
 * and reading; a file without a single sample is read all the same (memory.samples == 0). */
int profile_load(struct profile *profile, const char *path, const struct profile_wish *wish);
void profile_free(struct profile *profile);

/* ---- reading, as it comes ---- */

/* For a file that still grows, a pipe, or many files at a time: takes bytes in pieces of any size,
 * and can tell at any moment what the recording holds so far. */
struct profile_loader;

/* `path` is what the profile calls itself; nothing is opened. 0 or -ENOMEM. */
int profile_loader_open(struct profile_loader **loader, const char *path,
			const struct profile_wish *wish);

/* 0, -ENOMEM, or what wish->also returned, upon which only profile_loader_free may follow. */
int profile_loader_feed(struct profile_loader *loader, const void *bytes, size_t n);

/* All that the input has until its end; again, later, what a growing file has got since. 0, -errno,
 * or as above. */
int profile_loader_read(struct profile_loader *loader, struct profile_input *input);

/* What profile_load would give of the bytes so far: what has no newline yet is no record, and
 * flaws.cut tells of it. The profile is the loader's, and good until the next call. 0 or
 * -ENOMEM. */
int profile_loader_snapshot(struct profile_loader *loader, const struct profile **profile);

/* The same, handed over to the caller, who frees it; the loader is freed. 0 or -ENOMEM. */
int profile_loader_finish(struct profile_loader *loader, struct profile *profile);
void profile_loader_free(struct profile_loader *loader); /* NULL is accepted */

/* What a line did in several processes, or calls: the highest figures, increments and occurrences
 * added up. */
void profile_add_line(struct profile_line *sum, const struct profile_line *line);

/* The value of a META key, or NULL. */
const char *profile_setting(const struct profile *profile, const char *key);
bool profile_is_set(const struct profile *profile, const char *key); /* it is 1 */

/* It is a figure in MiB, above 0. */
bool profile_setting_mib(const struct profile *profile, const char *key, double *mib);

/* When the run ended, µs: the moment of EXIT, or of the last sample where there is none or it is
 * later. 0: nothing is known. */
int64_t profile_end_us(const struct profile *profile);

/* The name that PROC gives to a process, or "". */
const char *profile_name_of(const struct profile *profile, pid_t pid);

/* "killed: out of memory", that it was so probably, or by whom else; NULL: it was not, or that is
 * not known. */
const char *profile_killed(const struct profile *profile);
