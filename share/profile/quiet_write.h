/* write(2) inside a program that is not ours: a limit on files or a broken pipe is an error and no
 * signal to it, which it would die of. */
#pragma once

#include <sys/types.h>

/* What write(2) returns, and errno. */
ssize_t quiet_write(int fd, const void *text, size_t n);
