/* The calls under way of what is looked at: a stack of them for each thread, and for each greenlet
 * in it. */
#pragma once

#include "recorder/python/agent/memory.h"
#include "recorder/python/agent/subject.h"

/* One call under way. */
struct run {
	struct subject *subject;
	int line;
	int level;                /* of those that are recorded */
	bool recorded;            /* has an ENTER record, and is to have a FUNC */
	bool resumed;             /* its line was counted when it suspended */
	struct sample entered;    /* if it is recorded */
	struct memory_seen began; /* when it was entered or resumed */
	struct memory_seen seen;  /* at the start of the line */
	int64_t peak;             /* inside the line so far; bytes */
	int64_t highest; /* of the lines before it in this run: its caller's line held it too */
};

struct runs {
	struct run *items; /* the innermost last */
	size_t n, allocated;
	int level;
	const void *greenlet;    /* whose they are; NULL: the thread's own */
	struct memory_seen left; /* when another greenlet was turned to */
};

/* Those of whoever runs now; to be asked for at each event, since greenlets are switched without a
 * word. Valid until the next event of this thread. */
struct runs *stacks_here(void);
struct run *stacks_push(struct runs *runs); /* zeroed; NULL: no memory */
struct run *stacks_find(struct runs *runs, const struct subject *subject); /* or NULL */
void stacks_drop(struct runs *runs, const struct run *run);
void stacks_forked(void);     /* the lines under way are counted by the parent */
bool stacks_have_lines(void); /* is a line of this thread under way, in any greenlet? */
