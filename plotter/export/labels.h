/* What tells series of OpenMetrics apart: name="value", a comma between two. The caller frees it;
 * NULL: no memory. */
#pragma once

#include "plotter/export/series.h"

char *labels_of(const struct profile *profile, const struct series *series); /* NULL: none */
char *labels_and(const struct profile *profile, const char *name, const char *value);
char *labels_about(const struct profile *profile); /* of the run as such */
