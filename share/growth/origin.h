/* Whose is a file of source, by its path alone. */
#pragma once

#include <stdbool.h>

enum origin {
	ORIGIN_USERS,    /* the user's own, what was typed in too */
	ORIGIN_LIBRARYS, /* the standard library's, an installed package's, the interpreter's */
	ORIGIN_MADE,     /* made by exec: whoever did that, or `python -c`; <string> */
};

enum origin origin_of(const char *path);

/* The same of a native file: a source, or a binary where none is known. Never ORIGIN_MADE. */
enum origin origin_of_native(const char *path);

/* Of what the user calls his own: does the pattern (fnmatch(3), '*' matches '/' too) name that
 * path, or a folder that it is in? */
bool origin_is_named(const char *path, const char *pattern);
