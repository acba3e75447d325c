/* Who holds a sampled heap, moment after moment, for the backends that write what a recording has.
 */
#pragma once

#include "share/growth/heap.h"

struct export_heap {
	const struct profile *profile;
	struct growth growth;
	struct heap_table table; /* by line of the user's own code */
	size_t at;               /* the step that comes next */
	/* Of the moment it has come to: */
	int64_t us;
	int64_t *live;   /* umib, by row */
	size_t *changed; /* rows, n_changed of them */
	size_t n_changed;
	size_t *last; /* by row: which moment changed it */
};

/* 0 or -ENOMEM; upon both it is to be closed. Of a recording without a heap it is empty. */
int export_heap_open(struct export_heap *heap, const struct profile *profile);
void export_heap_close(struct export_heap *heap);

/* Goes on to the next moment at which something changed; false: there is none. */
bool export_heap_next(struct export_heap *heap);
