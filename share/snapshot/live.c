#include "share/snapshot/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 1 << 10 };

static size_t home_of(const struct live *live, uint64_t key)
{
	uint64_t h = key * 0x9e3779b97f4a7c15; /* 2⁶⁴ by the golden ratio */
	return (h ^ h >> 32) & (live->n_slots - 1);
}

static size_t find(const struct live *live, uint64_t key)
{
	size_t at = home_of(live, key);
	while (live->slots[at].address && live->slots[at].address != key)
		at = (at + 1) & (live->n_slots - 1);
	return at;
}

static int grow(struct live *live)
{
	struct live old = *live;
	if (live->n >= LIVE_MOST)
		return -E2BIG;
	if (2 * (live->n + 1) <= live->n_slots)
		return 0;
	size_t n = old.n_slots ? old.n_slots * 2 : LEAST;
	struct live_block *slots = calloc(n, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	*live = (struct live){ slots, n, old.n };
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].address)
			slots[find(live, old.slots[i].address)] = old.slots[i];
	free(old.slots);
	return 0;
}

int live_add(struct live *live, uint64_t address, int64_t size, uint32_t place)
{
	int r = grow(live);
	if (r < 0 || address == UINT64_MAX)
		return r;
	live->slots[find(live, address + 1)] =
		(struct live_block){ address + 1, (uint64_t)size << LIVE_PLACE_BITS | place };
	live->n++;
	return 0;
}

/* Those behind it that could stand there move up: no slot is ever a grave. */
static void close_gap(struct live *live, size_t gap)
{
	size_t mask = live->n_slots - 1;
	for (size_t at = (gap + 1) & mask; live->slots[at].address; at = (at + 1) & mask) {
		size_t home = home_of(live, live->slots[at].address);
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		live->slots[gap] = live->slots[at];
		gap = at;
	}
	live->slots[gap].address = 0;
}

int live_take(struct live *live, uint64_t address, int64_t *size, uint32_t *place)
{
	if (live->n == 0 || address == UINT64_MAX)
		return 0;
	size_t at = find(live, address + 1);
	if (!live->slots[at].address)
		return 0;
	*size = (int64_t)(live->slots[at].packed >> LIVE_PLACE_BITS);
	*place = live->slots[at].packed & ((1 << LIVE_PLACE_BITS) - 1);
	close_gap(live, at);
	live->n--;
	return 1;
}

void live_clear(struct live *live)
{
	if (live->n > 0)
		memset(live->slots, 0, live->n_slots * sizeof *live->slots);
	live->n = 0;
}

void live_free(struct live *live)
{
	free(live->slots);
	*live = (struct live){ 0 };
}
