/* Opening what ought to be a file: whatever stands there instead is not touched. */
#pragma once

#include <sys/stat.h>

/* A descriptor that only stands for the file (O_PATH): no pipe is joined, no device woken, no link
 * followed when flags has O_NOFOLLOW. -EINVAL: it is no regular file. Or -errno. */
int regular_find(const char *path, int flags, struct stat *status);

/* One to read from, in place of what regular_find gave, which is closed. Or -errno. */
int regular_read(int found);

/* Both. */
int regular_open(const char *path, int flags, struct stat *status);
