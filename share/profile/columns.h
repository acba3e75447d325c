/* A series of any length in bounded memory: M4 decimation (first, last, lowest and highest sample
 * of each time column), with columns that double their width when the recording outgrows them. As
 * long as the samples fit, each is kept as it is. Source of the idea: Jugel et al., “M4: A
 * Visualization-Oriented Time Series Data Aggregation”, VLDB 2014. */
#pragma once

#include <stddef.h>

#include "share/profile/sample.h"

struct column {
	struct sample first, last, low, high;
	uint64_t n; /* samples in it; 0: none (never in columns_list's result) */
};

struct columns {
	struct column *items;
	size_t n;         /* columns in use */
	size_t allocated; /* columns there is memory for: grows on demand up to limit */
	size_t limit;     /* most columns ever; even, ≥ 4 */
	int64_t start;    /* µs, left edge of items[0]; meaningful once width > 0 */
	int64_t width;    /* µs a column; 0 while every sample still has its own column */
	uint64_t samples; /* ever added */
};

/* Samples may come out of order (a clock that stepped): those before `start` widen the first
 * column's reach. Returns 0 or -ENOMEM, upon which the columns stay valid. */
int columns_add(struct columns *columns, const struct sample *samples, size_t n);

/* Halves the limit and, when needed, merges neighbours: for many series under one budget. */
void columns_halve(struct columns *columns);

/* A copy merged down to at most `limit` columns between two moments (µs): what a picture of that
 * many pixels needs. The caller frees `items`. Empty columns are left out. Returns 0 or -ENOMEM. */
int columns_within(const struct columns *columns, int64_t from, int64_t to, size_t limit,
		   struct columns *out);

void columns_free(struct columns *columns);
