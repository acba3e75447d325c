#include "plotter/export/lanes.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "share/array.h"

#define NONE SIZE_MAX

enum { MOST_LANES = 1024 }; /* calls beyond stand in none */

/* The longer first, of those that begin together: it is the outer one. */
static int by_start(const void *a, const void *b)
{
	const struct lane_call *x = a, *y = b;
	if (x->from.us != y->from.us)
		return x->from.us < y->from.us ? -1 : 1;
	return (x->to.us < y->to.us) - (x->to.us > y->to.us);
}

static int by_lane(const void *a, const void *b)
{
	const struct lane_call *x = a, *y = b;
	return x->lane != y->lane ? (x->lane < y->lane ? -1 : 1) : by_start(a, b);
}

/* As much of it as the window shows. */
static int add(struct lanes *lanes, const struct export *export, struct lane_call call)
{
	if (export->from != export->to) {
		int64_t start = export->profile->start_us;
		int64_t from = start + llround(export->from * 1e6);
		int64_t to = start + llround(export->to * 1e6);
		if (call.to.us < from || call.from.us > to)
			return 0;
		call.from.us = call.from.us < from ? from : call.from.us;
		call.to.us = call.to.us > to ? to : call.to.us;
	}
	call.to.us = call.to.us < call.from.us ? call.from.us : call.to.us;
	struct lane_call *added = array_more(&lanes->calls, &lanes->n, sizeof *added);
	if (!added)
		return -ENOMEM;
	*added = call;
	return 0;
}

static int collect(struct lanes *lanes, const struct export *export)
{
	const struct profile *p = export->profile;
	const struct sample end = { profile_end_us(p), PROFILE_UNTOLD };
	int r = 0;
	for (size_t i = 0; i < p->n_calls && r == 0; i++)
		r = add(lanes, export,
			(struct lane_call){ .from = p->calls[i].from,
					    .to = p->calls[i].to,
					    .function = p->calls[i].function });
	for (size_t i = 0; i < p->n_entered && r == 0; i++)
		r = add(lanes, export,
			(struct lane_call){ .from = p->entered[i].at,
					    .to = end,
					    .function = p->entered[i].function,
					    .open = true });
	return r;
}

/* The first lane in which it stands in the innermost call that has not ended, or in none. `top`: of
 * each lane; `outer`: of each call. */
static size_t lane_for(const struct lanes *lanes, size_t call, size_t top[], size_t outer[])
{
	const struct lane_call *calls = lanes->calls;
	for (size_t i = 0; i < MOST_LANES; i++) {
		size_t in = i < lanes->n_lanes ? top[i] : NONE;
		while (in != NONE && calls[in].to.us <= calls[call].from.us)
			in = outer[in];
		if (in == NONE || calls[in].to.us >= calls[call].to.us) {
			outer[call] = in;
			top[i] = call;
			return i;
		}
	}
	return NONE;
}

int lanes_make(struct lanes *lanes, const struct export *export)
{
	*lanes = (struct lanes){ 0 };
	int r = collect(lanes, export);
	size_t *top = calloc(MOST_LANES, sizeof *top);
	size_t *outer = calloc(lanes->n + 1, sizeof *outer);
	if (!top || !outer)
		r = -ENOMEM;
	if (r == 0 && lanes->n > 0) {
		qsort(lanes->calls, lanes->n, sizeof *lanes->calls, by_start);
		for (size_t i = 0; i < lanes->n; i++) {
			size_t lane = lane_for(lanes, i, top, outer);
			lanes->calls[i].lane = lane;
			if (lane != NONE && lane == lanes->n_lanes)
				lanes->n_lanes++;
		}
		qsort(lanes->calls, lanes->n, sizeof *lanes->calls, by_lane);
		while (lanes->n > 0 && lanes->calls[lanes->n - 1].lane == NONE)
			lanes->n--;
	}
	free(top);
	free(outer);
	return r;
}

int lanes_each(const struct lanes *lanes, size_t lane,
	       int (*each)(void *context, const struct lane_call *call, bool begins), void *context)
{
	const struct lane_call **open = calloc(lanes->n + 1, sizeof *open);
	size_t depth = 0, i = 0;
	int r = open ? 0 : -ENOMEM;
	while (i < lanes->n && lanes->calls[i].lane < lane)
		i++;
	for (; i < lanes->n && lanes->calls[i].lane == lane && r == 0; i++) {
		const struct lane_call *call = &lanes->calls[i];
		while (depth > 0 && open[depth - 1]->to.us <= call->from.us && r == 0)
			r = each(context, open[--depth], false);
		r = r ? r : each(context, call, true);
		if (open)
			open[depth++] = call;
	}
	while (depth > 0 && r == 0)
		r = each(context, open[--depth], false);
	free(open);
	return r;
}

void lanes_free(struct lanes *lanes)
{
	free(lanes->calls);
	*lanes = (struct lanes){ 0 };
}
