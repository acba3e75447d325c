/* Who writes a file that others find when he may be gone: said in its first line, so that whoever
 * comes later can prove that nobody writes it any more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { HOLDER_LINE = 192 };

/* The line that says us, with its end; a comment where # begins one. */
void holder_line_write(char line[HOLDER_LINE]);

/* Is it certain that he who wrote the line is gone? `fd` is the file, which he keeps locked
 * (flock(2)) as long as he lives. False in doubt, and where the line is no such one. */
bool holder_line_is_of_dead(const char *line, int fd);
