#include "recorder/python/agent/modules.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/enrol.h"
#include "recorder/python/agent/extent.h"
#include "recorder/python/agent/objects.h"

enum { LONGEST_NAME = 1024 };

struct walk {
	const char *module;
	bool is_main;
};

static bool matches(const char *words, const struct walk *walk, const char *name)
{
	char whole[LONGEST_NAME + 256];
	if (!*words)
		return false;
	snprintf(whole, sizeof whole, "%s.%s", walk->module, name);
	for (; *words; words += strlen(words) + 1)
		if (fnmatch(words, whole, 0) == 0 || fnmatch(words, walk->module, 0) == 0 ||
		    (walk->is_main && fnmatch(words, name, 0) == 0))
			return true;
	return false;
}

/* <listcomp>, <genexpr> …: part of the function around them. <lambda> is one of its own. */
static bool is_comprehension(const char *name)
{
	size_t n = strlen(name);
	return n > 5 && name[0] == '<' && name[n - 1] == '>' && strcmp(name, "<lambda>") != 0;
}

static void choose(const struct walk *walk, PyObject *code, const char *name)
{
	char whole[LONGEST_NAME + 256];
	bool lines = matches(agent_shared->line_words, walk, name);
	bool calls = matches(agent_shared->call_words, walk, name);
	if (!lines && !calls)
		return;
	snprintf(whole, sizeof whole, "%s.%s", walk->module, name);
	enrol(code, whole, lines, calls);
}

static void walk_inside(const struct walk *walk, PyObject *outer, const char *prefix, int depth)
{
	PyObject *constants = PyObject_GetAttrString(outer, "co_consts");
	for (ssize_t i = 0; constants && depth < EXTENT_DEEPEST && i < PyTuple_Size(constants);
	     i++) {
		PyObject *code = PyTuple_GetItem(constants, i);
		char *own = object_is_code(code) ? object_text(code, "co_name") : NULL;
		if (!own)
			continue;
		char name[LONGEST_NAME];
		long flags = object_long(code, "co_flags", 0);
		bool is_function = (flags & CO_OPTIMIZED) && (flags & CO_NEWLOCALS);
		snprintf(name, sizeof name, "%s%s", prefix, own);
		if (is_function && !is_comprehension(own))
			choose(walk, code, name);
		size_t n = strlen(name);
		snprintf(name + n, sizeof name - n, is_function ? ".<locals>." : ".");
		walk_inside(walk, code, name, depth + 1);
		free(own);
	}
	if (constants)
		Py_DecRef(constants);
	else
		PyErr_Clear();
}

/* ---- which module ---- */

static PyObject *local_variable(PyFrame *frame, const char *name)
{
	PyObject *locals = PyObject_GetAttrString((PyObject *)frame, "f_locals");
	PyObject *value = locals ? PyMapping_GetItemString(locals, name) : NULL;
	if (locals)
		Py_DecRef(locals);
	PyErr_Clear();
	return value;
}

/* The variables of a module, or a plain dict: borrowed; NULL: it is neither. */
static PyObject *space_of(PyObject *value)
{
	PyObject *space = PyModule_GetDict(value);
	if (!space && PyDict_Size(value) >= 0)
		space = value;
	PyErr_Clear();
	return space;
}

static bool is_of_file(PyObject *space, const char *file)
{
	PyObject *own = PyDict_GetItemString(space, "__file__");
	char *text = own ? text_of(own) : NULL;
	bool same = text && strcmp(text, file) == 0;
	free(text);
	return same;
}

/* A loader of somebody else's has the module, or its variables, at hand when it executes it: what
 * says that it is of the code's file. New reference; NULL: none. */
static PyObject *globals_for_file(PyFrame *frame, PyObject *code)
{
	char *file = object_text(code, "co_filename");
	PyObject *locals = PyObject_GetAttrString((PyObject *)frame, "f_locals"), *value;
	PyObject *values = locals ? PyObject_CallMethod(locals, "values", NULL) : NULL;
	PyObject *each = values ? PyObject_GetIter(values) : NULL, *found = NULL;
	while (file && each && !found && (value = PyIter_Next(each))) {
		PyObject *space = space_of(value);
		if (space && is_of_file(space, file))
			Py_IncRef(found = space);
		Py_DecRef(value);
	}
	PyObject *used[] = { locals, values, each };
	for (size_t i = 0; i < sizeof used / sizeof *used; i++)
		if (used[i])
			Py_DecRef(used[i]);
	free(file);
	PyErr_Clear();
	return found;
}

/* exec(code, module.__dict__) is called by importlib through one function, whose arguments tell the
 * module, and by runpy through another; any other caller is a loader, or most likely stands in its
 * own module. */
static PyObject *globals_for(PyFrame *frame, PyObject *executed)
{
	PyObject *code = PyFrame_GetCode(frame);
	char *function = object_text(code, "co_name");
	PyObject *globals = NULL;
	Py_DecRef(code);
	if (function && strcmp(function, "_call_with_frames_removed") == 0) {
		PyObject *arguments = local_variable(frame, "args");
		globals = arguments ? PyTuple_GetItem(arguments, 1) : NULL;
		if (globals)
			Py_IncRef(globals);
		if (arguments)
			Py_DecRef(arguments);
	} else if (function && strcmp(function, "_run_code") == 0) {
		globals = local_variable(frame, "run_globals");
	} else if (function && strcmp(function, "<module>") != 0) {
		globals = globals_for_file(frame, executed);
	}
	free(function);
	PyErr_Clear();
	if (!globals)
		globals = PyObject_GetAttrString((PyObject *)frame, "f_globals");
	return globals;
}

/* The script itself is executed by nobody. multiprocessing's children have it under another name.
 */
static char *module_name(PyObject *code)
{
	PyFrame *frame = PyEval_GetFrame();
	PyObject *globals = frame ? globals_for(frame, code) : NULL;
	PyObject *name = globals ? PyMapping_GetItemString(globals, "__name__") : NULL;
	char *text = name ? text_of(name) : frame ? NULL : strdup("__main__");
	if (name)
		Py_DecRef(name);
	if (globals)
		Py_DecRef(globals);
	PyErr_Clear();
	return text;
}

static struct walk walk_of(const char *module)
{
	bool is_main = strcmp(module, "__main__") == 0 || strcmp(module, "__mp_main__") == 0;
	return (struct walk){ is_main ? "__main__" : module, is_main };
}

void modules_walk(PyObject *module)
{
	char *name = object_is_code(module) ? module_name(module) : NULL;
	if (!name)
		return;
	const struct walk walk = walk_of(name);
	walk_inside(&walk, module, "", 0);
	PyErr_Clear();
	free(name);
}

/* Its variables are at hand where it is made; "globals" and "base_globals" are what cloudpickle and
 * dill call them. */
static char *module_of_made(PyFrame *frame)
{
	static const char *const names[] = { "globals", "base_globals", "fglobals" };
	PyObject *globals = NULL, *name = NULL;
	for (size_t i = 0; i < sizeof names / sizeof *names && !name; i++) {
		globals = local_variable(frame, names[i]);
		if (globals && PyDict_Size(globals) >= 0)
			name = PyMapping_GetItemString(globals, "__name__");
		if (globals)
			Py_DecRef(globals);
		PyErr_Clear();
	}
	globals = name ? NULL : PyObject_GetAttrString((PyObject *)frame, "f_globals");
	if (globals) {
		name = PyMapping_GetItemString(globals, "__name__");
		Py_DecRef(globals);
	}
	char *text = name ? text_of(name) : NULL;
	if (name)
		Py_DecRef(name);
	PyErr_Clear();
	return text;
}

void modules_walk_made(PyObject *code)
{
	PyFrame *frame = PyEval_GetFrame();
	char *module = frame && object_is_code(code) ? module_of_made(frame) : NULL;
	char *name = module ? object_text(code, "co_qualname") : NULL; /* 3.11 and later */
	if (module && !name)
		name = object_text(code, "co_name");
	if (name) {
		const struct walk walk = walk_of(module);
		choose(&walk, code, name);
	}
	PyErr_Clear();
	free(name);
	free(module);
}
