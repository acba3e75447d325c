/* Samples in Python: a buffer of (n, 2) doubles, and a sequence of pairs. */
#pragma once

#include "recorder/library/python/mprof_c/python.h"

#include "recorder/library/mprof-c.h"

/* The type; a new reference, NULL: raised. Made once, before samples_new. */
PyObject *samples_make_type(void);

/* A copy of them; NULL: raised. */
PyObject *samples_new(const struct mprof_sample *from, size_t n);
