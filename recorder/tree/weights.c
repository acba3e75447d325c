#include "recorder/tree/weights.h"

#include "share/pages.h"

uint64_t weights_take(struct weights *w, pid_t thread, size_t ring, uint64_t period)
{
	uint32_t hash = ((uint32_t)thread * 31 + (uint32_t)ring) * 2654435761U;
	if (!w->slots)
		w->slots = pages_new(WEIGHTS * sizeof *w->slots);
	if (period == 0 || period > UINT32_MAX)
		period = period == 0 ? 1 : UINT32_MAX;
	if (!w->slots)
		return period;
	struct weight *slot = &w->slots[hash / (UINT32_MAX / WEIGHTS + 1)];
	uint64_t weight = slot->thread == thread && slot->ring == ring ? slot->period : period;
	*slot = (struct weight){ thread, (uint32_t)ring, (uint32_t)period };
	return weight;
}

void weights_free(struct weights *w)
{
	pages_free(w->slots, WEIGHTS * sizeof *w->slots);
	*w = (struct weights){ 0 };
}
