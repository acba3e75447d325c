/* The places of a device added up by line, function or file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "share/snapshot/snapshot.h"

enum rows_by { ROWS_BY_LINE, ROWS_BY_FUNCTION, ROWS_BY_FILE };

struct rows_row {
	uint32_t frame; /* one of those that are in it; 0: there was no stack */
	int64_t at_peak, now;
};

struct rows {
	const struct snapshot *snapshot;
	enum rows_by by;
	struct rows_row *rows; /* most at the peak first, then most now */
	size_t n;
	int64_t deeds_at_peak[N_PLACES_DEEDS]; /* of those with a stack */
	int64_t without; /* at the peak: no stack, though the history saw it */
	int64_t before;  /* at the peak: no stack, and older than the history */
	int64_t peak;    /* all of it */
	size_t *shown;   /* of each text as a path: where growth_shorten has it begin */
};

/* 0 or -ENOMEM. The snapshot must outlive it. */
int rows_make(struct rows *rows, const struct snapshot *snapshot, const struct device *device,
	      enum rows_by by);
void rows_free(struct rows *rows);

/* "train.py:5 load", "train.py load", "train.py", as reports of recordings have it. */
enum { ROWS_NAME = 512 };
char *rows_name(char out[ROWS_NAME], const struct rows *rows, uint32_t frame);
