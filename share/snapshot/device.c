#include "share/snapshot/device.h"

#include <errno.h>
#include <stdlib.h>

#include "share/array.h"
#include "share/profile/sum.h"

void device_free(struct device *d)
{
	free(d->places);
	free(d->changed);
	*d = (struct device){ 0 };
}

static void add(int64_t *sum, int64_t value)
{
	*sum = sum_of(*sum, value);
}

/* NULL: no memory. */
static struct device_place *place_of(struct device *d, uint32_t place)
{
	while (d->n_places <= place)
		if (!array_more(&d->places, &d->n_places, sizeof *d->places))
			return NULL;
	return &d->places[place];
}

/* ---- now ---- */

static void add_unused(struct device *d, int64_t size)
{
	add(&d->unused, size);
	d->unuseds++;
	if (size > d->largest_unused)
		d->largest_unused = size;
}

int device_add_block(struct device *d, const struct device_block *b)
{
	if (b->state == DEVICE_UNUSED) {
		add_unused(d, b->size);
		return 0;
	}
	if (b->state == DEVICE_AWAITING) {
		add(&d->awaiting, b->size);
		return 0;
	}
	struct device_place *place = place_of(d, b->place);
	if (!place)
		return -ENOMEM;
	add(&d->allocated, b->size);
	add(&d->requested, b->requested);
	add(&place->now, b->requested);
	d->blocks++;
	return 0;
}

/* ---- before ---- */

static int change(struct device *d, uint32_t place, int64_t by)
{
	struct device_place *p = place_of(d, place);
	if (!p)
		return -ENOMEM;
	add(&p->told, by);
	add(&d->net, by);
	if (p->changed)
		return 0;
	uint32_t *changed = array_more(&d->changed, &d->n_changed, sizeof *changed);
	if (!changed)
		return -ENOMEM;
	*changed = place;
	p->changed = true;
	return 0;
}

/* All that has changed since the last peak is as it is now. */
static void note_peak(struct device *d, int64_t us)
{
	for (size_t i = 0; i < d->n_changed; i++) {
		struct device_place *p = &d->places[d->changed[i]];
		p->at_peak = p->told;
		p->changed = false;
	}
	d->n_changed = 0;
	d->most = d->net;
	d->most_us = us;
}

static int take(struct device *d, struct live *live, const struct device_event *e, bool *known)
{
	int64_t size;
	uint32_t place;
	*known = live_take(live, (uint64_t)e->address, &size, &place);
	return *known ? change(d, place, -size) : 0;
}

static int alloc(struct device *d, struct live *live, const struct device_event *e)
{
	bool known;
	int r = take(d, live, e, &known); /* its being freed was not told */
	r = r < 0 ? r : live_add(live, (uint64_t)e->address, e->size, e->place);
	r = r < 0 ? r : change(d, e->place, e->size);
	if (r == 0 && d->net > d->most)
		note_peak(d, e->us);
	return r;
}

static int give_back(struct device *d, struct live *live, const struct device_event *e)
{
	bool known;
	int r = take(d, live, e, &known);
	if (r == 0 && !known) /* it was there before */
		add(&d->net, -e->size);
	return r;
}

static void reserve(struct device *d, int64_t by)
{
	add(&d->net_reserved, by);
	if (d->net_reserved > d->most_reserved)
		d->most_reserved = d->net_reserved;
}

static void note_oom(struct device *d, const struct device_event *e)
{
	d->ooms++;
	d->oom = (struct device_oom){ e->size, e->free, d->net, d->net_reserved, e->us, e->place };
}

int device_add_event(struct device *d, struct live *live, const struct device_event *e)
{
	d->events++;
	if (d->first_us == 0)
		d->first_us = e->us;
	d->last_us = e->us ? e->us : d->last_us;
	switch (e->action) {
	case DEVICE_ALLOC: return alloc(d, live, e);
	case DEVICE_FREE: return give_back(d, live, e);
	case DEVICE_RESERVE: reserve(d, e->size); return 0;
	case DEVICE_UNRESERVE: reserve(d, -e->size); return 0;
	case DEVICE_OOM: note_oom(d, e); return 0;
	case DEVICE_NONE: return 0;
	}
	return 0;
}

/* ---- both together ---- */

static int64_t at_least_none(int64_t value)
{
	return value > 0 ? value : 0;
}

/* What is there now, less what the history tells of it. */
int64_t device_start(const struct device *d)
{
	return at_least_none(sum_of(d->requested, -d->net));
}

int64_t device_start_reserved(const struct device *d)
{
	return at_least_none(sum_of(d->reserved, -d->net_reserved));
}

bool device_has_history(const struct device *d)
{
	return d->events > 1;
}

bool device_agrees(const struct device *d)
{
	return sum_of(d->requested, -d->net) >= 0 && sum_of(d->reserved, -d->net_reserved) >= 0;
}

bool device_adds_up(const struct device *d)
{
	int64_t blocks = sum_of(sum_of(d->allocated, d->awaiting), d->unused);
	return blocks == d->reserved && d->requested <= d->allocated;
}

int64_t device_at_oom(const struct device *d)
{
	return at_least_none(sum_of(device_start(d), d->oom.net));
}

int64_t device_reserved_at_oom(const struct device *d)
{
	return at_least_none(sum_of(device_start_reserved(d), d->oom.net_reserved));
}

int64_t device_before(const struct device *d, size_t place)
{
	if (place >= d->n_places)
		return 0;
	return at_least_none(sum_of(d->places[place].now, -d->places[place].told));
}

int64_t device_at_peak(const struct device *d, size_t place)
{
	if (place >= d->n_places)
		return 0;
	return at_least_none(sum_of(d->places[place].at_peak, device_before(d, place)));
}
