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

/* exec(code, module.__dict__) is called by importlib through one function, whose arguments tell the
 * module, and by runpy through another; any other caller most likely stands in its own module. */
static PyObject *globals_for(PyFrame *frame)
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
	}
	free(function);
	PyErr_Clear();
	if (!globals)
		globals = PyObject_GetAttrString((PyObject *)frame, "f_globals");
	return globals;
}

/* The script itself is executed by nobody. multiprocessing's children have it under another name.
 */
static char *module_name(void)
{
	PyFrame *frame = PyEval_GetFrame();
	PyObject *globals = frame ? globals_for(frame) : NULL;
	PyObject *name = globals ? PyMapping_GetItemString(globals, "__name__") : NULL;
	char *text = name ? text_of(name) : frame ? NULL : strdup("__main__");
	if (name)
		Py_DecRef(name);
	if (globals)
		Py_DecRef(globals);
	PyErr_Clear();
	return text;
}

void modules_walk(PyObject *module)
{
	char *name = object_is_code(module) ? module_name() : NULL;
	if (!name)
		return;
	bool is_main = strcmp(name, "__main__") == 0 || strcmp(name, "__mp_main__") == 0;
	const struct walk walk = { is_main ? "__main__" : name, is_main };
	walk_inside(&walk, module, "", 0);
	PyErr_Clear();
	free(name);
}
