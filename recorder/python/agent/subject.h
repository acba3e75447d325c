/* What is looked at: functions, what stands inside them, and named blocks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/agent/cpython.h"

struct agent_line;
struct agent_listing;

/* A code object that is looked at while it runs. Never freed: the object is kept alive, so that its
 * address remains its own. */
struct subject {
	PyObject *object;    /* NULL: a block with a name */
	struct subject *top; /* the function that its lines are counted for: itself, or around it */
	char *file, *name;
	int first, n_lines;
	bool lines, calls;             /* what is counted of it, or recorded */
	bool asks;                     /* subject_asked is to be called where it begins */
	bool suspends;                 /* generator or coroutine: its frame outlives a run */
	struct agent_listing *listing; /* of `top`; NULL: nothing counted in this process */
	PyObject *stream;              /* whom its lines are told after each call; NULL: nobody */
	struct agent_line *streamed;   /* those of the calls that have not been told */
};

extern void (*subject_asked)(void); /* others may be known from now on */

/* By address, open addressing; looked into at every call of a Python function before 3.12. */
extern struct subject_table {
	struct subject **slots;
	unsigned mask; /* of 2^n slots, never more than half full */
} subject_table;

static inline unsigned subject_slot(const PyObject *object)
{
	return (unsigned)((uintptr_t)object >> 4) * 2654435761u;
}

static inline struct subject *subject_find(const PyObject *object)
{
	for (unsigned i = subject_slot(object);; i++) {
		struct subject *subject = subject_table.slots[i & subject_table.mask];
		if (!subject || subject->object == object)
			return subject;
	}
}

/* For `object`, whose lines are counted for `top` (NULL: for itself). Nothing tells of its runs
 * yet. NULL: no memory. */
struct subject *subject_make(PyObject *object, const char *name, struct subject *top);
struct subject *subject_block(const char *name); /* a named block, the same for the same name */
struct agent_line *subject_line(struct subject *top, int line); /* its counters, or NULL */
void subjects_forked(void);
