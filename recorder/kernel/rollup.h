/* /proc/PID/smaps_rollup, which pss and uss both read, as their sources' hooks. It walks every page
 * table entry (about 9 ms a GiB) while holding the process' mmap_lock for reading. The state is a
 * struct procfs. */
#pragma once

#include "recorder/kernel/procfs.h"

enum { ROLLUP_TEXT = 8192 };

int rollup_open(void *state, pid_t pid);

/* Opened anew when the process has called execve, which the descriptor does not survive. */
int rollup_fetch(void *state, char text[ROLLUP_TEXT]);
void rollup_close(void *state);
