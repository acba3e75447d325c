/* Who is looked at from now on. */
#pragma once

#include "recorder/python/agent/subject.h"

/* A code object, under this name: its lines, its calls, or both. NULL: no memory. */
struct subject *enrol(PyObject *object, const char *name, bool lines, bool calls);

/* Whenever this code begins, subject_asked is called. */
void enrol_asking(PyObject *object);
