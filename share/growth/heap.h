/* A sampled heap added up: who holds it, by line, function, file or module. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "share/growth/growth.h"
#include "share/growth/table.h"
#include "share/profile/profile.h"

struct heap_row {
	struct growth_row who; /* its place alone: no figures */
	struct profile_heap_frame figures;
};

struct heap_table {
	struct heap_row *rows; /* those that hold most at the end come first */
	size_t n;
	size_t *row_of; /* by frame, as many as the heap has; SIZE_MAX: in no row */
	struct profile_heap_frame all;
};

/* 0 or -ENOMEM. Not by thread. */
int heap_table_make(struct heap_table *table, const struct profile_heap *heap,
		    const struct growth *growth, enum growth_by by, enum growth_to to);
void heap_table_free(struct heap_table *table);

/* Twice the root of a variance: the truth is within so many MiB in 95 of 100. */
double heap_error(int64_t spread);

/* Is the row mostly of what children inherited? */
static inline bool heap_is_inherited(const struct heap_row *row)
{
	const struct profile_heap_frame *f = &row->figures;
	return f->inherited > f->live && f->inherited > f->at_peak;
}

/* What each row of the table holds after all steps until a moment, µs: live[] of as many as there
 * are rows; *at goes on from step to step, 0 at first. */
void heap_follow(const struct heap_table *table, const struct profile_heap *heap, int64_t until,
		 size_t *at, int64_t live[]);

/* ---- what was given back ---- */

struct heap_churn {
	int64_t grew, kept; /* umib: in all; of that, what is there at the end */
	bool sampled;       /* by the heap's records, else by what RSS grew and shrank */
};

/* Was most of what grew given back, and was that much? */
bool heap_churns(const struct profile *profile, struct heap_churn *churn);
