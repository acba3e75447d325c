/* A line of a source file, where the file is still there. */
#pragma once

#include <stdint.h>

/* Without the blanks around it, cut, printable; the caller frees it. NULL: no such file or line, or
 * the file has changed since `us`, the epoch's microseconds at which it ran. */
char *source_text(const char *path, int line, int64_t us);
