/* The functions that were marked with @profile, as every process of the program knows them:
 * cloudpickle and its like make such a function anew in another one, from nothing but its code. */
#pragma once

#include "recorder/python/agent/subject.h"

void marks_put(PyObject *code, const struct subject *subject);

/* A function is about to be made of this code; true: it is a marked one's, and is looked at. */
bool marks_take(PyObject *code);
