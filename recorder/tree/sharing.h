/* Do two processes share one memory, as between vfork and exec, or after clone(CLONE_VM)? Both show
 * all of it then. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Asks kcmp(2); where that is forbidden or missing, guesses: both show the same size, and `parent`
 * sleeps as vfork makes it. False once `child` has ended. */
bool sharing_memory(pid_t parent, pid_t child);
