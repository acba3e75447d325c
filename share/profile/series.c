#include <errno.h>
#include <string.h>

#include "share/profile/loading.h"

enum { COLUMNS = 4096 };

int series_add(struct profile_series *series, const struct sample *samples, size_t n)
{
	if (n == 0)
		return 0;
	if (series->samples == 0)
		series->first = series->peak = samples[0];
	struct sample peak = series->peak;
	for (size_t i = 0; i < n; i++)
		if (samples[i].umib > peak.umib)
			peak = samples[i];
	series->peak = peak;
	series->last = samples[n - 1];
	series->samples += n;
	return columns_add(&series->columns, samples, n);
}

static size_t limit_of(const struct loading *l)
{
	return l->wish.columns ? l->wish.columns : COLUMNS;
}

int series_add_beside(const struct loading *l, struct profile_series *series, struct sample at)
{
	if (!is_wanted(l, at.us))
		return 0;
	if (series->columns.limit == 0)
		series->columns.limit = limit_of(l);
	return series_add(series, &at, 1);
}

int series_copy(struct profile_series *to, const struct profile_series *from)
{
	*to = *from;
	return columns_copy(&to->columns, &from->columns);
}

/* ---- MEM ---- */

/* Only what lies in the window, and its neighbours for the curve; these are no samples of the
 * window's own peak. */
static int add_windowed(struct loading *l, const struct sample *samples, size_t n)
{
	struct profile_series *series = &l->profile.memory;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct sample *sample = &samples[i];
		if (sample->us < l->from) {
			l->memory.before = *sample;
			l->memory.has_before = true;
		} else if (sample->us > l->to) {
			if (!l->memory.has_after && series->samples > 0)
				r = columns_add(&series->columns, sample, 1);
			l->memory.has_after = true;
		} else {
			if (series->samples == 0 && l->memory.has_before)
				r = columns_add(&series->columns, &l->memory.before, 1);
			r = r < 0 ? r : series_add(series, sample, 1);
		}
	}
	return r;
}

/* By hand: llround would make every start of the recorder load libm. */
static int64_t in_us(double seconds)
{
	double us = seconds * 1e6;
	if (us > 4e18 || us < -4e18)
		return us > 0 ? INT64_MAX / 2 : INT64_MIN / 2;
	return (int64_t)(us < 0 ? us - 0.5 : us + 0.5);
}

int series_take(struct loading *l, const struct sample *samples, size_t n)
{
	struct profile_series *memory = &l->profile.memory;
	if (!l->started) {
		l->started = true;
		l->profile.start_us = samples[0].us;
		l->from = samples[0].us + in_us(l->wish.from);
		l->to = samples[0].us + in_us(l->wish.to);
	}
	if (memory->columns.limit == 0)
		memory->columns.limit = limit_of(l);
	l->children.sum = samples[n - 1];
	return has_window(l) ? add_windowed(l, samples, n) : series_add(memory, samples, n);
}

/* ---- PEAK ---- */

static int take_peak(struct loading *l, const struct profile_record *record)
{
	struct profile *p = &l->profile;
	uint64_t before = p->peaks.samples;
	int r = series_add_beside(l, &p->peaks, record->at);
	if (r == 0 && p->peaks.samples > before && record->at.umib > p->highest.umib)
		p->highest = (struct profile_span){ record->at.umib, record->since, record->at.us };
	return r;
}

/* ---- both ---- */

static int copy(struct profile *to, const struct profile *from)
{
	to->highest = from->highest;
	int r = series_copy(&to->memory, &from->memory);
	return r < 0 ? r : series_copy(&to->peaks, &from->peaks);
}

static void drop(struct profile *p)
{
	columns_free(&p->memory.columns);
	columns_free(&p->peaks.columns);
	p->memory = p->peaks = (struct profile_series){ 0 };
	p->highest = (struct profile_span){ 0 };
}

static void begin(struct loading *l)
{
	drop(&l->profile);
	l->memory.has_before = l->memory.has_after = false;
}

const struct part part_series = {
	.takes = { { PROFILE_PEAK, take_peak } },
	.begin = begin,
	.copy = copy,
	.drop = drop,
};
