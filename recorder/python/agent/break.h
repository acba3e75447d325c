/* --break-at: says which line reached a size, and goes into the debugger there. */
#pragma once

#include "recorder/python/agent/subject.h"

/* How the size was reached. */
enum break_how {
	BREAK_AT,     /* by this line */
	BREAK_BEFORE, /* before this line began, by nobody that is looked at */
	BREAK_ASIDE,  /* by another thread, while this line ran */
};

/* It was due (memory_break_due), and has been told. Where there is a terminal it stays due until
 * break_stop; called once. */
void break_tell(struct subject *subject, int line, enum break_how how);

/* Into the debugger, in this frame at its next line; NULL: not now. */
void break_stop(PyFrame *frame);
