/* Attributes of Python's objects as C values; none raises. */
#pragma once

#include <stdbool.h>

#include "recorder/python/agent/cpython.h"

long object_long(PyObject *object, const char *name, long otherwise);
char *object_text(PyObject *object, const char *name); /* UTF-8, malloc'ed; NULL: none */
char *text_of(PyObject *string);                       /* the same of a str */
bool object_is_code(PyObject *object);

/* What `source` defines by that name, for good; NULL: it cannot be run. */
PyObject *object_made(const char *source, const char *name);

/* A whole number, or `otherwise`; the reference to it is taken. */
long long object_taken(PyObject *number, long long otherwise);

/* What a module that has been imported calls so; borrowed. NULL: it is not there. */
PyObject *object_of_module(const char *module, const char *name);
