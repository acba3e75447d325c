/* Opens files as a process sees them: below its own root, nothing that is not a regular file, and
 * never waiting. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor to be read, or -errno. `pid` 0: below our own root. */
int opening_below(pid_t pid, const char *path);

/* What a process has mapped there: a file that is deleted or hidden by now as well, where we may
 * (map_files wants CAP_CHECKPOINT_RESTORE; /proc/PID/exe does not). The same. */
int opening_mapped(pid_t pid, uint64_t start, uint64_t end, const char *path);

/* What a process with virtual machine in it has left in its own /tmp of the names that it made:
 * perf-PID.map, by its owner and nobody else, and no link. The same. */
int opening_names(pid_t pid);
