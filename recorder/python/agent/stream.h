/* @profile(stream=…): the report of each call, written where the program wants it. */
#pragma once

#include "recorder/python/agent/subject.h"

struct agent_line;

/* What `subject` tells from now on: the Python object that writes, at this many decimals. */
void stream_open(struct subject *subject, PyObject *stream, PyObject *precision);
struct agent_line *stream_line(struct subject *top, int line); /* its counters, or NULL */
void stream_tell(struct subject *top);                         /* a call has ended */
