/* The exact report of lines, from the LINE records of a recording: memory_profiler's, with a column
 * more. Peak is the most that was held while the line ran, in itself and in what it called. */
#pragma once

#include <stdio.h>

struct profile;

enum { LINE_REPORT_PRECISION = 3 }; /* decimals, as memory_profiler has them */

/* Prints a table for each function, its source beside the figures where the file is still there and
 * as it was when the recording began.
 * What several processes counted is added up. 0 or -ENOMEM; of a failed write the stream tells. */
int line_report_text(const struct profile *profile, int precision, FILE *out);

/* The same as JSON: [{"file":…, "function":…, "processes":[pid …], "lines":[{"line":…, "mib":…,
 * "increment":…, "peak":…, "occurrences":…, "other_threads":…, "source":…} …]} …], only of lines
 * that ran; "other_threads" where they took some of the increment; of a file that has changed
 * since, "changed":true and no source. */
int line_report_json(const struct profile *profile, FILE *out);
