/* Functions that are chosen by a pattern: --func and --line. */
#pragma once

#include "recorder/python/agent/cpython.h"

/* Those of a module that is about to be executed. */
void modules_walk(PyObject *module);
void modules_walk_made(PyObject *code); /* a function is about to be made of it */
