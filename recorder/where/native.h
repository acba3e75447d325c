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

/* What a call returns to, and the map that it lies in. */
struct native_address {
	pid_t pid; /* whose it is: it may have ended */
	uint64_t address, start, length, offset;
	const char *path;
};

struct native_answer {
	uint64_t ticket;
	const struct native_frame *frames; /* innermost first; valid until the next call */
	size_t n;                          /* 0: nothing could be told */
	bool python; /* the next frame outward runs Python's bytecode: the rest is Python's stack */
};

/* NULL: it is not installed, or no memory. It is started by the first question, since most programs
 * have ended before anybody asks. */
struct native *native_open(void);

/* 0: it does not run. It is another one once it was started anew, which is done once: to be looked
 * at after each native_ask, and told to recording_help. */
pid_t native_pid(const struct native *native);

/* What it is to know of a process: EVENT_FORK, EVENT_EXEC, EVENT_MAP, EVENT_EXIT. One that runs
 * already is read by the helper itself. */
void native_tell(struct native *native, const struct event *event);

/* Asks for the stack of a fault, whose ticket is the caller's to choose. Answers come in the order
 * of the questions. false: it has too much to do already, or is gone; nothing will be answered.
 * Never waits. */
bool native_ask(struct native *native, uint64_t ticket, const struct fault *fault);

/* Asks for the name of one address: the functions that were inlined there, and the one that holds
 * them. The same. */
bool native_name(struct native *native, uint64_t ticket, const struct native_address *address);

/* An answer that has come, if one has; never waits. Those who died are told with n = 0. */
bool native_next(struct native *native, struct native_answer *answer);

/* Waits until all that was asked is answered, so many ns at most; then native_next has it. false:
 * some is not. */
bool native_settle(struct native *native, int64_t patience);

/* What would name more of what was met: the path of a binary, and a clause as "compile it with -g",
 * "install libfoo1-dbgsym". false: nothing would. Valid until native_close. */
bool native_advice(const struct native *native, const char **path, const char **advice);
void native_close(struct native *native);
