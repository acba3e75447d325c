/* The processes that have the library in them: who came, who has gone, and who is another program
 * now. */
#pragma once

#include "recorder/heap/heap.h"

/* Meets the new ones, and takes everybody's new sites. */
void follow_look(struct heap_probe *heap, struct recording *recording, int64_t now);

/* Has noticed who has gone or was replaced: those of whom all is told make room for others. */
void follow_drop(struct heap_probe *heap, struct recording *recording, int64_t now);

/* That process has called exec then: whoever was met of it before is no more. */
void follow_exec(struct heap_probe *heap, pid_t pid, int64_t at);

/* What malloc says of itself, of those that live; and what is wanted is asked for anew. */
void follow_figures(struct heap_probe *heap, struct recording *recording);
void follow_close(struct heap_probe *heap);
