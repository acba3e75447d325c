#include <stddef.h>

#include "recorder/python/agent/card.h"
#include "recorder/python/agent/objects.h"

/* Nothing is audited when an exception ends a thread. threading.excepthook is asked for what is to
 * be done then, by its name, each time; what stands there is called by ours as before. */

static PyObject *before; /* what stood there */

/* Its fields: type, value, traceback, thread. */
static void look(PyObject *ended)
{
	PyObject *type = PyTuple_GetItem(ended, 0), *value = PyTuple_GetItem(ended, 1);
	PyObject *traceback = PyTuple_GetItem(ended, 2);
	PyErr_Clear();
	if (!type || !value || !traceback)
		return;
	PyObject *all =
		PyObject_CallFunction(&PyTuple_Type, "([OOOO])", before, type, value, traceback);
	if (all)
		card_raised(all);
	if (all)
		Py_DecRef(all);
	PyErr_Clear();
}

static PyObject *on_end(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	(void)self;
	if (n == 1) {
		look(arguments[0]);
		return PyObject_CallFunction(before, "(O)", arguments[0]);
	}
	return PyObject_CallFunction(before, "()"); /* whose error it is then */
}

static bool is_imported(const char *module)
{
	return PyDict_GetItemString(PyImport_GetModuleDict(), module);
}

void card_watch_threads(void)
{
	static PyMethodDef method = { "excepthook", PY_FUNCTION(on_end), METH_FASTCALL, NULL };
	if (before || !(is_imported("jax") || is_imported("cupy") || is_imported("tensorflow")) ||
	    !is_imported("threading"))
		return;
	PyObject *hook = object_of_module("threading", "excepthook");
	PyObject *ours = hook ? PyCFunction_NewEx(&method, NULL, NULL) : NULL;
	PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
	if (ours && PyObject_SetAttrString(module, "excepthook", ours) == 0) {
		Py_IncRef(hook);
		before = hook;
	}
	if (ours)
		Py_DecRef(ours);
	PyErr_Clear();
}
