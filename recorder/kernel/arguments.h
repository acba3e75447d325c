/* The command line of a running process, for CMDLINE. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* The caller frees the array, whose texts lie in `text`; NULL: no memory. Kernel threads have no
 * arguments, then it is their name. */
char **arguments_of(pid_t pid, char *text, size_t size);
