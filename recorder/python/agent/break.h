/* --break-at: into the debugger where the process has reached a size. */
#pragma once

#include "recorder/python/agent/subject.h"

/* At the line that this frame runs; it was due (memory_break_due), and is so no more. */
void break_at(PyFrame *frame, struct subject *subject, int line);
