/* One recording of this process: a thread that samples, and what it has gathered. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "recorder/library/own_file.h"
#include "recorder/library/store.h"
#include "recorder/recording/sampler.h"
#include "recorder/tree/family.h"

enum recorder_state {
	RECORDER_STARTS,
	RECORDER_RUNS,
	RECORDER_IS_TO_STOP,
	RECORDER_STOPPED,
	RECORDER_GONE, /* we are the child of a fork: there is no such thread */
};

struct mprof_recorder {
	struct mprof_options options; /* defaults filled in; without `path` */
	const struct source *source;
	pthread_t thread;
	pthread_cond_t changed;

	/* Under the registry's lock, which is taken before `lock`. */
	struct mprof_recorder *next;
	struct profile_writer events; /* MARK, ENTER and FUNC lines since the start, for saving */
	struct own_file marks;        /* the path, once more: they are written at once */
	uint64_t floor; /* bytes: the high-water mark tells of us where it is above; 0: always */
	uint64_t known_peak; /* from the mark, before it was reset; once stopped, the last word */
	bool peak_is_lost;   /* the mark was reset before it told of us */

	pthread_mutex_t lock; /* of what follows */
	enum recorder_state state;
	int error; /* -errno of starting, or of writing to the path */
	struct sampler sampler;
	struct store store;
	uint64_t baseline, highest, samples;
	int64_t cpu;    /* ns, once stopped */
	double seconds; /* of the last sample */
	struct mprof_sample *copy;

	/* The thread's own. */
	struct family family;
	struct own_file file; /* the path */
};

/* Moment of a sample, for the file. */
static inline int64_t recorder_us(const struct mprof_recorder *recorder, double seconds)
{
	return recorder->sampler.epoch / 1000 + (int64_t)(seconds * 1e6 + 0.5);
}
