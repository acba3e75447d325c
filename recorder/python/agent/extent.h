/* Which lines of its file a function takes. */
#pragma once

#include "recorder/python/agent/cpython.h"

enum { EXTENT_DEEPEST = 32 }; /* of functions inside functions */

/* The last line of a code object that begins at `first`, and of those inside it. */
int extent_last_line(PyObject *code, int first);
