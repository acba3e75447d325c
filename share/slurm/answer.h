/* What a program says, which may hang. */
#pragma once

#include <stddef.h>

/* Its standard output, as far as it fits, with a NUL; standard error is dropped. The length, or
 * -errno; -ETIMEDOUT: it had not ended after `ms`, and was killed. -EIO: it failed. */
long answer_of(const char *path, char *const argv[], int ms, char *out, size_t size);
