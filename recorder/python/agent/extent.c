#include "recorder/python/agent/extent.h"

#include <stddef.h>

#include "recorder/python/agent/objects.h"

/* 3.9 has no co_lines(); its co_lnotab holds pairs of steps, the second a signed one of lines. */
static int last_line_by_steps(PyObject *code, int line)
{
	PyObject *steps = PyObject_GetAttrString(code, "co_lnotab");
	const char *bytes = steps ? PyBytes_AsString(steps) : NULL;
	ssize_t n = bytes ? PyBytes_Size(steps) : 0;
	int last = line;
	for (ssize_t i = 1; i < n; i += 2) {
		line += (signed char)bytes[i];
		last = line > last ? line : last;
	}
	if (steps)
		Py_DecRef(steps);
	else
		PyErr_Clear();
	return last;
}

static int last_own_line(PyObject *code, int first)
{
	PyObject *ranges = PyObject_CallMethod(code, "co_lines", NULL), *range;
	int last = first;
	if (!ranges) {
		PyErr_Clear();
		return last_line_by_steps(code, first);
	}
	while ((range = PyIter_Next(ranges))) {
		PyObject *line = PyTuple_GetItem(range, 2);
		long number = line && line != &_Py_NoneStruct ? PyLong_AsLong(line) : 0;
		last = number > last ? (int)number : last;
		Py_DecRef(range);
	}
	PyErr_Clear();
	Py_DecRef(ranges);
	return last;
}

/* The last line of a function and of those inside it. */
static int last_line_inside(PyObject *code, int first, int depth)
{
	int last = last_own_line(code, first);
	PyObject *constants = PyObject_GetAttrString(code, "co_consts");
	for (ssize_t i = 0; constants && depth < EXTENT_DEEPEST && i < PyTuple_Size(constants);
	     i++) {
		PyObject *inner = PyTuple_GetItem(constants, i);
		int end = object_is_code(inner) ? last_line_inside(inner, first, depth + 1) : 0;
		last = end > last ? end : last;
	}
	if (constants)
		Py_DecRef(constants);
	else
		PyErr_Clear();
	return last;
}

int extent_last_line(PyObject *code, int first)
{
	return last_line_inside(code, first, 0);
}
