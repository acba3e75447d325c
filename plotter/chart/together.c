#include "plotter/chart/together.h"

#include <errno.h>
#include <stdlib.h>

#include "plotter/chart/parts.h"
#include "share/array.h"

#define DEAD (-1)

/* From `us` on the member holds `umib`, or is no more. */
struct event {
	int64_t us, umib;
	size_t member;
	bool ends;
};

struct events {
	struct event *items;
	size_t n;
};

static int put(struct events *events, struct event made)
{
	struct event *event = array_more(&events->items, &events->n, sizeof *event);
	if (!event)
		return -ENOMEM;
	*event = made;
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
			r = put(events, (struct event){ samples[k].us, samples[k].umib, member });
	}
	int64_t last = child->series.last.us;
	int64_t end = child->gone > last ? child->gone : last + 1;
	return r == 0 ? put(events, (struct event){ end, 0, member, true }) : r;
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

struct sweep {
	int64_t *held; /* by member; DEAD: it does not live */
	int64_t total;
	size_t living;
};

static void take(struct sweep *s, const struct event *event)
{
	int64_t *held = &s->held[event->member];
	if (*held == DEAD) {
		*held = 0;
		s->living++;
	}
	s->total += event->umib - *held;
	*held = event->umib;
	if (event->ends) {
		*held = DEAD;
		s->living--;
	}
}

/* Upon the end of the last one the line ends, at the height at which it was. */
static int end_line(struct together *t, int64_t us)
{
	struct lull *lull = array_more(&t->lulls, &t->n_lulls, sizeof *lull);
	if (!lull)
		return -ENOMEM;
	*lull = (struct lull){ us, INT64_MAX };
	return us > t->sum.last.us + 1 ? add(&t->sum, (struct sample){ us, t->sum.last.umib }) : 0;
}

/* Each holds what it last held until it is seen again. The sum ends with the last sample of any,
 * and does not fall because the recording ends. */
static int sweep(struct together *t, const struct events *events, struct sweep *s, int64_t last)
{
	int r = 0;
	for (size_t i = 0; i < events->n && r == 0; i++) {
		const struct event *event = &events->items[i];
		if (event->us > last)
			break;
		if (t->n_lulls > 0 && t->lulls[t->n_lulls - 1].to == INT64_MAX)
			t->lulls[t->n_lulls - 1].to = event->us;
		take(s, event);
		if (i + 1 < events->n && events->items[i + 1].us == event->us)
			continue;
		r = s->living > 0 ? add(&t->sum, (struct sample){ event->us, s->total })
				  : end_line(t, event->us);
	}
	return r;
}

int together_make(struct together *together, const struct profile_child *const members[], size_t n)
{
	struct events events = { 0 };
	struct sweep s = { .held = calloc(n + 1, sizeof *s.held) };
	int64_t last = INT64_MIN;
	int r = s.held ? 0 : -ENOMEM;
	for (size_t i = 0; i < n && r == 0; i++) {
		s.held[i] = DEAD;
		r = put_member(&events, members[i], i);
		if (members[i]->series.last.us > last)
			last = members[i]->series.last.us;
	}
	if (r == 0 && events.n > 0)
		qsort(events.items, events.n, sizeof *events.items, by_time);
	if (r == 0)
		r = sweep(together, &events, &s, last);
	free(events.items);
	free(s.held);
	return r;
}

void together_free(struct together *together)
{
	columns_free(&together->sum.columns);
	free(together->lulls);
}
