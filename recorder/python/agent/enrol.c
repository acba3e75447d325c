#include "recorder/python/agent/enrol.h"

#include <stdlib.h>
#include <string.h>

#include "recorder/python/agent/agent.h"
#include "recorder/python/agent/extent.h"
#include "recorder/python/agent/hook.h"
#include "recorder/python/agent/monitoring.h"
#include "recorder/python/agent/objects.h"

static void watch(struct subject *subject)
{
	if (agent_minor >= 12)
		monitoring_watch(subject);
	else
		hook_watch(subject);
}

/* A function's lines hold lambdas, comprehensions and functions: they count for it. */
static void add_inner(struct subject *outer, int depth)
{
	PyObject *constants = PyObject_GetAttrString(outer->object, "co_consts");
	for (ssize_t i = 0; constants && depth < EXTENT_DEEPEST && i < PyTuple_Size(constants);
	     i++) {
		PyObject *object = PyTuple_GetItem(constants, i);
		if (!object_is_code(object))
			continue;
		struct subject *inner = subject_find(object);
		if (!inner)
			inner = subject_make(object, outer->name, outer->top);
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
static void rename_subject(struct subject *subject, const char *name)
{
	char *own = strcmp(subject->name, name) != 0 ? strdup(name) : NULL;
	if (own) {
		free(subject->name);
		subject->name = own;
	}
}

struct subject *enrol(PyObject *object, const char *name, bool lines, bool calls)
{
	struct subject *subject = subject_find(object);
	if (!subject)
		subject = subject_make(object, name, NULL);
	if (!subject)
		return NULL;
	bool lines_are_new = lines && (!subject->lines || subject->top != subject);
	if (!lines_are_new && (!calls || subject->calls))
		return subject;
	rename_subject(subject, name);
	subject->lines |= lines;
	subject->calls |= calls;
	atomic_fetch_add_explicit(&agent_shared->registered, 1, memory_order_relaxed);
	watch(subject);
	if (lines_are_new) {
		subject->top = subject;
		subject->n_lines = extent_last_line(object, subject->first) - subject->first + 1;
		add_inner(subject, 0);
	}
	return subject;
}

void enrol_asking(PyObject *object)
{
	struct subject *subject = subject_find(object);
	if (!subject)
		subject = subject_make(object, "", NULL);
	if (!subject || subject->asks)
		return;
	subject->asks = true;
	watch(subject);
}
