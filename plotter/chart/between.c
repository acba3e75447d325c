#include "plotter/chart/between.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"

/* The process that both are of; 0: it is not one, or another metric. */
static pid_t find_process(const struct profile *profile)
{
	const char *metric = profile_setting(profile, "metric"),
		   *pid = profile_setting(profile, "pid");
	bool several = profile_is_set(profile, "tree") && profile->n_children > 0;
	bool told = profile->growth.n_steps > 0 && (!metric || strcmp(metric, "rss") == 0);
	return pid && told && !several ? atoi(pid) : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	return (x->us > y->us) - (x->us < y->us);
}

static int add(struct profile_series *made, struct sample sample)
{
	if (made->samples++ == 0)
		made->first = made->peak = sample;
	if (sample.umib > made->peak.umib)
		made->peak = sample;
	made->last = sample;
	return columns_add(&made->columns, &sample, 1);
}

/* Those before the moment. */
static int add_steps(struct profile_series *made, const struct sample *steps, size_t n, size_t *at,
		     int64_t until)
{
	int r = 0;
	for (; *at < n && steps[*at].us < until && r == 0; ++*at)
		r = add(made, steps[*at]);
	return r;
}

static int merge(struct profile_series *made, const struct columns *columns,
		 const struct sample *steps, size_t n)
{
	size_t at = 0;
	int r = 0;
	for (size_t i = 0; i < columns->n && r == 0; i++) {
		struct sample samples[4];
		size_t some =
			columns->items[i].n > 0 ? parts_samples(&columns->items[i], samples) : 0;
		for (size_t k = 0; k < some && r == 0; k++) {
			r = add_steps(made, steps, n, &at, samples[k].us);
			r = r < 0 ? r : add(made, samples[k]);
		}
	}
	return r < 0 ? r : add_steps(made, steps, n, &at, INT64_MAX);
}

int between_make(struct profile_series *made, const struct profile *profile)
{
	const struct profile_growth *g = &profile->growth;
	pid_t pid = find_process(profile);
	size_t n = 0;
	if (pid == 0 || profile->memory.samples == 0)
		return 0;
	struct sample *steps = calloc(g->n_steps, sizeof *steps);
	if (!steps)
		return -ENOMEM;
	for (size_t i = 0; i < g->n_steps; i++)
		if (g->steps[i].pid == pid && g->steps[i].at.us >= profile->memory.first.us)
			steps[n++] = g->steps[i].at;
	qsort(steps, n, sizeof *steps, by_time);
	made->columns.limit = profile->memory.columns.limit;
	int r = n > 0 ? merge(made, &profile->memory.columns, steps, n) : 0;
	free(steps);
	return r;
}

struct sample between_highest(const struct profile *profile, double from, double to)
{
	const struct profile_growth *g = &profile->growth;
	struct sample highest = { 0 };
	pid_t pid = find_process(profile);
	for (size_t i = 0; i < g->n_steps && pid > 0; i++) {
		double x = sample_seconds(g->steps[i].at.us - profile->start_us);
		bool shown = from == to ? x >= 0 : x >= from && x <= to;
		if (g->steps[i].pid == pid && shown && g->steps[i].at.umib > highest.umib)
			highest = g->steps[i].at;
	}
	return highest;
}
