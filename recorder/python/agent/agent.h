/* The agent: a library that LD_PRELOAD brings into a Python, to say exactly what its functions and
 * lines do to its memory. In any other process it does nothing. Everything here runs inside the
 * program, under the GIL unless said otherwise; it prints nothing, raises nothing, and where it
 * cannot do something it does without. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/agent/cpython.h"
#include "recorder/python/shared.h"
#include "share/profile/sample.h"

/* ---- the process (process.c) ---- */

extern struct agent_shared *agent_shared; /* NULL: not in a Python, or nobody records */
extern int agent_minor;                   /* of 3.MINOR */

void agent_note(unsigned note, char *where, const char *text); /* `where`: its text, or NULL */

/* Room in what is shared, zeroed, for a block of this many bytes in all; NULL: there is no more. */
void *agent_room(size_t size, uint32_t kind);

/* A descriptor far above those that programs use, so that theirs keep their numbers. */
int agent_raise(int fd);

/* Hides the agent from the program's os.environ, and gives its children what it was started with.
 */
void agent_hide_environment(void);
void agent_restore_environment(void);

/* ---- code (code.c) ---- */

/* A code object that is looked at while it runs. Never freed: the object is kept alive, so that its
 * address remains its own. */
struct code {
	PyObject *object; /* NULL: a block with a name */
	struct code *top; /* the function that its lines are counted for: itself, or around it */
	char *file, *name;
	int first, n_lines;
	bool lines, marks;
	bool suspends;                 /* generator or coroutine: its frame outlives a run */
	struct agent_listing *listing; /* of `top`; NULL: nothing counted in this process */
};

/* By address, open addressing; looked into at every call of a Python function before 3.12. */
extern struct code_table {
	struct code **slots;
	unsigned mask; /* of 2^n slots, never more than half full */
} code_table;

static inline unsigned code_slot(const PyObject *object)
{
	return (unsigned)((uintptr_t)object >> 4) * 2654435761u;
}

static inline struct code *code_find(const PyObject *object)
{
	for (unsigned i = code_slot(object);; i++) {
		struct code *code = code_table.slots[i & code_table.mask];
		if (!code || code->object == object)
			return code;
	}
}

/* Looks at `object` from now on, under this name; NULL: no memory. */
struct code *code_add(PyObject *object, const char *name, bool lines, bool marks);
struct code *code_block(const char *name); /* a named block, the same for the same name */
struct agent_line *code_line(struct code *top, int line); /* its counters, or NULL */
void code_forked(void);

/* The functions of a module that is about to be executed, by the patterns. */
void code_walk(PyObject *module);

/* ---- memory (memory.c) ---- */

void memory_open(void); /* once there is something to look at: no descriptors before */
void memory_forked(void);
int64_t memory_now(void);                 /* monotonic ns */
struct sample memory_sample(int64_t rss); /* this figure, at this moment */

/* Bytes now, or those of a moment ago where nothing can have happened since. *peak rises to the
 * highest since the last reset of the process's mark, where that is known. */
int64_t memory_measure(int64_t *peak);

/* ---- runs (runs.c): what this thread is in ---- */

/* `frame` tells apart the runs of a code that suspends. */
void run_enter(struct code *code, const void *frame, int line);
void run_resume(struct code *code, const void *frame, int line);
void run_line(struct code *code, int line);
void run_suspend(struct code *code, const void *frame);
void run_leave(struct code *code);
struct code *run_code(void); /* the innermost, or NULL */
void run_forked(void);

/* ---- records (records.c) ---- */

void records_enter(const char *name, struct sample at, int level);
void records_leave(const char *name, struct sample from, struct sample to, int level);
void records_forked(void);

/* ---- events: one of two ways ---- */

void monitoring_open(void); /* 3.12 and later: sys.monitoring */
void monitoring_watch(struct code *code);
void hook_open(void); /* 3.9 to 3.11: the frame hook of PEP 523 */
void hook_watch(struct code *code);

/* --break-at: into the debugger at the line that this frame runs. */
extern bool agent_limit_reached; /* set by memory_measure, once */
void limit_break(PyFrame *frame, struct code *code, int line);

/* ---- what the program sees (decorator.c) ---- */

void decorator_open(void);               /* builtins.profile */
void decorator_import(const char *name); /* memory_profiler is about to be imported */

/* ---- objects (objects.c): attributes as C values; none raises ---- */

long object_long(PyObject *object, const char *name, long otherwise);
char *object_text(PyObject *object, const char *name); /* UTF-8, malloc'ed; NULL: none */
char *text_of(PyObject *string);                       /* the same of a str */
