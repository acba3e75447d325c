/* The names of recordings that were given none: mprofile_<YYYYMMDDhhmmss>.dat, or .dat.gz, and
 * under a launcher mprofile_<start>[_<job>[.<step>]]_r<rank>_<node>[_a<restart>][_<n>].dat, where
 * the rank has five digits or more. Of a batch script <job>.batch stands for job and rank. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A folder before it is no part of it. */
bool default_name_is(const char *name);

/* Is it the name of a recording of that job and on that node, as it stands in <job>/<node>/? */
bool default_name_belongs(const char *name, const char *job, const char *node);

/* A word of such a name: what could part it stands as '-'. NULL is "". */
enum { DEFAULT_NAME_WORD = 65 };
char *default_name_word(char out[DEFAULT_NAME_WORD], const char *text);
