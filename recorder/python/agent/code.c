#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/python/agent/agent.h"

enum { LONGEST_NAME = 1024, DEEPEST = 32 };

/* ---- the table ---- */

static struct code *nothing[1];
struct code_table code_table = { nothing, 0 };

static unsigned n_codes;
static struct code **all; /* those and the named blocks, in order */
static unsigned n_all;

static void put(struct code_table *table, struct code *code)
{
	unsigned i = code_slot(code->object);
	while (table->slots[i & table->mask])
		i++;
	table->slots[i & table->mask] = code;
}

static bool make_room(void)
{
	unsigned size = code_table.mask + 1;
	if (2 * (n_codes + 1) < size)
		return true;
	struct code_table larger = { NULL, size < 256 ? 255 : 2 * size - 1 };
	larger.slots = calloc(larger.mask + 1, sizeof *larger.slots);
	if (!larger.slots)
		return false;
	for (unsigned i = 0; i < size; i++)
		if (code_table.slots[i])
			put(&larger, code_table.slots[i]);
	if (code_table.slots != nothing)
		free(code_table.slots);
	code_table = larger;
	return true;
}

static bool list(struct code *code)
{
	if ((n_all & (n_all - 1)) == 0) {
		struct code **more = realloc(all, (n_all ? 2 * n_all : 1) * sizeof *more);
		if (!more)
			return false;
		all = more;
	}
	all[n_all++] = code;
	return true;
}

/* ---- lines ---- */

static bool is_code(PyObject *object)
{
	return PyObject_HasAttrString(object, "co_code");
}

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
static int last_line(PyObject *code, int first, int depth)
{
	int last = last_own_line(code, first);
	PyObject *constants = PyObject_GetAttrString(code, "co_consts");
	for (ssize_t i = 0; constants && depth < DEEPEST && i < PyTuple_Size(constants); i++) {
		PyObject *inner = PyTuple_GetItem(constants, i);
		int end = is_code(inner) ? last_line(inner, first, depth + 1) : 0;
		last = end > last ? end : last;
	}
	if (constants)
		Py_DecRef(constants);
	else
		PyErr_Clear();
	return last;
}

/* ---- counters ---- */

static struct agent_listing *new_listing(const struct code *top)
{
	size_t file = strlen(top->file) + 1, name = strlen(top->name) + 1;
	size_t n = (size_t)top->n_lines, lines = n * sizeof(struct agent_line);
	struct agent_listing *listing =
		agent_room(sizeof *listing + lines + file + name, AGENT_LISTING);
	if (!listing)
		return NULL;
	char *texts = (char *)&listing->lines[n];
	memcpy(texts, top->file, file);
	memcpy(texts + file, top->name, name);
	listing->first = top->first;
	listing->n_lines = (uint32_t)n;
	listing->text = (uint32_t)(file + name);
	return listing;
}

struct agent_line *code_line(struct code *top, int line)
{
	int at = line - top->first;
	if (!top->listing)
		top->listing = new_listing(top);
	return top->listing && at >= 0 && at < top->n_lines ? &top->listing->lines[at] : NULL;
}

/* What the parent counted is the parent's. */
void code_forked(void)
{
	for (unsigned i = 0; i < n_all; i++)
		all[i]->listing = NULL;
}

/* ---- adding ---- */

static void watch(struct code *code)
{
	if (agent_minor >= 12)
		monitoring_watch(code);
	else
		hook_watch(code);
}

/* The path that the program knows it by may be relative, and the recorder is elsewhere. */
static char *absolute(char *file)
{
	char folder[4096];
	if (!file || *file == '/' || *file == '<' || !getcwd(folder, sizeof folder))
		return file;
	char *path = malloc(strlen(folder) + strlen(file) + 2);
	if (path)
		sprintf(path, "%s/%s", folder, strncmp(file, "./", 2) == 0 ? file + 2 : file);
	if (path)
		free(file);
	return path ? path : file;
}

static struct code *make(PyObject *object, const char *name, struct code *top)
{
	struct code *code = calloc(1, sizeof *code);
	char *file = object ? absolute(object_text(object, "co_filename")) : strdup("");
	if (!code || !file || !(code->name = strdup(name)) || !make_room() || !list(code)) {
		free(file);
		free(code ? code->name : NULL);
		free(code);
		return NULL;
	}
	memory_open();
	code->object = object;
	code->file = file;
	code->top = top ? top : code;
	if (!object)
		return code;
	Py_IncRef(object);
	code->first = (int)object_long(object, "co_firstlineno", 1);
	code->suspends = object_long(object, "co_flags", 0) & CO_SUSPENDS;
	put(&code_table, code);
	n_codes++;
	return code;
}

/* A function's lines hold lambdas, comprehensions and functions: they count for it. */
static void add_inner(struct code *outer, int depth)
{
	PyObject *constants = PyObject_GetAttrString(outer->object, "co_consts");
	for (ssize_t i = 0; constants && depth < DEEPEST && i < PyTuple_Size(constants); i++) {
		PyObject *object = PyTuple_GetItem(constants, i);
		if (!is_code(object))
			continue;
		struct code *inner = code_find(object);
		if (!inner)
			inner = make(object, outer->name, outer->top);
		if (!inner || inner->lines)
			continue;
		inner->top = outer->top;
		inner->lines = true;
		watch(inner);
		add_inner(inner, depth + 1);
	}
	if (constants)
		Py_DecRef(constants);
	else
		PyErr_Clear();
}

/* One that was counted for a function around it, and is now asked for itself. */
static void rename_code(struct code *code, const char *name)
{
	char *own = strcmp(code->name, name) != 0 ? strdup(name) : NULL;
	if (own) {
		free(code->name);
		code->name = own;
	}
}

struct code *code_add(PyObject *object, const char *name, bool lines, bool marks)
{
	struct code *code = code_find(object);
	if (!code)
		code = make(object, name, NULL);
	if (!code)
		return NULL;
	bool lines_are_new = lines && (!code->lines || code->top != code);
	if (!lines_are_new && (!marks || code->marks))
		return code;
	rename_code(code, name);
	code->lines |= lines;
	code->marks |= marks;
	atomic_fetch_add_explicit(&agent_shared->registered, 1, memory_order_relaxed);
	watch(code);
	if (lines_are_new) {
		code->top = code;
		code->n_lines = last_line(object, code->first, 0) - code->first + 1;
		add_inner(code, 0);
	}
	return code;
}

struct code *code_block(const char *name)
{
	for (unsigned i = 0; i < n_all; i++)
		if (!all[i]->object && strcmp(all[i]->name, name) == 0)
			return all[i];
	struct code *code = make(NULL, name, NULL);
	if (code)
		code->marks = agent_shared->marks;
	return code;
}

/* ---- choosing by name ---- */

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
	bool marks = matches(agent_shared->mark_words, walk, name);
	if (!lines && !marks)
		return;
	snprintf(whole, sizeof whole, "%s.%s", walk->module, name);
	code_add(code, whole, lines, marks);
}

static void walk_inside(const struct walk *walk, PyObject *outer, const char *prefix, int depth)
{
	PyObject *constants = PyObject_GetAttrString(outer, "co_consts");
	for (ssize_t i = 0; constants && depth < DEEPEST && i < PyTuple_Size(constants); i++) {
		PyObject *code = PyTuple_GetItem(constants, i);
		char *own = is_code(code) ? object_text(code, "co_name") : NULL;
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

void code_walk(PyObject *module)
{
	char *name = is_code(module) ? module_name() : NULL;
	if (!name)
		return;
	bool is_main = strcmp(name, "__main__") == 0 || strcmp(name, "__mp_main__") == 0;
	const struct walk walk = { is_main ? "__main__" : name, is_main };
	walk_inside(&walk, module, "", 0);
	PyErr_Clear();
	free(name);
}
