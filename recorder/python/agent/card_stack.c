#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

enum { MOST_FRAMES = 120, LONGEST_PATH = 1024, LONGEST_NAME = 256 };

static PyObject *code_of(PyObject *frame)
{
	return PyFrame_GetCode((PyFrame *)frame);
}

static char *name_of(PyObject *code)
{
	char *name = object_text(code, "co_qualname"); /* 3.11 and later */
	return name ? name : object_text(code, "co_name");
}

static void put_line(struct card_text *text, PyObject *frame, int line)
{
	char path[LONGEST_PATH], function[LONGEST_NAME];
	PyObject *code = code_of(frame);
	char *file = object_text(code, "co_filename"), *name = name_of(code);
	card_put(text, "at\t%d\t%s\t%s", line, card_field(path, sizeof path, file),
		 card_field(function, sizeof function, name));
	free(file);
	free(name);
	Py_DecRef(code);
}

static void put_frame(struct card_text *text, PyObject *frame)
{
	put_line(text, frame, PyFrame_GetLineNumber((PyFrame *)frame));
}

/* Does it begin a program or a thread of Python's? */
static bool is_beginning(PyObject *frame)
{
	PyObject *code = code_of(frame);
	char *name = object_text(code, "co_name");
	bool is = name && (strcmp(name, "<module>") == 0 || strcmp(name, "_bootstrap") == 0);
	free(name);
	Py_DecRef(code);
	return is;
}

/* Takes the reference. Whether its end is where something began. */
static bool put_frames(struct card_text *text, PyObject *frame)
{
	bool whole = false;
	for (int n = 0; frame && frame != &_Py_NoneStruct && n < MOST_FRAMES; n++) {
		put_frame(text, frame);
		whole = is_beginning(frame);
		PyObject *back = PyObject_GetAttrString(frame, "f_back");
		Py_DecRef(frame);
		frame = back;
	}
	if (frame)
		Py_DecRef(frame);
	PyErr_Clear();
	return whole;
}

/* It runs a backward pass, by its innermost frames. */
static bool is_in_backward(PyObject *frame)
{
	enum { NEAR = 4 };
	bool found = false;
	Py_IncRef(frame);
	for (int n = 0; frame && frame != &_Py_NoneStruct && n < NEAR && !found; n++) {
		PyObject *code = code_of(frame), *back = PyObject_GetAttrString(frame, "f_back");
		char *file = object_text(code, "co_filename");
		found = file && strstr(file, "torch/autograd/");
		free(file);
		Py_DecRef(code);
		Py_DecRef(frame);
		frame = back;
	}
	if (frame)
		Py_DecRef(frame);
	PyErr_Clear();
	return found;
}

static void put_waiting(struct card_text *text)
{
	PyObject *all = PySys_GetObject("_current_frames"), *thread, *frame;
	PyObject *frames = all ? PyObject_CallObject(all, NULL) : NULL;
	ssize_t at = 0;
	bool found = false;
	while (frames && !found && PyDict_Next(frames, &at, &thread, &frame)) {
		found = is_in_backward(frame);
		if (found) {
			Py_IncRef(frame);
			put_frames(text, frame);
		}
	}
	if (frames)
		Py_DecRef(frames);
	PyErr_Clear();
}

void card_put_stack(struct card_text *text)
{
	PyObject *frame = (PyObject *)PyEval_GetFrame();
	bool whole = false;
	if (frame) {
		Py_IncRef(frame);
		whole = put_frames(text, frame);
	}
	if (!whole)
		put_waiting(text);
}

/* The innermost first, and no more of them than there is room for. */
void card_put_traceback(struct card_text *text, PyObject *traceback)
{
	PyObject *last[MOST_FRAMES], *at = traceback;
	size_t n = 0;
	Py_IncRef(at);
	for (; at && at != &_Py_NoneStruct; n++) {
		if (n >= MOST_FRAMES)
			Py_DecRef(last[n % MOST_FRAMES]);
		last[n % MOST_FRAMES] = at;
		at = PyObject_GetAttrString(at, "tb_next");
	}
	if (at)
		Py_DecRef(at);
	for (size_t left = n < MOST_FRAMES ? n : MOST_FRAMES; left > 0; left--) {
		PyObject *one = last[--n % MOST_FRAMES];
		PyObject *frame = PyObject_GetAttrString(one, "tb_frame");
		if (frame) {
			put_line(text, frame, (int)object_long(one, "tb_lineno", 0));
			Py_DecRef(frame);
		}
		Py_DecRef(one);
	}
	PyErr_Clear();
}
