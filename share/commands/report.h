/* Where the memory grew: what a recording's GROW records tell, for people and for programs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "share/commands/source_right.h"
#include "share/growth/growth.h"
#include "share/growth/own.h"
#include "share/growth/table.h"
#include "share/profile/profile.h"

struct report_options {
	enum growth_by by;
	size_t top; /* rows of a table */
	bool json, folded;
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

/* Where it held `umib`, its peak: " in matrix, train.py:15", and "" where no GROW record tells of so
 * much. */
void report_place(char out[REPORT_SENTENCE], const struct profile *profile, int64_t umib);

/* What command_report prints, to standard output: text and folded stacks of one that has GROW
 * records; JSON of any, with the LINE records. 0 or -ENOMEM. */
int report_print_text(const struct report *report, const struct report_options *options);
int report_print_json(const struct report *report, const struct report_options *options);
int report_print_folded(const struct report *report, const struct report_options *options);

/* The highest RSS that is known of a program recorded alone, umib; 0: there were others with it. */
int64_t report_known_peak(const struct profile *profile);

/* Of the first Python that could not be looked into: its version, "unknown" or "permission"; NULL:
 * there was none. */
const char *report_refused(const struct profile *profile);

/* How the figures are known, and what is not, as the file tells: sentences under the text, members
 * of the JSON. */
void report_print_known(const struct report *report);
void report_put_known(const struct report *report);
