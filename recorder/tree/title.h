/* What to call a process in a recording: comm, and what an interpreter runs ("python3 worker.py").
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Can its arguments tell more than comm does? */
bool title_asks_for_arguments(const char *comm);

/* From `n` bytes of /proc/PID/cmdline, each argument ended by a NUL; 0: there are none. The title
 * is cut to fit. */
void title_make(char *title, size_t size, const char *comm, const char *arguments, size_t n);

/* The script or module that an interpreter of this name runs, within `arguments` (n bytes, of which
 * the last is a NUL); NULL: it is no interpreter, or runs what has no name. */
const char *title_script(const char *program, const char *arguments, size_t n);
