/* mprof-c links libc only; what needs libpng and zlib is mprof-c-plot, found beside mprof-c, in
 * libexecdir, or in PATH, the way git finds its commands. */
#pragma once

#include "share/command.h"

extern const struct command command_plot; /* hands over */

/* Becomes `mprof-c-plot argv…` (argv[0] the command's name). Returns only when that failed: the
 * exit status, the fault said. */
int handover(char *argv[]);

/* The same with the words made of a command and its options, and of paths, which no option is taken
 * for. */
int handover_with(char *const command[], size_t n_command, const char *const paths[],
		  size_t n_paths);
