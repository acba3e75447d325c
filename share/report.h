/* Where the memory grew: what a recording's GROW records tell, for people and for programs. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "share/command.h"
#include "share/growth_table.h"

extern const struct command command_report;

struct report_options {
	enum growth_by by;
	size_t top; /* rows of a table */
	bool json, folded;
};

/* Writes the sentence of the peak and the three lines that grew most. Silent where there are none.
 */
void report_summarize(const char *path, FILE *out);

/* "peak 755.8 MiB at 2.41 s in matrix, train.py:15, inside numpy/core/_methods.py _sum" */
enum { REPORT_SENTENCE = 2048 };
void report_sentence(char out[REPORT_SENTENCE], const struct profile *profile);

/* 0 or -ENOMEM; report_json.c. */
int report_print_json(const struct profile *profile, const struct report_options *options);
