#include "recorder/python/agent/greenlets.h"

#include <stddef.h>
#include <string.h>

#include "recorder/python/agent/cpython.h"

static const char module_name[] = "greenlet";

bool greenlets_are_used;
static PyObject *getcurrent;
static _Thread_local const void *first; /* which runs where a thread begins */

static PyObject *find_module(void)
{
	PyObject *modules = PySys_GetObject("modules");
	return modules ? PyDict_GetItemString(modules, module_name) : NULL;
}

void greenlets_open(void)
{
	greenlets_are_used = find_module() != NULL;
}

void greenlets_import(const char *name)
{
	size_t n = sizeof module_name - 1;
	if (strncmp(name, module_name, n) == 0 && (name[n] == '\0' || name[n] == '.'))
		greenlets_are_used = true;
}

/* None while the import is under way. */
static bool look_up(void)
{
	PyObject *module = getcurrent ? NULL : find_module();
	if (module)
		getcurrent = PyObject_GetAttrString(module, "getcurrent");
	return getcurrent != NULL;
}

/* The one that has no parent. Takes the reference. */
static const void *root_of(PyObject *greenlet)
{
	enum { DEEPEST = 10000 };
	const void *root = greenlet;
	for (int i = 0; i < DEEPEST; i++) {
		PyObject *parent = PyObject_GetAttrString(greenlet, "parent");
		Py_DecRef(greenlet);
		if (!parent)
			return NULL;
		greenlet = parent;
		if (parent == &_Py_NoneStruct)
			break;
		root = parent;
	}
	Py_DecRef(greenlet);
	return root;
}

static const void *ask(void)
{
	PyObject *current = look_up() ? PyObject_CallObject(getcurrent, NULL) : NULL;
	const void *id = current;
	if (!current)
		return NULL;
	if (first)
		Py_DecRef(current);
	else
		first = root_of(current);
	return id == first ? NULL : id;
}

const void *greenlets_current(void)
{
	PyObject *kind, *value, *traceback;
	PyErr_Fetch(&kind, &value, &traceback);
	const void *id = ask();
	PyErr_Clear();
	PyErr_Restore(kind, value, traceback);
	return id;
}
