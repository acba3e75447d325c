#include "recorder/where/blame.h"

#include <string.h>

enum {
	CALLERS = 3, /* whose lines name a function */
	PROBED = 4,  /* slots that one function may be in */
	FADES = 16,  /* each time that another line is seen, one part in so many of a weight goes */
};
static const int64_t HALVES = 250000000; /* ns for which one is not seen, though others are */

/* ---- a stack as numbers ---- */

/* FNV-1a, 64 bits. */
static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;
	for (size_t i = 0; i < n; i++)
		h = (h ^ byte[i]) * 0x100000001b3;
	return h;
}

static uint64_t mix_function(uint64_t h, const struct place *place)
{
	h = mix(h, place->code->file, strlen(place->code->file));
	h = mix(h, place->code->name, strlen(place->code->name));
	return mix(h, &place->code->first, sizeof place->code->first);
}

static uint64_t name_level(const struct stack *stack, size_t level, const uint64_t *own)
{
	uint64_t h = 0xcbf29ce484222325 ^ own[level];
	for (size_t i = level + 1; i < stack->n && i <= level + CALLERS; i++) {
		h = mix(h, &own[i], sizeof own[i]);
		h = mix(h, &stack->places[i].line, sizeof stack->places[i].line);
	}
	return h ? h : 1;
}

uint64_t blame_root(const struct stack *stack)
{
	if (stack->n == 0 || stack->cut)
		return 0;
	return mix_function(0xcbf29ce484222325, &stack->places[stack->n - 1]);
}

void blame_trail(struct blame_trail *trail, const struct stack *stack)
{
	uint64_t own[BLAME_LEVELS + CALLERS];
	size_t known = stack->n < BLAME_LEVELS + CALLERS ? stack->n : BLAME_LEVELS + CALLERS;
	for (size_t i = 0; i < known; i++)
		own[i] = mix_function(0xcbf29ce484222325, &stack->places[i]);
	trail->n = stack->n < BLAME_LEVELS ? stack->n : BLAME_LEVELS;
	trail->depth = stack->n;
	trail->root = blame_root(stack);
	for (size_t i = 0; i < trail->n; i++) {
		int line = stack->places[i].line;
		trail->functions[i] = name_level(stack, i, own);
		trail->places[i] = mix(trail->functions[i], &line, sizeof line);
	}
}

size_t blame_common(const struct blame_trail *before, const struct blame_trail *trail)
{
	for (size_t i = 1; i < trail->n; i++) {
		size_t j = i + before->depth - trail->depth; /* wraps where it is no level */
		if (j < before->n && before->places[j] == trail->places[i])
			return i;
	}
	return trail->n;
}

/* ---- what was seen ---- */

static const struct blame_slot *find_slot(const struct blame *blame, uint64_t function)
{
	for (size_t i = 0; i < PROBED; i++) {
		const struct blame_slot *slot = &blame->slots[(function + i) & (BLAME_SLOTS - 1)];
		if (slot->function == function)
			return slot;
	}
	return NULL;
}

static int64_t last_seen(const struct blame_slot *slot)
{
	int64_t last = 0;
	for (size_t i = 0; i < BLAME_MOST; i++)
		if (slot->seen[i].at > last)
			last = slot->seen[i].at;
	return last;
}

/* Its own, or the one that was not needed for longest. */
static struct blame_slot *take_slot(struct blame *blame, uint64_t function)
{
	struct blame_slot *oldest = NULL;
	for (size_t i = 0; i < PROBED; i++) {
		struct blame_slot *slot = &blame->slots[(function + i) & (BLAME_SLOTS - 1)];
		if (slot->function == function)
			return slot;
		if (!oldest || last_seen(slot) < last_seen(oldest))
			oldest = slot;
	}
	*oldest = (struct blame_slot){ .function = function };
	return oldest;
}

static void see(struct blame_slot *slot, const struct blame_share *share, int64_t now)
{
	size_t at = 0, oldest = 0;
	for (size_t i = 0; i < BLAME_MOST; i++) {
		slot->seen[i].share.weight -= slot->seen[i].share.weight / FADES;
		if (slot->seen[i].at < slot->seen[oldest].at)
			oldest = i;
	}
	while (at < BLAME_MOST && slot->seen[at].share.frame != share->frame)
		at++;
	if (at == BLAME_MOST) {
		at = oldest;
		slot->seen[at].share = (struct blame_share){ .frame = share->frame };
		slot->seen[at].huge = false;
	}
	slot->seen[at].share.weight += share->weight;
	slot->seen[at].share.own |= share->own;
	if (slot->seen[at].huge && share->huge > 0) /* once is how any new memory seems */
		slot->seen[at].share.huge = share->huge;
	slot->seen[at].huge = share->huge > 0;
	slot->seen[at].at = now;
}

void blame_learn(struct blame *blame, const struct blame_trail *trail,
		 const struct blame_share *seen, int64_t now)
{
	for (size_t i = 0; seen->frame && i < trail->n; i++) {
		const struct blame_share share = { seen->frame, seen->weight, i == 0, seen->huge };
		see(take_slot(blame, trail->functions[i]), &share, now);
	}
}

static size_t shares_of(const struct blame_slot *slot, struct blame_share shares[BLAME_MOST])
{
	int64_t last = last_seen(slot);
	size_t n = 0;
	for (size_t i = 0; i < BLAME_MOST; i++) {
		int64_t halves = (last - slot->seen[i].at) / HALVES;
		uint64_t weight = halves < 64 ? slot->seen[i].share.weight >> halves : 0;
		if (weight == 0)
			continue;
		shares[n] = slot->seen[i].share;
		shares[n++].weight = weight;
	}
	return n;
}

size_t blame_keep_huge(struct blame_share shares[BLAME_MOST], size_t n, int64_t since)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (shares[i].huge >= since)
			shares[kept++] = shares[i];
	return kept;
}

size_t blame_find(const struct blame *blame, const struct blame_trail *trail,
		  struct blame_share shares[BLAME_MOST])
{
	for (size_t i = 0; i < trail->n; i++) {
		const struct blame_slot *slot = find_slot(blame, trail->functions[i]);
		size_t n = slot ? shares_of(slot, shares) : 0;
		if (n > 0)
			return n;
	}
	return 0;
}

size_t blame_find_own(const struct blame *blame, const struct blame_trail *trail,
		      struct blame_share shares[BLAME_MOST])
{
	for (size_t i = 0; i < trail->n && i < 2; i++) {
		const struct blame_slot *slot = find_slot(blame, trail->functions[i]);
		size_t all = slot ? shares_of(slot, shares) : 0, n = 0;
		for (size_t k = 0; k < all; k++)
			if (shares[k].own)
				shares[n++] = shares[k];
		if (n > 0)
			return n;
	}
	return 0;
}

bool blame_has(const struct blame_share *shares, size_t n, uint64_t frame)
{
	for (size_t i = 0; i < n; i++)
		if (shares[i].frame == frame)
			return true;
	return false;
}
