#include "recorder/python/agent/objects.h"

#include <stdlib.h>
#include <string.h>

long object_long(PyObject *object, const char *name, long otherwise)
{
	PyObject *attribute = PyObject_GetAttrString(object, name);
	if (!attribute) {
		PyErr_Clear();
		return otherwise;
	}
	long value = PyLong_AsLong(attribute);
	Py_DecRef(attribute);
	if (value == -1)
		PyErr_Clear();
	return value;
}

/* Names of files may hold bytes that are no UTF-8: then the bytes themselves. */
char *text_of(PyObject *string)
{
	const char *utf8 = PyUnicode_AsUTF8AndSize(string, NULL);
	if (utf8)
		return strdup(utf8);
	PyErr_Clear();
	PyObject *bytes = PyUnicode_EncodeFSDefault(string);
	const char *raw = bytes ? PyBytes_AsString(bytes) : NULL;
	char *text = raw ? strdup(raw) : NULL;
	if (bytes)
		Py_DecRef(bytes);
	if (!raw)
		PyErr_Clear();
	return text;
}

char *object_text(PyObject *object, const char *name)
{
	PyObject *attribute = PyObject_GetAttrString(object, name);
	if (!attribute) {
		PyErr_Clear();
		return NULL;
	}
	char *text = text_of(attribute);
	Py_DecRef(attribute);
	return text;
}

bool object_is_code(PyObject *object)
{
	return PyObject_HasAttrString(object, "co_code");
}

PyObject *object_made(const char *source, const char *name)
{
	PyObject *globals = PyDict_New(), *builtins = PyImport_ImportModule("builtins");
	PyObject *code = Py_CompileString(source, "<mprof-c>", PY_FILE_INPUT), *done = NULL;
	if (globals && builtins && code) {
		PyDict_SetItemString(globals, "__builtins__", builtins);
		done = PyEval_EvalCode(code, globals, globals);
	}
	PyErr_Clear();
	return done ? PyDict_GetItemString(globals, name) : NULL;
}

long long object_taken(PyObject *number, long long otherwise)
{
	long long value = number ? PyLong_AsLongLong(number) : otherwise;
	if (number)
		Py_DecRef(number);
	PyErr_Clear();
	return value;
}

/* By its dictionary: a module may answer for names itself, and import others at that. */
PyObject *object_of_module(const char *module, const char *name)
{
	PyObject *found = PyDict_GetItemString(PyImport_GetModuleDict(), module);
	PyObject *names = found && found != &_Py_NoneStruct ? PyModule_GetDict(found) : NULL;
	found = names ? PyDict_GetItemString(names, name) : NULL;
	PyErr_Clear();
	return found;
}
