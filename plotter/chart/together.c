#include "plotter/chart/together.h"

#include <errno.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "share/array.h"

/* From `us` on the member holds `umib`. */
struct event {
	int64_t us, umib;
	size_t member;
};

struct events {
	struct event *items;
	size_t n;
};

static int put(struct events *events, int64_t us, int64_t umib, size_t member)
{
	struct event *event = array_more(&events->items, &events->n, sizeof *event);
	if (!event)
		return -ENOMEM;
	*event = (struct event){ us, umib, member };
	return 0;
}

/* All that is known of one member, and its end, upon which it holds nothing. */
static int put_member(struct events *events, const struct profile_child *child, size_t member)
{
	const struct columns *columns = &child->series.columns;
	int r = 0;
	for (size_t i = 0; i < columns->n && r == 0; i++) {
		struct sample samples[4];
		size_t n = columns->items[i].n > 0 ? parts_samples(&columns->items[i], samples) : 0;
		for (size_t k = 0; k < n && r == 0; k++)
			r = put(events, samples[k].us, samples[k].umib, member);
	}
	int64_t last = child->series.last.us;
	return r == 0 ? put(events, child->gone > last ? child->gone : last + 1, 0, member) : r;
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	if (x->us != y->us)
		return x->us < y->us ? -1 : 1;
	return (x->member > y->member) - (x->member < y->member);
}

static int add(struct profile_series *sum, struct sample sample)
{
	if (sum->samples++ == 0)
		sum->first = sum->peak = sample;
	if (sample.umib > sum->peak.umib)
		sum->peak = sample;
	sum->last = sample;
	return columns_add(&sum->columns, &sample, 1);
}

/* Each holds what it last held until it is seen again. The sum ends with the last sample of any,
 * and does not fall because the recording ends. */
static int sweep(struct profile_series *sum, const struct events *events, int64_t *held,
		 int64_t last)
{
	int64_t total = 0;
	int r = 0;
	for (size_t i = 0; i < events->n && r == 0; i++) {
		const struct event *event = &events->items[i];
		if (event->us > last)
			break;
		total += event->umib - held[event->member];
		held[event->member] = event->umib;
		if (i + 1 == events->n || events->items[i + 1].us != event->us)
			r = add(sum, (struct sample){ event->us, total });
	}
	return r;
}

int together_make(struct profile_series *sum, const struct profile_child *const members[], size_t n)
{
	struct events events = { 0 };
	int64_t *held = calloc(n + 1, sizeof *held), last = INT64_MIN;
	int r = held ? 0 : -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++) {
		r = put_member(&events, members[i], i);
		if (members[i]->series.last.us > last)
			last = members[i]->series.last.us;
	}
	if (r == 0 && events.n > 0)
		qsort(events.items, events.n, sizeof *events.items, by_time);
	if (r == 0)
		r = sweep(sum, &events, held, last);
	free(events.items);
	free(held);
	return r;
}
