/* Starting another program. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Starts argv[0], found in PATH, with these three as its standard input, output and error; -1:
 * /dev/null. `detached`: in a session of its own, it lives on when the terminal is closed. The
 * caller reaps it. Its pid, or -errno where there is none: why exec failed, too. */
pid_t start_program(char *const argv[], bool detached, const int ends[3]);
