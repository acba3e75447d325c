/* Who writes a recording. */
#pragma once

#include "share/why/why.h"

/* The recorder holds a lock for as long as it records. Where there are no locks, nothing is known.
 */
enum why_writer why_find_writer(const char *path);
