/* Which program a process runs, by its link in /proc. */
#pragma once

#include <sys/types.h>

/* Of a process or thread, PATH_MAX bytes; of a file that was deleted, " (deleted)" behind. 0 or
 * -errno. */
int exe_link(pid_t pid, char *path);
