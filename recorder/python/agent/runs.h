/* What a thread is in: the calls under way of what is looked at, and what their lines do. */
#pragma once

#include "recorder/python/agent/subject.h"

/* `frame` tells apart the runs of a code that suspends. */
void run_enter(struct subject *subject, const void *frame, int line);
void run_resume(struct subject *subject, const void *frame, int line);
void run_line(struct subject *subject, int line);
void run_suspend(struct subject *subject, const void *frame);
void run_leave(struct subject *subject);
struct subject *run_subject(void); /* the innermost's, or NULL */
void runs_forked(void);
