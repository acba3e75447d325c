#include "recorder/python/agent/decorator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/enrol.h"
#include "recorder/python/agent/objects.h"
#include "recorder/python/agent/runs.h"

/* What the program finds as `profile`. It registers a function's code and returns the function
 * itself, not a wrapper: whatever kind of function it is goes on as before. Of memory_profiler,
 * `profile` is ours too, so that it works as a mark; all else is the module's own. Whoever asks all
 * modules for a name, as pickle does, understands no other error than that there is none. */
static const char source[] =
	"import sys, types\n"
	"class Profile:\n"
	"    def __call__(self, func=None, stream=None, precision=1, backend=None):\n"
	"        return _register if func is None else _register(func)\n"
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

/* A static or class method, or a property, stands around the function. */
static PyObject *function_in(PyObject *object)
{
	static const char *const inside[] = { "__func__", "fget" };
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
		PyObject *function = PyObject_GetAttrString(object, inside[i]);
		if (function && function != &_Py_NoneStruct)
			return function;
		if (function)
			Py_DecRef(function);
		PyErr_Clear();
	}
	Py_IncRef(object);
	return object;
}

static PyObject *register_function(PyObject *self, PyObject *object)
{
	PyObject *function = function_in(object);
	PyObject *code = PyObject_GetAttrString(function, "__code__");
	char *name = code ? name_of(function) : NULL;
	(void)self;
	if (name)
		enrol(code, name, agent_shared->lines, agent_shared->calls);
	free(name);
	if (code)
		Py_DecRef(code);
	PyErr_Clear();
	Py_DecRef(function);
	Py_IncRef(object);
	return object;
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
	{ "_register", PY_FUNCTION(register_function), METH_O, NULL },
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
