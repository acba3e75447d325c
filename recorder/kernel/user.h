/* Whose a process is. */
#pragma once

#include <sys/types.h>

/* Of its real, effective, saved and file system's user the first that is not root: what it is made
 * to read it may read with no more than that one's right. 65534, nobody, where it is not told. */
uid_t user_of(pid_t pid);

/* Out of /proc/PID/status. */
uid_t user_parse(const char *text);
