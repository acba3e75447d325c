/* What a file is, before it is read. */
#pragma once

#include <stdbool.h>

/* Is it one that `mprof-c merge` made of many? What cannot be looked into is none. */
bool fleet_is_merged(const char *path);
