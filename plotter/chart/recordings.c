#include "plotter/chart/recordings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/band.h"
#include "plotter/chart/between.h"
#include "plotter/chart/heading.h"
#include "plotter/chart/parts.h"
#include "plotter/chart/summit.h"
#include "share/format.h"
#include "share/metrics.h"
#include "share/text.h"

/* Past that many, labels at every peak only cover each other. */
enum { NOTED_RECORDINGS = 6 };

struct among { /* so many recordings it is one of */
	size_t n;
	bool alike; /* all of one command */
};

/* ---- who has a colour ---- */

static int by_peak(const void *a, const void *b, void *context)
{
	const struct profile *const *profiles = context;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	int64_t x = profiles[i]->memory.peak.umib, y = profiles[k]->memory.peak.umib;
	return x != y ? (x < y) - (x > y) : (i > k) - (i < k);
}

/* The indices of those with samples, by their peaks; how many, or -ENOMEM. */
static long rank(const struct profile *const profiles[], size_t n, size_t **order)
{
	size_t shown = 0;
	*order = calloc(n + 1, sizeof **order);
	if (!*order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (profiles[i]->memory.samples > 0)
			(*order)[shown++] = i;
	qsort_r(*order, shown, sizeof **order, by_peak, (void *)profiles);
	return (long)shown;
}

unsigned *recordings_colours(const struct profile *const profiles[], size_t n,
			     const struct chart_wish *wish, struct recordings_shown *shown)
{
	size_t *order, rows = wish->recordings ? wish->recordings : wish->rows;
	long ranked = rank(profiles, n, &order);
	unsigned *colours = ranked < 0 ? NULL : calloc(n + 1, sizeof *colours);
	*shown = (struct recordings_shown){ 0 };
	if (colours) {
		shown->all = (size_t)ranked;
		shown->named = n > 1 ? parts_fitting(shown->all, rows) : shown->all;
		for (size_t i = 0; i < n; i++)
			colours[i] = CHART_OTHERS;
		for (size_t i = 0; i < shown->named; i++)
			colours[order[i]] = 0;
		for (size_t i = 0, next = 0; i < n; i++)
			if (colours[i] != CHART_OTHERS)
				colours[i] = (unsigned)next++;
	}
	free(order);
	return colours;
}

/* ---- curves and rows ---- */

/* What was measured, in the field's words. */
static char *metric_name(const struct profile *profile)
{
	const char *metric = profile_setting(profile, "metric");
	bool whole = profile_is_set(profile, "tree");
	if (!metric)
		return parts_text("%s", profile->n_children ? "main process" : "memory");
	return parts_text("%s%s", metric_brief(metric), whole ? ", whole tree" : "");
}

/* One that has been moved on the axis is no longer for that. */
static double length_of(const struct profile *profile, const struct chart_wish *wish)
{
	int64_t moved = wish->aligned ? profile->memory.first.us - profile->start_us : 0;
	return fmax(parts_length(profile) - sample_seconds(moved), 0);
}

static int add_row(struct chart *chart, const struct profile *profile,
		   const struct chart_wish *wish, unsigned colour, const struct among *among)
{
	char length[FORMAT_SIZE];
	char *peak = summit_say(profile, wish), *both;
	const char *name = text_base_name(profile->path);
	bool told = !among->alike && profile->command;
	if (among->n == 1 || !peak)
		return parts_add_row(chart, ROW_CURVE, colour, metric_name(profile), peak);
	format_duration(length, length_of(profile, wish));
	both = parts_text("%s · %s", peak, length);
	free(peak);
	return parts_add_row(
		chart, ROW_CURVE, colour,
		parts_text("%s%s%s", name, told ? ": " : "", told ? profile->command : ""), both);
}

static int add_curve(struct chart *chart, const struct profile *profile,
		     const struct chart_wish *wish, unsigned colour)
{
	struct profile_series between = { 0 };
	int r = between_make(&between, profile);
	if (r == 0)
		r = parts_add_line(chart, between.samples > 0 ? &between : &profile->memory,
				   profile->start_us, CHART_MAIN, colour, wish);
	if (r == 0)
		r = parts_break_holes(&chart->curves[chart->n_curves - 1], &profile->memory,
				      profile->start_us, wish);
	columns_free(&between.columns);
	return r;
}

static int add_recording(struct chart *chart, const struct profile *profile,
			 const struct chart_wish *wish, unsigned colour, const struct among *among)
{
	int r = add_curve(chart, profile, wish, colour);
	if (r == 0 && among->n <= NOTED_RECORDINGS)
		r = summit_show(chart, profile, wish, colour, among->n > 1);
	if (r == 0 && colour != CHART_OTHERS)
		r = add_row(chart, profile, wish, colour, among);
	if (r == 0 && colour != CHART_OTHERS && !wish->heap)
		r = band_show(chart, profile, wish, colour, among->n == 1);
	return r;
}

/* The nameless last, which is under the others. */
int recordings_show(struct chart *chart, const struct profile *const profiles[], size_t n,
		    const unsigned colours[], const struct chart_wish *wish)
{
	int r = 0;
	size_t nameless = 0, named = 0;
	const struct among among = { n, heading_same_command(profiles, n) };
	for (size_t i = 0; i < n && r == 0; i++)
		if (colours[i] != CHART_OTHERS) {
			r = add_recording(chart, profiles[i], wish, colours[i], &among);
			named++;
		}
	for (size_t i = 0; i < n && r == 0; i++)
		if (colours[i] == CHART_OTHERS && profiles[i]->memory.samples > 0) {
			r = add_recording(chart, profiles[i], wish, CHART_OTHERS, &among);
			nameless++;
		}
	if (r < 0 || nameless == 0)
		return r;
	return parts_add_row(chart, ROW_MORE, CHART_OTHERS,
			     parts_text("%zu %s", nameless, named ? "more" : "recordings"),
			     parts_text(named ? "lower peaks" : "thin lines"));
}
