#include "recorder/python/agent/monitoring.h"

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/break.h"
#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/objects.h"
#include "recorder/python/agent/runs.h"

/* sys.monitoring, PEP 669 (docs.python.org/3/library/sys.monitoring.html), through plain Python
 * calls; what it calls are built-in functions. The events are asked for code by code, so whatever
 * is not looked at runs at its full speed. Unwinding and throwing exist only for all code. */

static PyObject *monitoring;
static int tool;
static long line_events, call_events;

static const void *frame_of(const struct subject *subject)
{
	return subject->suspends ? PyEval_GetFrame() : NULL;
}

static PyObject *on_start(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	struct subject *subject = n > 0 ? subject_find(arguments[0]) : NULL;
	(void)self;
	if (subject)
		run_enter(subject, frame_of(subject), subject->first);
	return python_none();
}

static PyObject *on_resume(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	struct subject *subject = n > 0 ? subject_find(arguments[0]) : NULL;
	(void)self;
	if (subject) {
		PyFrame *frame = PyEval_GetFrame();
		run_resume(subject, frame, frame ? PyFrame_GetLineNumber(frame) : subject->first);
	}
	return python_none();
}

static PyObject *on_yield(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	struct subject *subject = n > 0 ? subject_find(arguments[0]) : NULL;
	(void)self;
	if (subject)
		run_suspend(subject, PyEval_GetFrame());
	return python_none();
}

static PyObject *on_leave(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	struct subject *subject = n > 0 ? subject_find(arguments[0]) : NULL;
	(void)self;
	if (subject) {
		run_leave(subject);
		if (memory_break_due)
			break_stop(PyEval_GetFrame());
	}
	return python_none();
}

static PyObject *on_line(PyObject *self, PyObject *const *arguments, ssize_t n)
{
	struct subject *subject = n > 1 ? subject_find(arguments[0]) : NULL;
	(void)self;
	if (subject) {
		run_line(subject, (int)PyLong_AsLong(arguments[1]));
		if (memory_break_due)
			break_stop(PyEval_GetFrame());
	}
	return python_none();
}

static struct {
	const char *event;
	PyMethodDef method;
	bool everywhere;
	long bit;
} events[] = {
	{ "LINE", { "line", PY_FUNCTION(on_line), METH_FASTCALL, NULL }, false, 0 },
	{ "PY_START", { "start", PY_FUNCTION(on_start), METH_FASTCALL, NULL }, false, 0 },
	{ "PY_RESUME", { "resume", PY_FUNCTION(on_resume), METH_FASTCALL, NULL }, false, 0 },
	{ "PY_YIELD", { "suspend", PY_FUNCTION(on_yield), METH_FASTCALL, NULL }, false, 0 },
	{ "PY_RETURN", { "leave", PY_FUNCTION(on_leave), METH_FASTCALL, NULL }, false, 0 },
	{ "PY_UNWIND", { "unwind", PY_FUNCTION(on_leave), METH_FASTCALL, NULL }, true, 0 },
	{ "PY_THROW", { "throw", PY_FUNCTION(on_resume), METH_FASTCALL, NULL }, true, 0 },
};
enum { N_EVENTS = sizeof events / sizeof *events };

static bool called(PyObject *result)
{
	if (result)
		Py_DecRef(result);
	else
		PyErr_Clear();
	return result != NULL;
}

/* 0 to 5 are given out by number; 3 and 4 have no name yet. */
static bool take_tool(void)
{
	static const int numbers[] = { 4, 3 };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		tool = numbers[i];
		if (called(PyObject_CallMethod(monitoring, "use_tool_id", "is", tool, "mprof-c")))
			return true;
	}
	return false;
}

static void register_events(void)
{
	PyObject *names = PyObject_GetAttrString(monitoring, "events");
	for (size_t i = 0; names && i < N_EVENTS; i++) {
		PyObject *function = PyCFunction_NewEx(&events[i].method, NULL, NULL);
		events[i].bit = object_long(names, events[i].event, 0);
		if (function && called(PyObject_CallMethod(monitoring, "register_callback", "ilO",
							   tool, events[i].bit, function)))
			line_events |= events[i].everywhere ? 0 : events[i].bit;
		if (function)
			Py_DecRef(function);
	}
	if (names)
		Py_DecRef(names);
	call_events = line_events & ~events[0].bit;
}

void monitoring_open(void)
{
	PyObject *system = PyImport_ImportModule("sys");
	monitoring = system ? PyObject_GetAttrString(system, "monitoring") : NULL;
	if (system)
		Py_DecRef(system);
	if (!monitoring || !take_tool()) {
		PyErr_Clear();
		agent_note(AGENT_SAW_TOOLS, NULL, NULL);
		monitoring = NULL;
		return;
	}
	register_events();
}

/* Those for all code only once there is something to look at: they cost raised exceptions a little.
 */
static void watch_everywhere(void)
{
	static bool done;
	long bits = 0;
	if (done)
		return;
	done = true;
	for (size_t i = 0; i < N_EVENTS; i++)
		bits |= events[i].everywhere ? events[i].bit : 0;
	called(PyObject_CallMethod(monitoring, "set_events", "il", tool, bits));
}

void monitoring_watch(struct subject *subject)
{
	if (!monitoring)
		return;
	watch_everywhere();
	called(PyObject_CallMethod(monitoring, "set_local_events", "iOl", tool, subject->object,
				   subject->lines ? line_events : call_events));
}
