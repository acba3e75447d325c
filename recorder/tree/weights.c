#include "recorder/tree/weights.h"

#include <stdbool.h>

#include "share/pages.h"

static uint64_t since(const struct weight *last, uint64_t count)
{
	return count > last->count ? count - last->count : last->period;
}

uint64_t weights_take(struct weights *w, pid_t thread, size_t ring, uint64_t period, uint64_t count)
{
	uint32_t hash = ((uint32_t)thread * 31 + (uint32_t)ring) * 2654435761U;
	if (!w->slots)
		w->slots = pages_new(WEIGHTS * sizeof *w->slots);
	if (period == 0 || period > UINT32_MAX)
		period = period == 0 ? 1 : UINT32_MAX;
	uint64_t guess = count > 0 && count < period ? count : period;
	if (!w->slots)
		return guess;
	struct weight *slot = &w->slots[hash / (UINT32_MAX / WEIGHTS + 1)];
	bool known = slot->thread == thread && slot->ring == ring;
	uint64_t weight = known ? since(slot, count) : guess;
	*slot = (struct weight){ thread, (uint32_t)ring, (uint32_t)period, count };
	return weight;
}

void weights_free(struct weights *w)
{
	pages_free(w->slots, WEIGHTS * sizeof *w->slots);
	*w = (struct weights){ 0 };
}
