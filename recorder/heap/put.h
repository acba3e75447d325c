/* HEAP records: what has changed at each site since it was last told. */
#pragma once

#include "recorder/heap/heap.h"

/* What of all processes is worth a record now, as far as there is room; of those that have gone,
 * everything. How many. */
size_t put_changes(struct heap_probe *heap, struct recording *recording, int64_t now, bool last);

/* What waited, and can be named now; `last`: all of it. */
void put_waiting(struct heap_probe *heap, struct recording *recording, bool last);

/* Nothing of it lives any more; `given_back`: and that is told as what was freed. False: not all of
 * that has been told, for want of room. */
bool put_end(struct heap_probe *heap, struct recording *recording, struct holder *holder,
	     bool given_back, int64_t now);
