#include "recorder/python/agent/hook.h"

#include <stdlib.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/break.h"
#include "recorder/python/agent/greenlets.h"
#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/objects.h"
#include "recorder/python/agent/runs.h"
#include "recorder/python/agent/stacks.h"

/* Before 3.12: PEP 523's frame hook sees every frame that begins or goes on. Lines are told by a
 * trace function that is set only while a frame that is looked at runs itself, and is taken away
 * for what it calls: other code is never traced. */

static PyEvalFunction next_eval;
static PyObject *gettrace;
static _Thread_local bool tracing;
static _Thread_local bool setting; /* PyEval_SetTrace is audited: Python code may run inside it */

/* The inner frame of 3.11 (Include/internal/pycore_frame.h), as far as it is read. Earlier frames
 * are objects, which happen to have their code at the same place. */
struct frame_311 {
	void *function, *globals, *builtins, *locals;
	PyObject *code;
	void *object, *previous;
	const uint16_t *last; /* the instruction before the next one; its opcode is the low byte */
	int stack_top;
	bool is_entry;
	char owner; /* 0: the thread, 1: a generator */
};

enum {
	OP_YIELD_FROM = 72,
	OP_RETURN_GENERATOR = 75,
	OP_YIELD_VALUE = 86,
	OP_LOAD_CONST = 100
}; /* Include/opcode.h */

static PyObject *code_of(const PyFrame *frame)
{
	return ((const struct frame_311 *)frame)->code;
}

/* 3.11 makes a generator by running the function's frame up to RETURN_GENERATOR: no run of its own.
 */
static bool only_makes_generator(const struct subject *subject, const PyFrame *frame)
{
	return agent_minor == 11 && subject->suspends &&
	       ((const struct frame_311 *)frame)->owner == 0;
}

static unsigned last_opcode(const PyFrame *frame)
{
	return *((const struct frame_311 *)frame)->last & 0xff;
}

/* A generator's frame that has not yet run. */
static bool is_fresh(PyFrame *frame)
{
	return agent_minor == 11 ? last_opcode(frame) == OP_RETURN_GENERATOR
				 : object_long((PyObject *)frame, "f_lasti", -1) < 0;
}

/* Has the frame, which came back with a value, suspended rather than returned? */
static bool has_suspended(const struct subject *subject, PyFrame *frame)
{
	if (!subject->suspends)
		return false;
	if (agent_minor == 11)
		return last_opcode(frame) == OP_YIELD_VALUE;
	long last = object_long((PyObject *)frame, "f_lasti", -1);
	PyObject *bytes = PyObject_GetAttrString(subject->object, "co_code");
	const unsigned char *op = bytes ? (const unsigned char *)PyBytes_AsString(bytes) : NULL;
	bool suspended = false;
	if (op && last >= 0 && last < PyBytes_Size(bytes))
		suspended = op[last] == OP_YIELD_VALUE || op[last] == OP_YIELD_FROM ||
			    /* it is to be run again, so the one before it counts as the last */
			    (op[last] == OP_LOAD_CONST && last + 2 < PyBytes_Size(bytes) &&
			     op[last + 2] == OP_YIELD_FROM);
	if (bytes)
		Py_DecRef(bytes);
	else
		PyErr_Clear();
	return suspended;
}

/* ---- tracing ---- */

/* Where greenlets are switched, what they switch to is traced as well. */
static struct subject *subject_of(PyFrame *frame)
{
	if (__builtin_expect(!greenlets_are_used, 1))
		return run_subject();
	PyObject *code = PyFrame_GetCode(frame);
	struct subject *subject = subject_find(code);
	Py_DecRef(code);
	return subject && subject->lines ? subject : NULL;
}

static int on_trace(PyObject *object, PyFrame *frame, int what, PyObject *argument)
{
	struct subject *subject = what == PY_TRACE_LINE ? subject_of(frame) : NULL;
	(void)object, (void)argument;
	if (subject) {
		run_line(subject, PyFrame_GetLineNumber(frame));
		if (memory_break_due)
			break_stop(frame);
	}
	return 0;
}

/* Of a function or a method, else of the kind of object. */
static char *name_of(PyObject *tracer)
{
	char *name = object_text(tracer, "__qualname__");
	PyObject *kind = name ? NULL : PyObject_GetAttrString(tracer, "__class__");
	if (kind) {
		name = object_text(kind, "__qualname__");
		Py_DecRef(kind);
	}
	PyErr_Clear();
	return name;
}

/* A coverage tool's or a debugger's, which tell themselves by an object; ours has none. */
static bool is_taken(void)
{
	PyObject *tracer = PyObject_CallObject(gettrace, NULL);
	bool taken = tracer && tracer != &_Py_NoneStruct;
	if (taken) {
		char *name = name_of(tracer);
		agent_note(AGENT_SAW_TRACER, agent_shared->tracer, name ? name : "a tracer");
		free(name);
	}
	if (tracer)
		Py_DecRef(tracer);
	else
		PyErr_Clear();
	return taken;
}

static void set_trace(bool on)
{
	PyObject *kind, *value, *traceback;
	PyErr_Fetch(&kind, &value, &traceback);
	setting = true;
	if (is_taken())
		on = false;
	else
		PyEval_SetTrace(on ? on_trace : NULL, NULL);
	setting = false;
	tracing = on;
	PyErr_Restore(kind, value, traceback);
}

static void trace(bool on)
{
	if (tracing != on)
		set_trace(on);
}

/* The interpreter keeps whether it traces for each greenlet, but by which function for the thread.
 * Nobody tells when one goes on, so from the first line on everything is traced until none is under
 * way. */
static void trace_run(bool on)
{
	if (!greenlets_are_used)
		trace(on);
	else if (on || (tracing && !stacks_have_lines()))
		set_trace(on);
}

/* ---- the hook ---- */

static PyObject *pass(void *thread, PyFrame *frame, int throwing)
{
	if (greenlets_are_used)
		return next_eval(thread, frame, throwing);
	trace(false);
	PyObject *result = next_eval(thread, frame, throwing);
	trace(true);
	return result;
}

static void begin(struct subject *subject, PyFrame *frame)
{
	PyObject *kind, *value, *traceback;
	if (!subject->suspends) {
		run_enter(subject, NULL, subject->first);
		return;
	}
	PyErr_Fetch(&kind, &value, &traceback);
	if (is_fresh(frame))
		run_enter(subject, frame, subject->first);
	else
		run_resume(subject, frame, subject->first);
	PyErr_Restore(kind, value, traceback);
}

static void finish(struct subject *subject, PyFrame *frame, PyObject *result)
{
	PyObject *kind, *value, *traceback;
	PyErr_Fetch(&kind, &value, &traceback);
	if (result && has_suspended(subject, frame))
		run_suspend(subject, frame);
	else
		run_leave(subject);
	if (memory_break_due)
		break_stop(PyEval_GetFrame());
	PyErr_Restore(kind, value, traceback);
}

static PyObject *run(struct subject *subject, void *thread, PyFrame *frame, int throwing)
{
	bool before = tracing;
	begin(subject, frame);
	trace_run(subject->lines);
	PyObject *result = next_eval(thread, frame, throwing);
	finish(subject, frame, result);
	trace_run(before && !greenlets_are_used);
	return result;
}

static PyObject *on_frame(void *thread, PyFrame *frame, int throwing)
{
	struct subject *subject = subject_find(code_of(frame));
	if (__builtin_expect(!subject && !tracing, 1) || setting ||
	    (subject && only_makes_generator(subject, frame)))
		return next_eval(thread, frame, throwing);
	return subject ? run(subject, thread, frame, throwing) : pass(thread, frame, throwing);
}

/* Frames are what we take them for, or are left alone from here on. */
static PyObject *on_first_frame(void *thread, PyFrame *frame, int throwing)
{
	PyObject *code = agent_minor < 11 ? PyFrame_GetCode(frame) : NULL;
	bool strange = code && code != code_of(frame);
	if (code)
		Py_DecRef(code);
	if (strange)
		agent_note(AGENT_SAW_STRANGE, NULL, NULL);
	_PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(),
					     strange ? next_eval : on_frame);
	return strange ? next_eval(thread, frame, throwing) : on_frame(thread, frame, throwing);
}

void hook_open(void)
{
	gettrace = PySys_GetObject("gettrace");
	if (gettrace)
		Py_IncRef(gettrace);
}

/* Only once there is something to look at: with a hook each Python call takes C stack, and
 * recursion as deep as a program may have allowed itself would not end well. */
void hook_watch(struct subject *subject)
{
	(void)subject;
	if (next_eval || !gettrace)
		return;
	void *interpreter = PyInterpreterState_Get();
	next_eval = _PyInterpreterState_GetEvalFrameFunc(interpreter);
	_PyInterpreterState_SetEvalFrameFunc(interpreter, on_first_frame);
}
