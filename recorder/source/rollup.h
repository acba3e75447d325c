/* /proc/PID/smaps_rollup, which pss and uss both read: their sources' hooks. It walks every page
 * table entry (about 9 ms a GiB) while holding the process' mmap_lock for reading. The state is a
 * struct procfs. */
#pragma once

#include "recorder/kernel/procfs.h"
#include "recorder/source/source.h"

int rollup_open(void *state, pid_t pid);

/* Opened anew when the process has called execve, which the descriptor does not survive. */
int rollup_fetch(void *state, char text[SOURCE_TEXT]);
void rollup_close(void *state);
