/* The agent: a library that LD_PRELOAD brings into a Python, to say exactly what its functions and
 * lines do to its memory. In any other process it does nothing. Everything here runs inside the
 * program, under the GIL unless said otherwise; it prints nothing, raises nothing, and where it
 * cannot do something it does without. This is what its parts stand on; process.c is their top. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "recorder/python/shared.h"

extern struct agent_shared *agent_shared; /* NULL: not in a Python, or nobody records */
extern int agent_minor;                   /* of 3.MINOR */

void agent_note(unsigned note, char *where, const char *text); /* `where`: its text, or NULL */

void agent_note_bare(const char *name); /* @profile on what has no Python function in it */

/* Room in what is shared, zeroed, for a block of this many bytes in all; NULL: there is no more. */
void *agent_room(size_t size, uint32_t kind);

/* As open(2), but far above the descriptors that programs use, so that theirs keep their numbers,
 * and closed by exec. */
int agent_open(const char *path, int flags);
