/* Which recording is meant. */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "share/commands/catalog.h"

/* The file that a process is recorded in, or that it records others in: its absolute path. 0;
 * -ENOENT: there is none that we may see. */
int find_by_process(pid_t pid, char path[PATH_MAX]);

/* The newest of this folder that is being written; NULL: none is. Lives as long as the catalog. */
const char *find_newest(const struct catalog *catalog);
