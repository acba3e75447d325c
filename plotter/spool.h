/* Recordings that can be read only once, standard input and pipes, for what reads them twice. */
#pragma once

#include <stdbool.h>

/* Can the path be opened again and read from the start? */
bool spool_is_needed(const char *path);

/* Copies what `path` ("-": standard input) holds into a file without a name, which leaves with this
 * program; *copy is a path to it, for free(). 0 or -errno. */
int spool(const char *path, char **copy);
