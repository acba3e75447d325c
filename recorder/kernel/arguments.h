/* The command line of a running process, for CMDLINE. */
#pragma once

#include <sys/types.h>

/* The caller frees it, texts and all; the first 128 KiB of a longer one. Kernel threads have no
 * arguments, then it is their name. NULL: no memory. */
char **arguments_of(pid_t pid);
