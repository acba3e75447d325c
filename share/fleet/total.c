#include "share/fleet/total.h"

#include <errno.h>
#include <stdlib.h>

#include "share/profile/sum.h"

int total_open(struct total *t, int64_t from, int64_t to, size_t stretches)
{
	t->from = from;
	t->n = stretches;
	t->width = (to - from) / (int64_t)stretches + 1;
	t->sums = calloc(stretches, sizeof *t->sums);
	if (!t->sums)
		return -ENOMEM;
	for (size_t i = 0; i < stretches; i++)
		t->sums[i] = -1;
	return 0;
}

static size_t place(const struct total *t, int64_t us)
{
	if (us <= t->from)
		return 0;
	size_t at = (size_t)((us - t->from) / t->width);
	return at < t->n ? at : t->n - 1;
}

void total_add(struct total *t, const struct fleet_point *points, size_t n, int64_t last)
{
	if (n == 0)
		return;
	size_t first = place(t, points[0].us), end = place(t, last) + 1, at = 0;
	int64_t held = points[0].first;
	end = end > first ? end : first + 1;
	for (size_t i = first; i < end; i++) {
		int64_t high = -1;
		for (; at < n && place(t, points[at].us) <= i; at++) {
			high = points[at].umib > high ? points[at].umib : high;
			held = points[at].last;
		}
		high = high < 0 ? held : high;
		t->sums[i] = sum_of(t->sums[i] < 0 ? 0 : t->sums[i], high);
	}
}

struct sample total_peak(const struct total *t)
{
	struct sample peak = { t->from, -1 };
	for (size_t i = 0; i < t->n; i++)
		if (t->sums[i] > peak.umib)
			peak = (struct sample){ t->from + (int64_t)i * t->width, t->sums[i] };
	return peak;
}

void total_close(struct total *t)
{
	free(t->sums);
	*t = (struct total){ 0 };
}
