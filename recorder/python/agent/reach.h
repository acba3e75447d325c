/* The functions that a decorated thing stands around. */
#pragma once

#include "recorder/python/agent/cpython.h"

/* A tuple, a new reference; NULL: it could not be asked. Each item is a function, or a code object:
 * when that runs, reach_more may know of further functions. */
PyObject *reach_functions(PyObject *object);
PyObject *reach_more(void);         /* functions, as above */
char *reach_name(PyObject *object); /* what to call it; malloc'ed, or NULL */
