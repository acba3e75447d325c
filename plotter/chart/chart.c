#include "plotter/chart/chart.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plotter/chart/parts.h"
#include "plotter/chart/ticks.h"
#include "share/array.h"
#include "share/format.h"
#include "share/metrics.h"
#include "share/text.h"

enum {
	NOTED_RECORDINGS = 6, /* past that many, labels at every peak only cover each other */
	SPARSE_PIXELS = 12,
};

char *parts_text(const char *format, ...)
{
	va_list arguments;
	char *raw;
	va_start(arguments, format);
	int n = vasprintf(&raw, format, arguments);
	va_end(arguments);
	if (n < 0)
		return NULL;
	char *text = text_printable(raw);
	free(raw);
	return text;
}

int parts_add_row(struct chart *chart, enum chart_row_kind kind, unsigned colour, char *label,
		  char *detail)
{
	struct chart_row *row =
		label && detail ? array_more(&chart->rows, &chart->n_rows, sizeof *row) : NULL;
	if (!row) {
		free(label);
		free(detail);
		return -ENOMEM;
	}
	*row = (struct chart_row){ kind, colour, label, detail };
	return 0;
}

size_t parts_from(const struct chart_curve *curve, double x)
{
	size_t low = 0, high = curve->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (curve->points[middle].x < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t parts_named(size_t n, size_t rows)
{
	if (n <= rows && n <= CHART_COLOURS)
		return n;
	if (rows == 0)
		return 0;
	return rows - 1 < CHART_COLOURS ? rows - 1 : CHART_COLOURS;
}

static int by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	return (x->us > y->us) - (x->us < y->us);
}

/* A column's four samples in time order, each once. */
size_t parts_samples(const struct column *column, struct sample out[4])
{
	struct sample all[4] = { column->first, column->low, column->high, column->last };
	qsort(all + 1, 2, sizeof *all, by_time);
	size_t n = 0;
	for (size_t i = 0; i < 4; i++)
		if (n == 0 || all[i].us != out[n - 1].us || all[i].umib != out[n - 1].umib)
			out[n++] = all[i];
	return n;
}

int parts_add_curve(struct chart *chart, const struct profile_series *series, int64_t start,
		    enum chart_role role, unsigned colour, const struct chart_wish *wish)
{
	bool windowed = wish->from != wish->to;
	int64_t from = windowed ? start + llround(wish->from * 1e6) : INT64_MIN;
	int64_t to = windowed ? start + llround(wish->to * 1e6) : INT64_MAX;
	struct columns columns = { 0 };
	int r = columns_within(&series->columns, from, to, wish->columns, &columns);
	if (r < 0)
		return r;
	struct chart_point *points = calloc(4 * columns.n + 1, sizeof *points);
	struct chart_curve *curve =
		points ? array_more(&chart->curves, &chart->n_curves, sizeof *curve) : NULL;
	if (!curve) {
		free(points);
		columns_free(&columns);
		return -ENOMEM;
	}
	*curve = (struct chart_curve){ .role = role, .colour = colour, .points = points };
	for (size_t i = 0; i < columns.n; i++) {
		struct sample samples[4];
		size_t n = parts_samples(&columns.items[i], samples);
		for (size_t k = 0; k < n; k++)
			points[curve->n++] =
				(struct chart_point){ sample_seconds(samples[k].us - start),
						      sample_mib(samples[k].umib) };
	}
	columns_free(&columns);
	return 0;
}

bool parts_is_set(const struct profile *profile, const char *key)
{
	const char *value = profile_setting(profile, key);
	return value && strcmp(value, "1") == 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

/* What was measured, in the field's words. */
static char *metric_name(const struct profile *profile)
{
	const char *metric = profile_setting(profile, "metric");
	bool whole = parts_is_set(profile, "tree");
	if (!metric)
		return parts_text("%s", profile->n_children ? "main process" : "memory");
	return parts_text("%s%s", metric_brief(metric), whole ? ", whole tree" : "");
}

static int add_recording(struct chart *chart, const struct profile *profile,
			 const struct chart_wish *wish, unsigned colour, size_t among)
{
	char size[FORMAT_SIZE], length[FORMAT_SIZE];
	const struct profile_series *memory = &profile->memory;
	int r = parts_add_curve(chart, memory, profile->start_us, CHART_MAIN, colour, wish);
	if (r == 0)
		r = among <= NOTED_RECORDINGS ? summit_show(chart, profile, wish, colour, among > 1)
					      : 0;
	if (r < 0)
		return r;
	format_memory(size, sample_mib(memory->peak.umib));
	format_duration(length, sample_seconds(memory->last.us - profile->start_us));
	if (among == 1)
		r = parts_add_row(chart, ROW_CURVE, colour, metric_name(profile),
				  parts_text("peak %s", size));
	else
		r = parts_add_row(chart, ROW_CURVE, colour,
				  parts_text("%s", base_name(profile->path)),
				  parts_text("peak %s · %s", size, length));
	return r == 0 ? band_show(chart, profile, wish, colour, among == 1) : r;
}

static char *recording_name(const struct profile *profile)
{
	return profile->command ? parts_text("%s", profile->command)
				: parts_text("%s", base_name(profile->path));
}

static bool same_command(const struct profile *const profiles[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!profiles[i]->command ||
		    strcmp(profiles[i]->command, profiles[0]->command) != 0)
			return false;
	return true;
}

static int add_title(struct chart *chart, const struct profile *const profiles[], size_t n,
		     const struct chart_wish *wish)
{
	if (wish->title)
		chart->title = parts_text("%s", wish->title);
	else if (n == 1 || same_command(profiles, n))
		chart->title = recording_name(profiles[0]);
	else
		chart->title = parts_text("%zu recordings", n);
	return chart->title ? 0 : -ENOMEM;
}

/* " · exit status 3", " · killed by SIGKILL", or nothing when all went well or nobody knows. */
static void describe_end(const struct profile *profile, char *out, size_t size)
{
	const char *killed = profile_killed(profile);
	out[0] = '\0';
	if (killed) {
		snprintf(out, size, " · %s", killed);
		return;
	}
	if (!profile->ended || profile->status == PROFILE_STATUS_UNKNOWN || profile->status == 0)
		return;
	const char *abbreviation = profile->status < 0 ? sigabbrev_np(-profile->status) : NULL;
	if (abbreviation)
		snprintf(out, size, " · ended by SIG%s", abbreviation);
	else if (profile->status < 0)
		snprintf(out, size, " · ended by signal %d", -profile->status);
	else
		snprintf(out, size, " · exit status %d", profile->status);
}

/* " · peak 912.0 MiB with children", where they are not in the curve. */
static void describe_family(const struct profile *profile, char *out, size_t size)
{
	char most[FORMAT_SIZE];
	out[0] = '\0';
	if (parts_is_set(profile, "children") && !parts_is_set(profile, "tree") &&
	    profile->together.umib > profile->memory.peak.umib)
		snprintf(out, size, " · peak %s with children",
			 format_memory(most, sample_mib(profile->together.umib)));
}

/* " · 8.00 GiB allowed", where no line says it. */
static void describe_limit(const struct chart *chart, const struct profile *profile, char *out,
			   size_t size)
{
	char limit[FORMAT_SIZE];
	double mib;
	out[0] = '\0';
	for (size_t i = 0; i < chart->n_limits; i++)
		if (!chart->limits[i].right && chart->limits[i].colour == CHART_OTHERS)
			return;
	if (parts_setting(profile, "limit", &mib))
		snprintf(out, size, " · %s allowed", format_memory(limit, mib));
}

static int add_subtitle(struct chart *chart, const struct profile *const profiles[], size_t n)
{
	const struct profile *profile = profiles[0];
	if (n > 1 || profile->memory.samples == 0) {
		chart->subtitle =
			n > 1 ? parts_text("each from its own start") : parts_text("%s", "");
		return chart->subtitle ? 0 : -ENOMEM;
	}
	char date[64] = "", length[FORMAT_SIZE], end[64], limit[FORMAT_SIZE + 16];
	char family[FORMAT_SIZE + 32];
	time_t start = (time_t)(profile->start_us / 1000000);
	struct tm local;
	if (localtime_r(&start, &local))
		strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &local);
	format_duration(length, sample_seconds(profile->memory.last.us - profile->start_us));
	describe_end(profile, end, sizeof end);
	describe_limit(chart, profile, limit, sizeof limit);
	describe_family(profile, family, sizeof family);
	chart->subtitle = parts_text("%s · %s · %llu sample%s%s%s%s", date, length,
				     (unsigned long long)profile->memory.samples,
				     profile->memory.samples == 1 ? "" : "s", family, limit, end);
	if (chart->subtitle && profile_killed(profile) && *end)
		chart->alarm = strlen(chart->subtitle) - strlen(end);
	return chart->subtitle ? 0 : -ENOMEM;
}

/* Samples so far apart that a dot on each says where they are. */
static void find_sparse(struct chart *chart, const struct chart_wish *wish)
{
	double pixel = (chart->x.high - chart->x.low) / (double)(wish->columns ? wish->columns : 1);
	for (size_t i = 0; i < chart->n_curves; i++) {
		struct chart_curve *curve = &chart->curves[i];
		double length =
			curve->n > 0 ? curve->points[curve->n - 1].x - curve->points[0].x : 0;
		curve->sparse =
			curve->role != CHART_TREND &&
			(curve->n == 1 || length >= SPARSE_PIXELS * pixel * (double)(curve->n - 1));
	}
}

static bool is_shown(const struct chart_wish *wish, double x)
{
	return wish->from == wish->to || (x >= wish->from && x <= wish->to);
}

static double highest(const struct chart_point *points, size_t n, const struct chart_wish *wish)
{
	double top = 0;
	for (size_t i = 0; i < n; i++)
		if (is_shown(wish, points[i].x))
			top = fmax(top, points[i].y);
	return top;
}

/* The highest that stands on one of the two axes. */
static double top_of(const struct chart *chart, const struct chart_wish *wish, bool right)
{
	double top = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].right == right)
			top = fmax(top, highest(chart->curves[i].points, chart->curves[i].n, wish));
	for (size_t i = 0; i < chart->n_notes && !right; i++)
		top = fmax(top, chart->notes[i].at.y);
	for (size_t i = 0; i < chart->n_bands && !right; i++)
		top = fmax(top, highest(chart->bands[i].points, chart->bands[i].n, wish));
	return top;
}

/* The peak's label needs so much more than one. */
static const double TWO_LINES = 1.6;

/* A line across needs no room above it but for its label. */
static double reach(const struct chart *chart, const struct chart_wish *wish, bool right)
{
	double top = top_of(chart, wish, right), room = wish->headroom;
	if (chart->n_notes > 0 && chart->notes[0].place)
		room *= TWO_LINES;
	double high = top > 0 ? top * (1 + room) : 1;
	for (size_t i = 0; i < chart->n_limits; i++)
		if (chart->limits[i].right == right)
			high = fmax(high, chart->limits[i].at * 1.06);
	return high;
}

/* The furthest that a curve, a call or a window reaches. */
static void set_ranges(struct chart *chart, const struct chart_wish *wish)
{
	double end = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		for (size_t k = 0; k < chart->curves[i].n; k++)
			end = fmax(end, chart->curves[i].points[k].x);
	chart->x.low = 0;
	chart->x.high = end > 0 ? end : 1;
	if (wish->from != wish->to) {
		chart->x.low = wish->from;
		chart->x.high = wish->to;
	}
	chart->y.low = chart->right.low = 0;
	chart->y.high = reach(chart, wish, false);
	chart->right.high = reach(chart, wish, true);
}

static bool has_right(const struct chart *chart)
{
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].right)
			return true;
	return false;
}

static bool only_gpus(const struct chart *chart)
{
	for (size_t i = 0; i < chart->n_curves; i++)
		if (chart->curves[i].right && !chart->curves[i].gpu)
			return false;
	return true;
}

static int add_ticks(struct chart *chart, const struct chart_wish *wish)
{
	int r = ticks_time(&chart->x, wish->x_ticks);
	if (r == 0)
		r = ticks_memory(&chart->y, wish->y_ticks);
	if (r == 0 && has_right(chart)) {
		r = ticks_memory(&chart->right, wish->y_ticks);
		if (only_gpus(chart)) {
			memmove(chart->right.title + 4, chart->right.title,
				sizeof chart->right.title - 4);
			memcpy(chart->right.title, "GPU ", 4);
			chart->right.title[sizeof chart->right.title - 1] = '\0';
		}
	}
	return r;
}

/* What a single recording has beside its curve. */
static int add_company(struct chart *chart, const struct profile *profile,
		       const struct chart_wish *wish, unsigned *colour)
{
	double top = top_of(chart, wish, false);
	int r = profile->memory.samples > 0 ? limits_show(chart, profile, top) : 0;
	if (r == 0)
		r = beside_show(chart, profile, wish, colour, top);
	if (r == 0)
		r = places_show(chart, profile);
	return r == 0 ? marks_show(chart, profile, wish) : r;
}

static int fill(struct chart *chart, const struct profile *const profiles[], size_t n,
		const struct chart_wish *wish)
{
	int r = add_title(chart, profiles, n, wish);
	unsigned colour = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		if (profiles[i]->memory.samples == 0)
			continue;
		r = add_recording(chart, profiles[i], wish, colour++, n);
	}
	if (r == 0 && n == 1)
		r = add_company(chart, profiles[0], wish, &colour);
	if (r == 0)
		r = add_subtitle(chart, profiles, n);
	set_ranges(chart,
		   wish); /* the recordings' own; children and the trend stay inside their time */
	size_t room = wish->rows > chart->n_rows ? wish->rows - chart->n_rows : 0;
	bool calls = n == 1 && wish->functions && profiles[0]->n_calls + profiles[0]->n_entered > 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = children_show(chart, profiles[i], wish, colour, calls ? room / 2 : room / n);
	for (size_t i = 0; i < n && r == 0 && wish->slope; i++)
		r = trend_show(chart, profiles[i], wish, (unsigned)i);
	colour = (unsigned)chart->n_curves;
	room = wish->rows > chart->n_rows ? wish->rows - chart->n_rows : 0;
	if (r == 0 && calls)
		r = flame_show(chart, profiles[0], wish, colour, room);
	if (r == 0 && n == 1 && wish->functions && wish->flame && !calls)
		r = growth_flame_show(chart, profiles[0], wish, colour, room);
	set_ranges(chart, wish);
	find_sparse(chart, wish);
	return r == 0 ? add_ticks(chart, wish) : r;
}

/* A legend of one row says nothing that the title and the peak's label have not said. */
static void drop_lonely_row(struct chart *chart)
{
	if (chart->n_rows != 1 || chart->rows[0].kind != ROW_CURVE)
		return;
	free(chart->rows[0].label);
	free(chart->rows[0].detail);
	chart->n_rows = 0;
}

int chart_make(struct chart *chart, const struct profile *const profiles[], size_t n,
	       const struct chart_wish *wish)
{
	*chart = (struct chart){ .flame = wish->flame };
	int r = fill(chart, profiles, n, wish);
	if (r < 0)
		chart_free(chart);
	else
		drop_lonely_row(chart);
	return r;
}

void chart_free(struct chart *chart)
{
	for (size_t i = 0; i < chart->n_curves; i++)
		free(chart->curves[i].points);
	for (size_t i = 0; i < chart->n_notes; i++) {
		free(chart->notes[i].label);
		free(chart->notes[i].place);
	}
	for (size_t i = 0; i < chart->n_rows; i++) {
		free(chart->rows[i].label);
		free(chart->rows[i].detail);
	}
	for (size_t i = 0; i < chart->n_bands; i++)
		free(chart->bands[i].points);
	for (size_t i = 0; i < chart->n_limits; i++)
		free(chart->limits[i].label);
	free(chart->curves);
	free(chart->bands);
	free(chart->limits);
	free(chart->marks);
	free(chart->right.ticks);
	free(chart->notes);
	free(chart->rows);
	free(chart->spans);
	free(chart->x.ticks);
	free(chart->y.ticks);
	free(chart->title);
	free(chart->subtitle);
	*chart = (struct chart){ 0 };
}
