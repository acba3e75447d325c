/* What several of JSON's arrays are made of. Write errors are left in ferror(out). */
#pragma once

#include "plotter/export/export.h"

/* "seconds, MiB", and the same in brackets. */
void json_pair(FILE *out, const struct export *export, const struct sample *sample);
void json_moment(FILE *out, const struct export *export, const struct sample *sample);
/* A member that is an array, up to its first element; what writes them. */
struct export json_array(const struct profile *profile, const char *name, FILE *out);
/* The next element: a comma where it is not the first. */
void json_separator(struct export *export);
