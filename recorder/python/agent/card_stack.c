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

static void put_frame(struct card_text *text, PyObject *frame)
{
	char path[LONGEST_PATH], function[LONGEST_NAME];
	PyObject *code = code_of(frame);
	char *file = object_text(code, "co_filename"), *name = name_of(code);
	card_put(text, "at\t%d\t%s\t%s", PyFrame_GetLineNumber((PyFrame *)frame),
		 card_field(path, sizeof path, file), card_field(function, sizeof function, name));
	free(file);
	free(name);
	Py_DecRef(code);
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
