/* Whose is a file of Python source, by its path alone. */
#pragma once

enum origin {
	ORIGIN_USERS,    /* the user's own, what was typed in too */
	ORIGIN_LIBRARYS, /* the standard library's, an installed package's, the interpreter's */
	ORIGIN_MADE,     /* made by exec: whoever did that, or `python -c`; <string> */
};

enum origin origin_of(const char *path);
