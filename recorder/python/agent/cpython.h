/* The slice of CPython's interface that the agent uses, declared by hand: it is the same from 3.9
 * on, so that one library serves them all and no Python headers are needed to build it. All of it
 * is weak: in a process that is no Python the addresses are NULL. Source: docs.python.org/3/c-api;
 * the names with a leading underscore are PEP 523's, exported by every build from 3.9 to 3.11. */
#pragma once

#include <sys/types.h>

typedef struct python_object PyObject;
typedef struct python_frame PyFrame; /* PyFrameObject; in 3.11's frame hook the inner frame */
typedef PyObject *(*PyCFunction)(PyObject *self, PyObject *argument);
typedef PyObject *(*PyFastFunction)(PyObject *self, PyObject *const *arguments, ssize_t n);
typedef int (*PyTraceFunction)(PyObject *object, PyFrame *frame, int what, PyObject *argument);
typedef PyObject *(*PyEvalFunction)(void *thread, PyFrame *frame, int throwing);
typedef int (*PyAuditFunction)(const char *event, PyObject *arguments, void *context);

typedef struct {
	const char *name;
	void (*function)(void); /* of any of the types above; PY_FUNCTION */
	int flags;
	const char *documentation;
} PyMethodDef;

#define PY_FUNCTION(function) ((void (*)(void))(function))

struct python_builtin { /* struct _inittab */
	const char *name;
	PyObject *(*init)(void);
};

enum { METH_VARARGS = 1, METH_O = 8, METH_FASTCALL = 0x80 };
enum { PY_TRACE_LINE = 2, PY_FILE_INPUT = 257 };
enum { CO_OPTIMIZED = 1, CO_NEWLOCALS = 2, CO_SUSPENDS = 0x20 | 0x80 | 0x100 | 0x200 };

#pragma GCC visibility push(default)
#define WEAK extern __attribute__((weak))
WEAK struct python_builtin *PyImport_Inittab;
WEAK PyObject _Py_NoneStruct;
WEAK const char *Py_GetVersion(void);
WEAK void Py_IncRef(PyObject *);
WEAK void Py_DecRef(PyObject *);
WEAK int PySys_AddAuditHook(PyAuditFunction, void *);
WEAK PyObject *PySys_GetObject(const char *);
WEAK PyObject *PyObject_GetAttrString(PyObject *, const char *);
WEAK int PyObject_HasAttrString(PyObject *, const char *);
WEAK int PyObject_SetAttrString(PyObject *, const char *, PyObject *);
WEAK PyObject *PyObject_CallObject(PyObject *, PyObject *);
WEAK PyObject *PyObject_CallMethod(PyObject *, const char *, const char *, ...);
WEAK PyObject *PyObject_CallFunction(PyObject *, const char *, ...);
WEAK PyObject PyDict_Type, PyList_Type, PyTuple_Type;
WEAK PyObject *PyObject_Type(PyObject *);
WEAK int PyType_IsSubtype(PyObject *, PyObject *);
WEAK PyObject *PyObject_GenericGetAttr(PyObject *, PyObject *);
WEAK int PyObject_IsTrue(PyObject *);
WEAK PyObject *PyUnicode_FromString(const char *);
WEAK PyObject *PyImport_GetModuleDict(void);
WEAK int PyDict_Next(PyObject *, ssize_t *, PyObject **, PyObject **);
WEAK PyObject *PyList_GetItem(PyObject *, ssize_t);
WEAK ssize_t PyList_Size(PyObject *);
WEAK int PyList_Append(PyObject *, PyObject *);
WEAK long long PyLong_AsLongLong(PyObject *);
WEAK PyObject *PyMapping_GetItemString(PyObject *, const char *);
WEAK PyObject *PyObject_GetIter(PyObject *);
WEAK PyObject *PyIter_Next(PyObject *);
WEAK PyObject *PyTuple_GetItem(PyObject *, ssize_t);
WEAK ssize_t PyTuple_Size(PyObject *);
WEAK const char *PyUnicode_AsUTF8AndSize(PyObject *, ssize_t *);
WEAK PyObject *PyUnicode_EncodeFSDefault(PyObject *);
WEAK char *PyBytes_AsString(PyObject *);
WEAK ssize_t PyBytes_Size(PyObject *);
WEAK long PyLong_AsLong(PyObject *);
WEAK PyObject *PyLong_FromLong(long);
WEAK void PyErr_Clear(void);
WEAK void PyErr_Fetch(PyObject **, PyObject **, PyObject **);
WEAK void PyErr_Restore(PyObject *, PyObject *, PyObject *);
WEAK PyObject *PyExc_BaseException;
WEAK PyObject *PyException_GetCause(PyObject *);
WEAK PyObject *PyException_GetTraceback(PyObject *);
WEAK PyObject *PyException_GetContext(PyObject *);
WEAK PyObject *PyImport_ImportModule(const char *);
WEAK PyObject *PyCFunction_NewEx(PyMethodDef *, PyObject *, PyObject *);
WEAK PyObject *Py_CompileString(const char *, const char *, int);
WEAK PyObject *PyEval_EvalCode(PyObject *, PyObject *, PyObject *);
WEAK PyObject *PyModule_GetDict(PyObject *);
WEAK PyObject *PyDict_New(void);
WEAK ssize_t PyDict_Size(PyObject *);
WEAK int PyDict_SetItemString(PyObject *, const char *, PyObject *);
WEAK PyObject *PyDict_GetItemString(PyObject *, const char *);
WEAK PyFrame *PyEval_GetFrame(void);
WEAK PyObject *PyFrame_GetCode(PyFrame *);
WEAK int PyFrame_GetLineNumber(PyFrame *);
WEAK void PyEval_SetTrace(PyTraceFunction, PyObject *);
WEAK void *PyInterpreterState_Get(void);
WEAK void _PyInterpreterState_SetEvalFrameFunc(void *, PyEvalFunction);
WEAK PyEvalFunction _PyInterpreterState_GetEvalFrameFunc(void *);
#undef WEAK
#pragma GCC visibility pop

static inline PyObject *python_none(void)
{
	Py_IncRef(&_Py_NoneStruct);
	return &_Py_NoneStruct;
}
