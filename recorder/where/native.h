/* The helper mprof-c-native, which names the native frames of copied stacks: a process of its own,
 * at low priority. It may be missing, slow, or die: that costs names, and nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/tree/events.h"
#include "recorder/tree/fault.h"

struct native; /* NULL is accepted everywhere: there is no helper */

struct native_frame {
	const char *path;     /* the source, or where that is not known the binary; never NULL */
	const char *function; /* demangled, or "+0x1234" of the binary; never NULL */
	int line;             /* 0: path is the binary */
};

struct native_answer {
	uint64_t ticket;
	const struct native_frame *frames; /* innermost first; valid until the next call */
	size_t n;                          /* 0: nothing could be told */
};

/* Starts the helper. NULL: it is not installed, or cannot be started. */
struct native *native_open(void);
pid_t native_pid(const struct native *native); /* 0: none */

/* What it is to know of a process: EVENT_FORK, EVENT_EXEC, EVENT_MAP, EVENT_EXIT. One that runs
 * already is read by the helper itself. */
void native_tell(struct native *native, const struct event *event);

/* Asks for the stack of a fault. false: it has too much to do already, or is gone; nothing will be
 * answered. Never waits. */
bool native_ask(struct native *native, uint64_t ticket, const struct fault *fault);

/* An answer that has come, if one has; never waits. Those who died are told with n = 0. */
bool native_next(struct native *native, struct native_answer *answer);
int native_fd(const struct native *native); /* to be polled for answers; -1: none */

/* Waits for what was asked, so many ns at most, while native_next may be called. */
bool native_settle(struct native *native, int64_t patience);
void native_close(struct native *native);
