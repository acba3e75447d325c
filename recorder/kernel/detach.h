/* In a child of ours that is to be a helper: it keeps nothing of ours open, so that whoever waits
 * for the end of a file of ours does not wait for it; has a session of its own, so that no terminal
 * reaches it; and ends with us. */
#pragma once

#include <sys/types.h>

enum { DETACH_KEPT = 3 };

/* Keeps `fd`, from now on as that number. Does not return when `parent`, whose child it is, has
 * ended meanwhile. Async-signal-safe. */
void detach(int fd, pid_t parent);
