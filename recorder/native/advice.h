/* What would name more of a binary. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Of one that has no debugging information: a clause, "install libfoo1-dbgsym". */
void advice_write(char *out, size_t size, const char *path);

/* Is it where packages put what they install? */
bool advice_is_installed(const char *path);
