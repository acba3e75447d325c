/* What tells series of OpenMetrics apart: name="value", a comma between two. The caller frees it;
 * NULL: no memory. */
#pragma once

#include "plotter/export/series.h"

/* Does it say which rank of which job it is of? As a rule that is enough. */
bool labels_know_rank(const struct profile *profile);

/* Of each series of a recording; with the recording's own name, or without. */
char *labels_of_run(const struct profile *profile, bool named);

/* The same, which `run` is, and more. */
char *labels_of(const char *run, const struct series *series); /* NULL: none */
char *labels_and(const char *run, const char *name, const char *value);
char *labels_about(const char *run, const struct profile *profile); /* of the run as such */
