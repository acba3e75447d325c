/* Every sample of a recording again, one by one, for the backends that write samples instead of a
 * picture: memory stays bounded whatever the recording's length. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "plotter/export/spool.h"

struct export
{
	const struct profile *profile; /* as loaded: tells the start */
	struct spool *spool;
	size_t span; /* the recording's in the spool */
	FILE *out;
	double from, to; /* window in seconds, both 0: everything */
	/* A non-zero return ends the export. Records are those that hold a sample of their own,
	 * but for MEM's. */
	int (*on_sample)(struct export * export, const struct sample *sample);
	int (*on_record)(struct export * export, const struct profile_record *record);
	unsigned long long n; /* for the callbacks' own use */
};

/* One of several: `of` says the spool, the output and the window of all. */
struct export export_of(const struct export *of, const struct profile *const profiles[], size_t i);

/* Does the export show this moment? */
bool export_shows(const struct export *export, int64_t us);

/* All that the window shows of one kind, or of PROFILE_KINDS: all, in order of the file. 0, -errno,
 * or what a callback returned. */
int export_samples(struct export *export, enum profile_kind kind);

/* What is held is held in whole pages, mostly: the bytes that make this figure in a file, of a page
 * where one does. */
int64_t export_bytes(int64_t umib);

/* A fixed-point figure with all of its six decimals, which are exact. */
void export_millionths(FILE *out, int64_t value);
