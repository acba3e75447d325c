/* The samples of a recording curve by curve: each whole, in order of the file, for formats that
 * keep them apart. Memory stays bounded: what is too much to be sorted at once is read again. */
#pragma once

#include "plotter/export/export.h"

struct series {
	enum profile_kind kind;
	const char *text;                  /* VAL: metric, GPU: device; NULL: none */
	bool whole_device;                 /* GPU */
	pid_t pid;                         /* CHLD */
	const struct profile_child *child; /* CHLD; NULL: one beyond the bound on children */
	unsigned life;    /* CHLD: how many had this pid before, which is given out again */
	uint64_t samples; /* not told of MEM */
};

/* A non-zero return ends it all. A series has a sample at least. */
struct series_sink {
	int (*begin)(void *context, const struct series *series);
	int (*samples)(void *context, const struct sample *samples, size_t n);
	int (*end)(void *context);
};

/* Of what `export` shows. 0, -errno, or what the sink returned. */
int series_each(const struct export *export, enum profile_kind kind, const struct series_sink *sink,
		void *context);
