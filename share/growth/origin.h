/* Whose is a file of Python source, by its path alone. */
#pragma once

#include <stdbool.h>

/* The user's own, in contrast to the standard library's, an installed package's, or the
 * interpreter's own. What was typed in or made by exec is the user's. */
bool origin_is_users(const char *path);
