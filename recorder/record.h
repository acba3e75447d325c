/* What run and attach share: their options, and the recording of a target from its first sample to
 * its end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "recorder/gpu/gpu.h"
#include "recorder/probes/probe.h"
#include "recorder/probes/threshold.h"
#include "recorder/python/inject.h"
#include "recorder/python/where.h"
#include "recorder/recording/descriptors.h"
#include "recorder/recording/signals.h"
#include "recorder/recording/target.h"
#include "recorder/source/source.h"
#include "recorder/tree/family.h"
#include "share/command.h"
#include "share/profile/profile.h"

struct record_options {
	double interval, timeout; /* seconds; timeout 0: none */
	const char *output;       /* -o, not yet expanded; NULL: the default name */
	const char *metric;
	enum gpu_mode gpu;
	enum where_mode where;
	bool precise;
	bool tree, children, quiet, exact;
	struct thresholds at;
	uint64_t max_peak; /* bytes; 0: none */
	/* run's own */
	bool attach, exit_code, python, no_python;
	struct agent_wish agent; /* inside Python */
};

#define RECORD_DEFAULTS                          \
	{                                        \
		.interval = 0.1, .metric = "rss" \
	}

/* The rows of the option table that both commands have. */
extern const struct option_type record_seconds, record_timeout, record_file, record_metric,
	record_at, record_size;
#define RECORD_AT(member) offsetof(struct record_options, member)
#define RECORD_ROWS                                                                     \
	{ 'T', "interval", &record_seconds, RECORD_AT(interval),                        \
	  "seconds between samples (0.1)" },                                            \
		{ 'C', "include-children", NULL, RECORD_AT(tree),                       \
		  "count the whole process tree" },                                     \
		{ 'M', "multiprocess", NULL, RECORD_AT(children),                       \
		  "record each descendant as a series of its own" },                    \
		{ 'o', "output", &record_file, RECORD_AT(output),                       \
		  "name the recording; %p %h %r %j %t are filled in" },                 \
		{ 'b', "backend", &record_metric, RECORD_AT(metric),                    \
		  "what to measure: rss (default), pss, swap …; several with commas" }, \
		{ 0, "gpu", &record_gpu, RECORD_AT(gpu),                                \
		  "VRAM: auto (default), on, tree, device or off" },                    \
		{ 0, "where", &record_where, RECORD_AT(where),                          \
		  "Python growth by stacks (default), lines or off" },                  \
		{ 0, "precise", NULL, RECORD_AT(precise),                               \
		  "stop the thread whose Python stack is read" },                       \
		{ 'X', "exact", NULL, RECORD_AT(exact),                                 \
		  "peaks between samples too; lowers the program's own VmHWM" },        \
		{ 0, "at", &record_at, RECORD_AT(at),                                   \
		  "act above SIZE (2G, 90%, gpu:90%): warn, mark, stop, kill …" },      \
		{ 0, "max-peak", &record_size, RECORD_AT(max_peak),                     \
		  "leave with 3 when the peak was above SIZE" },                        \
	{                                                                               \
		'q', "quiet", NULL, RECORD_AT(quiet), "no closing line"                 \
	}

/* One recording under way. */
struct recording {
	const struct record_options *options;
	const struct source *source;
	struct profile_writer writer;
	char *path;
	struct signals signals;
	struct rlimit descriptors; /* as it was */
	struct family family;
	struct target target;
	struct probes probes;
};

/* Checks the options and opens the file, in whose name %p is `pid`. -1 to go on, else the exit
 * status. */
int record_open(struct recording *recording, const struct record_options *options, pid_t pid);

/* Starts the program: `file` is executed with `argv`. -1, or the exit status, upon which there is
 * no recording either. */
int record_start(struct recording *recording, const char *file, char *const argv[]);

/* Takes a process that runs; the same. */
int record_adopt(struct recording *recording, pid_t pid);

/* Records until the target ends (or, adopted, until the timeout or a signal); `argv` goes into
 * CMDLINE. Says what the user should know. Returns the exit status; of a signal that the target
 * died of, we die. */
int record_target(struct recording *recording, char *const argv[]);
