/* The kernel's log, /dev/kmsg (Documentation/ABI/testing/dev-kmsg): whom it killed for memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor from which what is logged after this moment can be read, or `past` what is still
 * there; or -errno: it may be forbidden. */
int kernel_log_open(bool past);

/* Goes through the kills that are told there since `since` (µs of the log's own clock, which runs
 * like CLOCK_MONOTONIC but is not set right; 0: all) until `visit` says true. 1: it did; 0; -EPIPE:
 * it did not, but some of the log was overwritten before it was read. */
int kernel_log_kills(int fd, int64_t since, bool (*visit)(void *context, pid_t pid), void *context);

/* Are its pids ours? They are the machine's: in a container a number is somebody else's there. */
bool kernel_log_counts_as_we(void);

/* One record: "6,1234,5678901,-;Killed process 42 (name) …", or "Memory cgroup out of memory:
 * Killed process …". The pid, or 0: it tells of no kill since then. */
pid_t kernel_log_parse(const char *record, int64_t since);
