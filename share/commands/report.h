/* Where the memory grew: what a recording's GROW records tell, for people and for programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "share/commands/source_right.h"
#include "share/growth/growth.h"
#include "share/growth/heap.h"
#include "share/growth/own.h"
#include "share/growth/table.h"
#include "share/profile/profile.h"

enum { REPORT_TOP = 10 }; /* rows, where nobody asks for another number */

struct report_options {
	enum growth_by by;
	size_t top; /* rows of a table */
	bool ranks; /* many recordings, one a rank, beside each other */
	bool json, folded, heap;
	const char *output; /* a file; NULL: standard output */
	struct own own;
};

/* What is reported on. */
struct report {
	const struct profile *profile;
	struct growth growth;
	int64_t start, end; /* µs, as the samples and the GROW records tell */
	struct source_right right;
	size_t maker; /* the frame that made the peak; 0: not known */
};

/* 0 or -ENOMEM. The profile must outlive it. */
int report_open(struct report *report, const struct profile *profile, growth_own own);
void report_close(struct report *report);

/* Of a recording that has GROW records: "peak 755.8 MiB at 2.41 s in matrix, train.py:15, inside
 * numpy _sum". */
enum { REPORT_SENTENCE = 2048 };
void report_sentence(char out[REPORT_SENTENCE], const struct report *report);

/* Where it held `umib`, its peak: " in matrix, train.py:15", and "" where no GROW record tells of
 * so much. */
void report_place(char out[REPORT_SENTENCE], const struct profile *profile, int64_t umib);

/* What command_report prints, to standard output: text and folded stacks of one that has GROW
 * records; JSON of any, with the LINE records. 0 or -ENOMEM. */
int report_print_text(const struct report *report, const struct report_options *options);
int report_print_json(const struct report *report, const struct report_options *options);
int report_print_folded(const struct report *report, const struct report_options *options);

/* Where the memory of GPUs grew: a part of the text. */
int report_print_vram(const struct report *report, const struct report_options *options);

/* The same of a sampled heap, of a recording that has HEAP records. */
int report_print_heap(const struct report *report, const struct report_options *options);
int report_print_heap_json(const struct report *report, const struct report_options *options);

/* A row's name and, by line, its text; `width` is that of the widest name. */
void report_print_name(const struct report *report, const struct growth_row *row, enum growth_by by,
		       int width);
int report_name_width(const struct report *report, const struct growth_row *row, enum growth_by by);

/* Why GPUs had no memory left, and what held them, where one had none: a part of the text. 0 or
 * -ENOMEM. */
int report_print_card(const struct report *report);

/* A sentence where most of what grew was given back. */
void report_warn_of_churn(const struct profile *profile);

/* How its figures are known, and what of it is not; why it is not all, as a member of the JSON. */
void report_print_heap_known(const struct report *report);
void report_put_heap_lacks(const struct profile *profile);
bool report_heap_lacks(const struct profile *profile, const char *word);

/* Whether it goes on growing: lines of text, a member of the JSON. 0 or -ENOMEM. */
int report_print_outlook(const struct report *report, const struct report_options *options);
int report_put_outlook(const struct report *report, const struct report_options *options);

/* The mean number of bytes between two samples of a heap; 0: not told. */
double report_heap_mean(const struct profile *profile);

/* Who had grown most between two marks, or before the first and behind the last. */
struct report_interval {
	int64_t from, to;      /* µs */
	const char *mark;      /* at its beginning; NULL: the recording's */
	int64_t net, live;     /* umib: what lives changed by; at the end of it */
	const int64_t *change; /* umib, by row of the table */
};

/* Calls for each interval; a recording without a mark has none. 0, -ENOMEM or what that returns. */
int report_heap_marks(const struct report *report, const struct heap_table *table,
		      int (*each)(void *context, const struct report_interval *interval),
		      void *context);

/* The highest RSS that is known of a program recorded alone, umib; 0: there were others with it. */
int64_t report_known_peak(const struct profile *profile);

/* Of the first Python that could not be looked into: its version, "unknown" or "permission"; NULL:
 * there was none. */
const char *report_refused(const struct profile *profile);

/* How the figures are known, and what is not, as the file tells: sentences under the text, members
 * of the JSON. */
void report_print_known(const struct report *report);
void report_print_whole(const struct profile *profile); /* of them, what is true of any figures */
void report_put_known(const struct report *report);

/* report --ranks, of recordings, folders of them or merged ones: the exit status. */
int report_ranks(const char *const paths[], size_t n, const struct report_options *options);
