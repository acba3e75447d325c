/* A sampled heap added up: who holds it, by line, function, file or module. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/format.h"
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

/* Is all of the row what children inherited? */
static inline bool heap_is_inherited(const struct heap_row *row)
{
	const struct profile_heap_frame *f = &row->figures;
	return f->inherited > 0 && f->live <= 0 && f->at_peak <= 0;
}

/* What each row of the table holds after all steps until a moment, µs: live[] of as many as there
 * are rows; *at goes on from step to step, 0 at first. */
void heap_follow(const struct heap_table *table, const struct profile_heap *heap, int64_t until,
		 size_t *at, int64_t live[]);

/* ---- what is not in it ---- */

/* What was taken and is in no figure, as META heap_lacks tells: "what a program's own malloc took";
 * NULL: nothing, so far as is known. */
const char *heap_missing(const struct profile *profile);

/* Was it to be sampled, and there is nothing of it? And why: "its program has a malloc of its own,
 * which cannot be seen". */
enum { HEAP_UNSEEN = 160 };
bool heap_is_unseen(const struct profile *profile);
char *heap_say_unseen(char out[HEAP_UNSEEN], const struct profile *profile);

/* Bytes from sample to sample; 0: not told. */
double heap_mean(const struct profile *profile);
char *heap_say_mean(char out[FORMAT_SIZE], double bytes); /* "256 KiB", "1 B" */

/* µs: until when its records were written, where the end or some of them are missing; 0: all are
 * there. */
int64_t heap_written_until(const struct profile *profile);

/* ---- what was given back ---- */

struct heap_churn {
	int64_t grew, kept; /* umib: in all; of that, what is there at the end */
	bool sampled;       /* by the heap's records, else by what RSS grew and shrank */
};

/* Was most of what grew given back, and was that much? */
bool heap_churns(const struct profile *profile, struct heap_churn *churn);
