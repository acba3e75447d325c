/* A profile for the Firefox Profiler under way: its processed format, version 60, which later ones
 * bring up to theirs. What is common to all threads is written last, once all is known of it. */
#pragma once

#include "plotter/export/lanes.h"
#include "plotter/export/series.h"
#include "plotter/export/stacks.h"
#include "share/names.h"

/* A recording in it. */
struct firefox_part {
	struct export export;
	struct stacks stacks;
	int64_t shift; /* µs to be added to its moments */
	size_t first_stack, first_frame, main_thread;
};

/* A process is a thread there. */
struct firefox_process {
	size_t part;
	pid_t pid;
	unsigned life;
	const struct profile_child *child; /* NULL: the program itself, or not known */
	bool is_heap;                      /* no process: who holds the sampled heap */
};

struct firefox {
	FILE *out;
	struct firefox_part *parts;
	size_t n;
	int64_t zero; /* µs: where its axis of time begins */
	struct firefox_process *processes;
	size_t n_processes;
	struct names strings;
	FILE *aside; /* a file without a name, for the second column of a table under way */
	const char *separator;
};

void firefox_separate(struct firefox *f); /* what stands between elements; it becomes a comma */
void firefox_begin_list(struct firefox *f);

/* Milliseconds from the axis' beginning. */
void firefox_time(struct firefox *f, const struct firefox_part *part, int64_t us);

/* The index of a text; 0, which stands for what there is no room for, where the texts are too many.
 * -ENOMEM. */
long firefox_string(struct firefox *f, const char *text);

/* The id of a process, in quotes. */
void firefox_pid(struct firefox *f, const struct firefox_process *process);

/* "counters": …, "threads": …, "shared": … Each 0 or -errno. */
int firefox_counters(struct firefox *f);
int firefox_threads(struct firefox *f);
int firefox_shared(struct firefox *f);
int firefox_markers(struct firefox *f, const struct firefox_process *process); /* of a thread */
