/* The calls under way of what is looked at: a stack of them for each thread, and for each greenlet
 * in it. */
#pragma once

#include <stddef.h>

#include "recorder/python/agent/greenlets.h"
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

extern _Thread_local struct runs stacks_own;
void stacks_turn(void); /* to the greenlet that runs */
struct run *stacks_look_for(struct runs *runs, const struct subject *subject); /* or NULL */

/* Those of whoever runs now; to be asked for at each event, since greenlets are switched without a
 * word. Valid until the next event of this thread. */
static inline struct runs *stacks_here(void)
{
	if (__builtin_expect(greenlets_are_used, 0))
		stacks_turn();
	return &stacks_own;
}

/* Nearly always the innermost; NULL: none. */
static inline struct run *stacks_find(struct runs *runs, const struct subject *subject)
{
	struct run *innermost = runs->n > 0 ? &runs->items[runs->n - 1] : NULL;
	if (__builtin_expect(innermost && innermost->subject == subject, 1))
		return innermost;
	return stacks_look_for(runs, subject);
}

struct run *stacks_push(struct runs *runs); /* zeroed; NULL: no memory */
void stacks_drop(struct runs *runs, const struct run *run);
void stacks_forked(void);     /* the lines under way are counted by the parent */
bool stacks_have_lines(void); /* is a line of this thread under way, in any greenlet? */
