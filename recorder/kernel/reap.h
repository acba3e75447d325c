/* Waiting for a child of ours, without waiting. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What wait(2) tells, in our words: an exit status, or a signal as a negative number. */
int reap_status(int wait_status);

/* Any child of ours, or -1: its pid when it has ended, 0 when it lives, or -errno. Then its status
 * in our words (exit status or -signal), and its own high-water mark in bytes, or that of a
 * descendant that it waited for. *core, unless NULL: it left a core dump. */
pid_t reap_child(pid_t which, int *status, uint64_t *ru_maxrss, bool *core);
