/* Where our other programs and libraries are: beside this very file, as in the build folder or a
 * copied pair, else where they were installed. */
#pragma once

#include <limits.h>

/* 0, or -errno: in neither place is one that may be read. */
int beside_find(const char *name, char path[PATH_MAX]);
