#include "plotter/export/heap.h"

#include <errno.h>
#include <stdlib.h>

#include "share/growth/names.h"
#include "share/profile/sum.h"

int export_heap_open(struct export_heap *h, const struct profile *p)
{
	*h = (struct export_heap){ .profile = p };
	if (p->heap.records == 0)
		return 0;
	int r = growth_open(&h->growth, &p->growth, NULL);
	r = r < 0 ? r
		  : heap_table_make(&h->table, &p->heap, &h->growth, GROWTH_BY_LINE,
				    GROWTH_TO_USER);
	if (r < 0)
		return r;
	h->live = calloc(h->table.n + 1, sizeof *h->live);
	h->changed = calloc(h->table.n + 1, sizeof *h->changed);
	h->last = calloc(h->table.n + 1, sizeof *h->last);
	return h->live && h->changed && h->last ? 0 : -ENOMEM;
}

void export_heap_close(struct export_heap *h)
{
	heap_table_free(&h->table);
	growth_close(&h->growth);
	free(h->live);
	free(h->changed);
	free(h->last);
}

/* `moment`: other than any before. */
static void take(struct export_heap *h, const struct profile_heap_step *step, size_t moment)
{
	size_t row = h->table.row_of[step->frame];
	if (row == SIZE_MAX)
		return;
	h->live[row] = sum_of(h->live[row], step->live);
	if (h->last[row] != moment)
		h->changed[h->n_changed++] = row;
	h->last[row] = moment;
}

bool export_heap_next(struct export_heap *h)
{
	const struct profile_heap *heap = &h->profile->heap;
	h->n_changed = 0;
	while (h->n_changed == 0 && h->at < heap->n_steps) {
		size_t moment = h->at + 1;
		h->us = heap->steps[h->at].us;
		for (; h->at < heap->n_steps && heap->steps[h->at].us == h->us; h->at++)
			take(h, &heap->steps[h->at], moment);
	}
	return h->n_changed > 0;
}
