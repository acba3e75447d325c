/* How a process ended that is none of our children. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* The status that wait(2) gives its parent: while it is a zombie from /proc/PID/stat, which tells
 * it to whoever might trace it, and after that from its pidfd (-1: none), since Linux 6.15. `start`
 * is procfs_stat's; 0: any. 0, or -ENODATA: nobody tells. */
int exit_code_read(pid_t pid, uint64_t start, int pidfd, int *wait_status);
