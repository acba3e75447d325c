/* The kernel's log, /dev/kmsg (Documentation/ABI/testing/dev-kmsg): whom it killed for memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Goes through the kills since `since` (µs of CLOCK_MONOTONIC) until `visit` says true. Pids are
 * the machine's: in a container they are others. 1: it said so, 0: it did not, or -errno of opening
 * the log, which may be forbidden. */
int kernel_log_kills(int64_t since, bool (*visit)(void *context, pid_t pid), void *context);

/* One record: "6,1234,5678901,-;Killed process 42 (name) …", or "Memory cgroup out of memory:
 * Killed process …". The pid, or 0: it tells of no kill since then. */
pid_t kernel_log_parse(const char *record, int64_t since);
