#include "recorder/heap/preload/site.h"

#include <math.h>
#include <string.h>

#include "recorder/heap/preload/object.h"
#include "recorder/heap/preload/sampler.h"
#include "recorder/heap/preload/shared.h"

struct slot {
	uint64_t hash;
	struct heap_site *site;
};

static struct slot *slots;
static size_t n_slots, n_used;
static int64_t live; /* bytes, of all sites */

static uint64_t hash_of(const struct site_stack *stack, bool inherited)
{
	uint64_t hash = inherited ? 1 : 2;
	for (size_t i = 0; i < stack->n; i++) {
		hash = (hash ^ stack->places[i]) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

static void put_slot(struct slot *into, size_t n, const struct slot *one)
{
	size_t i = one->hash & (n - 1);
	while (into[i].site)
		i = (i + 1) & (n - 1);
	into[i] = *one;
}

static bool make_room(void)
{
	size_t n = n_slots ? n_slots * 2 : 256;
	if (n_used * 2 < n_slots)
		return true;
	struct slot *made = object_memory(n * sizeof *made);
	if (!made)
		return false;
	for (size_t i = 0; i < n_slots; i++)
		if (slots[i].site)
			put_slot(made, n, &slots[i]);
	if (slots)
		object_munmap(slots, n_slots * sizeof *slots);
	slots = made;
	n_slots = n;
	return true;
}

static bool is_of(const struct heap_site *site, const struct site_stack *stack, bool inherited)
{
	return site->depth == stack->n && (site->inherited != 0) == inherited &&
	       memcmp(site->places, stack->places, stack->n * sizeof *stack->places) == 0;
}

static struct heap_site *known(uint64_t hash, const struct site_stack *stack, bool inherited)
{
	if (n_slots == 0)
		return NULL;
	for (size_t i = hash & (n_slots - 1); slots[i].site; i = (i + 1) & (n_slots - 1))
		if (slots[i].hash == hash && is_of(slots[i].site, stack, inherited))
			return slots[i].site;
	return NULL;
}

static struct heap_site *add(uint64_t hash, const struct site_stack *stack, bool inherited)
{
	struct heap_site *site = make_room() ? shared_room(SHARED_SITES, 1) : NULL;
	if (!site)
		return NULL;
	site->inherited = inherited;
	site->depth = stack->n;
	memcpy(site->places, stack->places, stack->n * sizeof *stack->places);
	shared_filled(SHARED_SITES, 1);
	put_slot(slots, n_slots, &(struct slot){ hash, site });
	n_used++;
	return site;
}

/* How much of its own memory may be used: 3 MiB, and a 64th of what is told by it. */
static bool is_short(size_t share)
{
	int64_t allowed = (3 << 20) + (live > 0 ? live / 64 : 0);
	return (int64_t)(n_used * sizeof(struct heap_site)) > allowed / (int64_t)share;
}

struct heap_site *site_find(const struct site_stack *stack, bool inherited)
{
	enum { INNERMOST = 4 };
	uint64_t hash = hash_of(stack, inherited);
	struct heap_site *site = known(hash, stack, inherited);
	if (!site && is_short(2) && stack->n > INNERMOST) {
		struct site_stack cut = { .n = INNERMOST };
		memcpy(cut.places, stack->places, INNERMOST * sizeof *cut.places);
		return site_find(&cut, inherited);
	}
	if (!site && !is_short(1))
		site = add(hash, stack, inherited);
	if (!site)
		shared_note(HEAP_SAW_FULL);
	return site ? site : shared_first_site();
}

/* ---- figures ---- */

static void change(_Atomic int64_t *figure, int64_t by)
{
	atomic_fetch_add_explicit(figure, by, memory_order_relaxed);
}

/* What one block stands for; each sum goes down by what it went up by. */
static void stand(struct heap_site *site, size_t size, int sign)
{
	int64_t weight = sign * llrint(sampler_weight(size, shared_mean));
	change(&site->live, weight);
	change(&site->blocks, sign);
	change(&site->spread, sign * llrint(sampler_spread(size, shared_mean)));
	live += weight;
}

void site_begins(struct heap_site *site, size_t size)
{
	stand(site, size, 1);
}

void site_ends(struct heap_site *site, size_t size)
{
	stand(site, size, -1);
	change(&site->given_back, llrint(sampler_weight(size, shared_mean)));
}

void site_stays(struct heap_site *site, size_t size)
{
	stand(site, size, 1);
	change(&site->given_back, -llrint(sampler_weight(size, shared_mean)));
}

void site_forked(void)
{
	if (slots)
		memset(slots, 0, n_slots * sizeof *slots);
	n_used = 0;
	live = 0;
}
