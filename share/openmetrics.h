/* Pieces of the text that Prometheus reads, of files that it is given and of those that it scrapes.
 */
#pragma once

#include <stdio.h>

enum { OPENMETRICS_WORD = 96 };

/* "cgroup_anon": a metric as a part of a name. */
const char *openmetrics_word(char word[OPENMETRICS_WORD], const char *metric);

/* NAME="VALUE" behind `before`: quotes, backslashes and ends of lines escaped; what is no UTF-8 is
 * U+FFFD. */
void openmetrics_label(FILE *out, const char *before, const char *name, const char *value);
