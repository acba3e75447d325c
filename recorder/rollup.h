/* /proc/PID/smaps_rollup, which pss and uss both read. It walks every page table entry (about 9 ms
 * a GiB) while holding the process' mmap_lock for reading. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "recorder/procfs.h"

enum { ROLLUP_SIZE = 4096 };

int rollup_open(struct procfs *file, pid_t pid);

/* Opened anew when the process has called execve, which the descriptor does not survive. 0 or
 * -errno. */
int rollup_read(struct procfs *file, char text[ROLLUP_SIZE]);
