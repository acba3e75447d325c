/* What was sampled lately, finer than a long recording's columns are: the last minutes, in columns
 * of one width each. */
#pragma once

#include "share/profile/profile.h"

enum { RECENT_MOST_GPUS = 16 };

/* A ring of columns. */
struct recent_ring {
	int64_t width; /* µs a column */
	size_t n;
	struct column *items; /* by time / width, modulo n; those of an earlier round are stale */
	int64_t left;         /* µs: where the column begins that was written last … */
	size_t at;            /* … and its place */
	int64_t newest;       /* µs; 0: nothing yet */
};

struct recent_series {
	char *device; /* NULL: MEM */
	struct recent_ring minute, minutes;
};

struct recent {
	struct recent_series memory, gpus[RECENT_MOST_GPUS];
	size_t n_gpus;
};

enum { RECENT_MINUTE = 60, RECENT_MINUTES = 600 /* seconds that the two rings hold */ };

/* For profile_wish.also, with the recent as its context. */
extern const struct profile_sink recent_sink;

/* Empties it. 0 or -ENOMEM. */
int recent_begin(struct recent *recent);
void recent_free(struct recent *recent);

/* A GPU's, NULL: of a device beyond the bound. */
const struct recent_series *recent_of_gpu(const struct recent *recent, const char *device);

/* Of the last `seconds` a series as a chart takes it, with its first, last and highest sample. The
 * caller frees its columns. 0 or -ENOMEM. */
int recent_series_make(struct profile_series *made, const struct recent_series *series,
		       unsigned seconds);

/* The oldest sample of the last minute. False: there is none. */
bool recent_minute_ago(const struct recent_series *series, struct sample *then);
