/* How much memory a process may have: the least limit of the control groups that it is in
 * (memory.max of cgroup v2, memory.limit_in_bytes of v1; cgroups(7)), or all that the machine has.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Bytes; 0: not told. */
uint64_t limit_of(pid_t pid);
