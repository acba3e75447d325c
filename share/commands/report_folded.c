#include <errno.h>
#include <stdlib.h>

#include "share/commands/report.h"
#include "share/growth/folded.h"

/* What the frame grew by, or what it allocated that lives at the end. */
static int64_t figure_of(const struct report *p, size_t frame, bool heap)
{
	const struct profile_heap *h = &p->profile->heap;
	if (heap)
		return frame < h->n_frames ? h->frames[frame].live : 0;
	return frame < p->growth.n_frames ? p->growth.frames[frame].grew : 0;
}

int report_print_folded(const struct report *p, const struct report_options *o)
{
	size_t n = p->growth.n_frames;
	int64_t *figures = calloc(n + 1, sizeof *figures);
	if (!figures)
		return -ENOMEM;
	for (size_t i = 0; i < n || i == 0; i++)
		figures[i] = figure_of(p, i, o->heap);
	folded_put(stdout, &(struct folded){ &p->growth, o->by, NULL, figures });
	free(figures);
	return 0;
}
