#include "recorder/python/agent/decorator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/enrol.h"
#include "recorder/python/agent/marks.h"
#include "recorder/python/agent/objects.h"
#include "recorder/python/agent/reach.h"
#include "recorder/python/agent/runs.h"
#include "recorder/python/agent/stream.h"

/* What the program finds as `profile`. It registers a function's code and returns the function
 * itself, not a wrapper: whatever kind of function it is goes on as before. Of memory_profiler,
 * `profile` is ours too, so that it works as a mark; all else is the module's own. Whoever asks all
 * modules for a name, as pickle does, understands no other error than that there is none. */
static const char source[] =
	"import sys, types\n"
	"class Profile:\n"
	"    def __call__(self, func=None, stream=None, precision=1, backend=None):\n"
	"        def register(func):\n"
	"            return _register_stream(func, stream, precision)\n"
	"        register = _register if stream is None else register\n"
	"        return register if func is None else register(func)\n"
	"    def timestamp(self, name='<block>'):\n"
	"        return Block(name)\n"
	"    def __repr__(self):\n"
	"        return '<profile of mprof-c>'\n"
	"class Block:\n"
	"    def __init__(self, name):\n"
	"        self.name = name\n"
	"    def __enter__(self):\n"
	"        _enter(self.name)\n"
	"    def __exit__(self, *_):\n"
	"        _leave(self.name)\n"
	"profile = Profile()\n"
	"class Module(types.ModuleType):\n"
	"    def __getattr__(self, name):\n"
	"        if name.startswith('__') and name != '__version__':\n"
	"            raise AttributeError(name)\n"
	"        try:\n"
	"            return getattr(own(), name)\n"
	"        except ImportError as error:\n"
	"            raise AttributeError(name) from error\n"
	"found = None\n"
	"def own():\n"
	"    global found\n"
	"    if found is None:\n"
	"        import importlib\n"
	"        shim = sys.modules.pop('memory_profiler', None)\n"
	"        try:\n"
	"            found = importlib.import_module('memory_profiler')\n"
	"        finally:\n"
	"            if shim is not None:\n"
	"                sys.modules['memory_profiler'] = shim\n"
	"    return found\n"
	"def serve():\n"
	"    if 'memory_profiler' not in sys.modules:\n"
	"        shim = Module('memory_profiler')\n"
	"        shim.profile = profile\n"
	"        sys.modules['memory_profiler'] = shim\n";

static PyObject *globals;

/* "module.qualname" of a function; the caller frees it. */
static char *name_of(PyObject *function)
{
	char *module = object_text(function, "__module__");
	char *name = object_text(function, "__qualname__"), *whole = NULL;
	if (module && strcmp(module, "__mp_main__") == 0)
		strcpy(module, "__main__"); /* multiprocessing's name for it in its children */
	size_t size = (module ? strlen(module) : 0) + (name ? strlen(name) : 0) + 3;
	if (name && (whole = malloc(size)))
		snprintf(whole, size, "%s%s%s", module ? module : "", module ? "." : "", name);
	free(module);
	free(name);
	return whole;
}

/* The code's own file and line tell a function that is made anew elsewhere. */
static struct subject *register_function(PyObject *function)
{
	PyObject *code = PyObject_GetAttrString(function, "__code__");
	char *name = code ? name_of(function) : NULL;
	struct subject *subject = NULL;
	if (name && (subject = enrol(code, name, agent_shared->lines, agent_shared->calls)))
		marks_put(code, subject);
	free(name);
	if (code)
		Py_DecRef(code);
	PyErr_Clear();
	return subject;
}

/* Where the reports of its calls go; NULL: nowhere in particular. */
struct destination {
	PyObject *stream, *precision;
};

static void register_one(PyObject *item, const struct destination *to)
{
	struct subject *subject = NULL;
	if (object_is_code(item))
		enrol_asking(item);
	else
		subject = register_function(item);
	if (!subject || !to->stream)
		return;
	if (agent_shared->lines)
		stream_open(subject, to->stream, to->precision);
	else
		agent_note(AGENT_SAW_STREAM, NULL, NULL);
}

static void register_all(PyObject *items, const struct destination *to)
{
	for (ssize_t i = 0; i < PyTuple_Size(items); i++)
		register_one(PyTuple_GetItem(items, i), to);
	Py_DecRef(items);
	PyErr_Clear();
}

/* Returns what it was given. */
static PyObject *register_object(PyObject *object, const struct destination *to)
{
	PyObject *items = reach_functions(object);
	if (items && PyTuple_Size(items) == 0) {
		char *name = reach_name(object);
		agent_note_bare(name ? name : "something");
		free(name);
	}
	if (items)
		register_all(items, to);
	else
		register_one(object, to);
	Py_IncRef(object);
	return object;
}

static PyObject *on_register(PyObject *self, PyObject *object)
{
	const struct destination nowhere = { NULL, NULL };
	(void)self;
	return register_object(object, &nowhere);
}

static PyObject *on_register_stream(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	(void)self;
	if (n != 3)
		return python_none();
	const struct destination to = { arguments[1], arguments[2] };
	return register_object(arguments[0], &to);
}

/* What a wrapper was given since it was marked. */
static void register_more(void)
{
	const struct destination nowhere = { NULL, NULL };
	PyObject *items = reach_more();
	if (items)
		register_all(items, &nowhere);
}

static struct subject *block_of(PyObject *name)
{
	char *text = text_of(name);
	struct subject *subject = text && agent_shared->calls ? subject_block(text) : NULL;
	free(text);
	return subject;
}

static PyObject *enter_block(PyObject *self, PyObject *name)
{
	struct subject *subject = block_of(name);
	(void)self;
	if (subject)
		run_enter(subject, NULL, 0);
	return python_none();
}

static PyObject *leave_block(PyObject *self, PyObject *name)
{
	struct subject *subject = block_of(name);
	(void)self;
	if (subject)
		run_leave(subject);
	return python_none();
}

static PyMethodDef methods[] = {
	{ "_register", PY_FUNCTION(on_register), METH_O, NULL },
	{ "_register_stream", PY_FUNCTION(on_register_stream), METH_FASTCALL, NULL },
	{ "_enter", PY_FUNCTION(enter_block), METH_O, NULL },
	{ "_leave", PY_FUNCTION(leave_block), METH_O, NULL },
};

static void put_methods(void)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		PyObject *function = PyCFunction_NewEx(&methods[i], NULL, NULL);
		if (function) {
			PyDict_SetItemString(globals, methods[i].name, function);
			Py_DecRef(function);
		}
	}
}

void decorator_open(void)
{
	subject_asked = register_more;
	PyObject *builtins = PyImport_ImportModule("builtins");
	PyObject *code = Py_CompileString(source, "<mprof-c>", PY_FILE_INPUT);
	globals = PyDict_New();
	if (builtins && code && globals) {
		PyDict_SetItemString(globals, "__builtins__", builtins);
		put_methods();
		PyObject *done = PyEval_EvalCode(code, globals, globals);
		PyObject *profile = PyDict_GetItemString(globals, "profile");
		if (done && profile)
			PyObject_SetAttrString(builtins, "profile", profile);
		if (done)
			Py_DecRef(done);
	}
	if (code)
		Py_DecRef(code);
	if (builtins)
		Py_DecRef(builtins);
	PyErr_Clear();
}

void decorator_import(const char *name)
{
	if (!globals || strcmp(name, "memory_profiler") != 0)
		return;
	PyObject *serve = PyDict_GetItemString(globals, "serve");
	PyObject *done = serve ? PyObject_CallObject(serve, NULL) : NULL;
	if (done)
		Py_DecRef(done);
	PyErr_Clear();
}
