/* Does a process live, whatever /proc shows of it? */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Asks the kernel itself, for which nobody needs a right: pidfd_open(2), whose descriptor is
 * readable once the process has ended, if only as a zombie; before Linux 5.3, and where a sandbox
 * refuses it, kill(2), for which a zombie still lives. */
bool alive_is(pid_t pid);

/* It lives, but /proc does not show it: mounted with hidepid (proc(5)), it hides other users'. */
bool alive_is_hidden(pid_t pid);
