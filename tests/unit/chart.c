#include "plotter/chart/make.h"

#include <math.h>
#include <stdlib.h>

#include "share/growth/names.h"
#include "tests/check.h"

enum { START = 1700000000 };

static struct sample at(double seconds, double mib)
{
	return (struct sample){ (START + 0LL) * 1000000 + llround(seconds * 1e6),
				llround(mib * 1e6) };
}

static void add(struct profile_series *series, double seconds, double mib)
{
	struct sample sample = at(seconds, mib);
	if (series->samples++ == 0)
		series->first = series->peak = sample;
	if (sample.umib > series->peak.umib)
		series->peak = sample;
	series->last = sample;
	if (series->columns.limit == 0)
		series->columns.limit = 4096;
	CHECK_INT(columns_add(&series->columns, &sample, 1), 0);
}

static struct profile *new_profile(const char *command)
{
	struct profile *profile = calloc(1, sizeof *profile);
	profile->path = strdup("folder/mprofile_1.dat");
	profile->command = strdup(command);
	profile->start_us = at(0, 0).us;
	return profile;
}

static void drop(struct profile *profile)
{
	profile_free(profile);
	free(profile);
}

static void add_call(struct profile *profile, size_t function, double from, double to, int level)
{
	size_t n = profile->n_calls; /* each a new place would cost a sanitizer a minute */
	if ((n & (n - 1)) == 0)
		profile->calls = realloc(profile->calls, (n ? 2 * n : 1) * sizeof *profile->calls);
	profile->calls[profile->n_calls++] =
		(struct profile_call){ function, at(from, 10), at(to, 20), level };
	profile->functions[function].calls++;
	profile->functions[function].us += llround((to - from) * 1e6);
	profile->functions[function].growth += 10000000;
}

static void add_function(struct profile *profile, const char *name)
{
	profile->functions = realloc(profile->functions,
				     (profile->n_functions + 1) * sizeof *profile->functions);
	profile->functions[profile->n_functions++] =
		(struct profile_function){ .name = strdup(name) };
}

static void add_child(struct profile *profile, pid_t pid, const char *name, double mib)
{
	profile->children =
		realloc(profile->children, (profile->n_children + 1) * sizeof *profile->children);
	struct profile_child *child = &profile->children[profile->n_children++];
	*child = (struct profile_child){ .pid = pid, .name = name ? strdup(name) : NULL };
	add(&child->series, 0.5, mib);
	add(&child->series, 1.0, mib / 2);
}

static const struct chart_wish wish = {
	.columns = 400, .headroom = 0.12, .x_ticks = 6, .y_ticks = 6, .rows = 10, .functions = true
};

static struct chart make(const struct profile *profile, const struct chart_wish *as)
{
	struct chart chart;
	CHECK_INT(chart_make(&chart, &profile, 1, as), 0);
	return chart;
}

static void a_short_recording_is_shown_sample_by_sample(void)
{
	struct profile *profile = new_profile("./train.py --seed 1");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 1, 182.5);
	add(&profile->memory, 2, 40);
	struct chart chart = make(profile, &wish);
	CHECK_STR(chart.title, "./train.py --seed 1");
	CHECK_INT(chart.n_curves, 1);
	CHECK_INT(chart.curves[0].n, 3);
	CHECK(chart.curves[0].sparse);
	CHECK_NEAR(chart.curves[0].points[1].x, 1, 1e-9);
	CHECK_NEAR(chart.curves[0].points[1].y, 182.5, 1e-9);
	CHECK_INT(chart.n_notes, 1);
	CHECK_STR(chart.notes[0].label, "peak 182.5 MiB at 1.00 s");
	CHECK_NEAR(chart.x.high, 2, 1e-9);
	CHECK(chart.y.high > 182.5 && chart.y.low == 0);
	CHECK_INT(chart.n_rows, 0);
	chart_free(&chart);
	drop(profile);
}

static void calls_have_one_row_a_function(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 10, 2);
	add_function(profile, "__main__.load");
	add_function(profile, "pkg.mod.train");
	for (int i = 0; i < 5; i++)
		add_call(profile, 0, i, i + 0.5, 0);
	add_call(profile, 1, 5, 9, 1);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_spans, 6);
	CHECK_INT(chart.levels, 2);
	CHECK_INT(chart.n_rows, 3);
	CHECK_STR(chart.rows[1].label, "pkg.mod.train"); /* the longest in all */
	CHECK_STR(chart.rows[2].label, "load");
	CHECK(strstr(chart.rows[2].detail, "5 calls") != NULL);
	CHECK(chart.rows[1].colour != chart.rows[2].colour);
	CHECK_INT(chart.spans[0].colour, chart.rows[2].colour);
	chart_free(&chart);
	drop(profile);
}

static void calls_of_several_threads_stand_under_each_other(void)
{
	static const struct {
		double from, to;
		int level, drawn;
	} calls[] = {
		{ 0, 4, 0, 0 },   /* of one */
		{ 1, 6, 0, 3 },   /* of another, which goes on */
		{ 2, 3, 1, 1 },   /* of the first */
		{ 3.5, 5, 1, 4 }, /* of the other, as it is longer than the first */
		{ 6, 7, 0, 0 },   { 7.5, 8, 4, 2 }, /* its callers are not known */
	};
	enum { N = sizeof calls / sizeof *calls };
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 10, 2);
	add_function(profile, "a");
	for (size_t i = 0; i < N; i++)
		add_call(profile, 0, calls[i].from, calls[i].to, calls[i].level);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_spans, N);
	CHECK_INT(chart.levels, 5);
	for (size_t i = 0; i < N && i < chart.n_spans; i++)
		CHECK_INT(chart.spans[i].level, calls[i].drawn);
	chart_free(&chart);
	drop(profile);
}

static void more_threads_than_there_is_room_for_are_left_out(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 10, 2);
	add_function(profile, "a");
	for (int i = 0; i < 100; i++)
		add_call(profile, 0, i * 0.01, 5 + i * 0.01, 0);
	add_call(profile, 0, 8, 9, 0);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.levels, 24);
	CHECK_INT(chart.n_spans, 25);
	CHECK_INT(chart.spans[24].level, 0);
	chart_free(&chart);
	drop(profile);
}

static void a_crowd_of_calls_costs_no_more_than_the_width(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 10, 2);
	add_function(profile, "a");
	for (int i = 0; i < 20000; i++)
		add_call(profile, 0, i * 0.0005, i * 0.0005 + 0.0004, 0);
	struct chart chart = make(profile, &wish);
	CHECK(chart.n_spans <= 2 * wish.columns);
	CHECK_NEAR(chart.spans[chart.n_spans - 1].to, 9.9999, 0.01);
	chart_free(&chart);
	drop(profile);
}

static void many_functions_end_in_a_row_of_the_rest(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 100, 2);
	for (size_t i = 0; i < 30; i++) {
		char name[16];
		snprintf(name, sizeof name, "f%zu", i);
		add_function(profile, name);
		add_call(profile, i, (double)i, (double)i + 0.5 + 0.01 * (double)i, 0);
	}
	struct chart chart = make(profile, &wish);
	const struct chart_row *last = &chart.rows[chart.n_rows - 1];
	CHECK(chart.n_rows <= wish.rows);
	CHECK_INT(last->kind, ROW_MORE);
	CHECK_STR(last->label, "22 more");
	CHECK_STR(chart.rows[1].label, "f29");
	chart_free(&chart);
	drop(profile);
}

static void functions_can_be_left_out(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add_function(profile, "a");
	add_call(profile, 0, 0, 1, 0);
	struct chart_wish without = wish;
	without.functions = false;
	struct chart chart = make(profile, &without);
	CHECK_INT(chart.n_spans, 0);
	CHECK_INT(chart.n_rows, 0);
	chart_free(&chart);
	drop(profile);
}

static void the_largest_children_have_a_name(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 2, 1);
	for (int i = 0; i < 40; i++)
		add_child(profile, 100 + i, i == 39 ? "worker" : NULL, i);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_curves, 41);
	CHECK_INT(chart.n_rows, 10);
	CHECK_STR(chart.rows[1].label, "worker 139");
	CHECK_STR(chart.rows[2].label, "child 138");
	CHECK_STR(chart.rows[9].label, "32 more");
	chart_free(&chart);
	drop(profile);
}

static void the_trend_leaves_the_warm_up_out(void)
{
	struct profile *profile = new_profile("x");
	for (int i = 0; i <= 600; i++) /* loads 500 MiB at once, then leaks 6 MiB a minute */
		add(&profile->memory, i, i < 10 ? 50.0 * i : 500 + 0.1 * i);
	struct chart_wish with = wish;
	with.slope = true;
	struct chart chart = make(profile, &with);
	CHECK_INT(chart.n_curves, 2);
	CHECK_INT(chart.curves[1].role, CHART_TREND);
	CHECK_INT(chart.n_rows, 2);
	CHECK(strstr(chart.rows[1].detail, "+6.0 MiB/min") != NULL);
	chart_free(&chart);
	drop(profile);
}

static void one_sample_has_no_trend(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 5);
	struct chart_wish with = wish;
	with.slope = true;
	struct chart chart = make(profile, &with);
	CHECK_INT(chart.n_curves, 1);
	CHECK_STR(chart.rows[1].detail, "too few samples for one");
	CHECK(chart.x.high > chart.x.low);
	chart_free(&chart);
	drop(profile);
}

static void recordings_overlay_from_their_own_starts(void)
{
	struct profile *a = new_profile("same"), *b = new_profile("same");
	add(&a->memory, 0, 1);
	add(&a->memory, 3, 10);
	b->start_us = at(1000, 0).us;
	add(&b->memory, 1000, 2);
	add(&b->memory, 1005, 20);
	const struct profile *both[] = { a, b };
	struct chart chart;
	CHECK_INT(chart_make(&chart, both, 2, &wish), 0);
	CHECK_STR(chart.title, "same");
	CHECK_NEAR(chart.curves[1].points[0].x, 0, 1e-9);
	CHECK_NEAR(chart.x.high, 5, 1e-9);
	CHECK_INT(chart.n_rows, 2);
	CHECK_INT(chart.n_notes, 2);
	CHECK(chart.curves[0].colour != chart.curves[1].colour);
	chart_free(&chart);
	drop(a);
	drop(b);
}

static void a_title_is_one_line(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	struct chart_wish titled = wish;
	titled.title = "a\nb\x1b[31m$x$ 100% `id`";
	struct chart chart = make(profile, &titled);
	CHECK(strchr(chart.title, '\n') == NULL);
	CHECK(strchr(chart.title, '\x1b') == NULL);
	CHECK(strstr(chart.title, "$x$ 100% `id`") != NULL);
	chart_free(&chart);
	drop(profile);
}

static void a_killed_program_is_said_to_be(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	profile->ended = true;
	profile->status = -9;
	struct chart chart = make(profile, &wish);
	CHECK(strstr(chart.subtitle, "SIGKILL") != NULL);
	chart_free(&chart);
	drop(profile);
}

static void set(struct profile *profile, const char *key, const char *value)
{
	profile->settings =
		realloc(profile->settings, (profile->n_settings + 1) * sizeof *profile->settings);
	profile->settings[profile->n_settings++] =
		(struct profile_setting){ strdup(key), strdup(value) };
}

/* Recorded by mprof-c: ten seconds of 100 MiB. */
static struct profile *new_rss(void)
{
	struct profile *profile = new_profile("x");
	set(profile, "metric", "rss");
	for (int i = 0; i <= 10; i++)
		add(&profile->memory, i, 100);
	return profile;
}

static void add_peak(struct profile *profile, double from, double to, double mib)
{
	struct sample sample = at(to, mib);
	add(&profile->peaks, to, mib);
	if (sample.umib > profile->highest.umib)
		profile->highest = (struct profile_span){ sample.umib, at(from, 0).us, sample.us };
}

static const struct chart_row *row_of(const struct chart *chart, const char *label)
{
	for (size_t i = 0; i < chart->n_rows; i++)
		if (strcmp(chart->rows[i].label, label) == 0)
			return &chart->rows[i];
	return NULL;
}

static void a_peak_that_nothing_escaped_is_exact(void)
{
	struct profile *profile = new_rss();
	struct chart chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "peak 100.0 MiB at 0 s");
	chart_free(&chart);
	profile->high_water = at(0, 100.1).umib;
	profile->ru_maxrss = at(0, 100.1).umib;
	chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "exact peak 100.0 MiB at 0 s");
	chart_free(&chart);
	profile->ru_maxrss = at(0, 180).umib; /* the last look was too early, or it is a child's */
	chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "peak 100.0 MiB at 0 s");
	chart_free(&chart);
	struct chart_wish window = wish;
	profile->ru_maxrss = profile->high_water;
	window.from = 2;
	window.to = 4;
	chart = make(profile, &window);
	CHECK(strstr(chart.notes[0].label, "exact") == NULL);
	chart_free(&chart);
	drop(profile);
}

static void what_no_sample_saw_is_a_line(void)
{
	struct profile *profile = new_rss();
	profile->high_water = profile->ru_maxrss = at(0, 212.3).umib;
	struct chart chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "sampled 100.0 MiB at 0 s");
	CHECK_INT(chart.n_limits, 1);
	CHECK_STR(chart.limits[0].label, "exact peak 212.3 MiB");
	CHECK(chart.limits[0].peak);
	CHECK(chart.y.high > 212.3);
	chart_free(&chart);
	profile->high_water = profile->ru_maxrss = at(0, 101).umib; /* too near for a line */
	chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "exact peak 101.0 MiB (100.0 MiB at 0 s)");
	CHECK_INT(chart.n_limits, 0);
	chart_free(&chart);
	profile->high_water = at(0, 500).umib; /* before the recorder came */
	profile->ru_maxrss = 0;
	chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "peak 100.0 MiB at 0 s");
	CHECK_INT(chart.n_limits, 0);
	chart_free(&chart);
	drop(profile);
}

static void a_band_stands_over_the_samples(void)
{
	struct profile *profile = new_rss();
	set(profile, "exact", "1");
	profile->ended = true;
	add_peak(profile, 2, 3, 150);
	add_peak(profile, 6, 7, 240);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_bands, 1);
	const struct chart_band *band = &chart.bands[0];
	double low = 1e9, high = 0;
	for (size_t i = 0; i < band->upper; i++) {
		bool inside = (band->points[i].x > 2 && band->points[i].x < 3) ||
			      (band->points[i].x > 6 && band->points[i].x < 7);
		CHECK(!inside);
		CHECK(i == 0 || band->points[i].x >= band->points[i - 1].x);
		low = fmin(low, band->points[i].y);
		high = fmax(high, band->points[i].y);
	}
	CHECK_NEAR(low, 100, 1e-6);
	CHECK_NEAR(high, 240, 1e-6);
	CHECK_NEAR(band->points[band->upper].x, 10, 1e-6); /* and back along the curve */
	CHECK_STR(chart.notes[0].label, "exact peak 240.0 MiB between 6.00 s and 7.00 s");
	CHECK_NEAR(chart.notes[0].at.y, 240, 1e-6);
	CHECK_STR(row_of(&chart, "between samples")->detail, "up to 240.0 MiB");
	CHECK(chart.y.high > 240);
	chart_free(&chart);
	drop(profile);
}

static void a_trees_marks_are_an_upper_bound(void)
{
	struct profile *profile = new_rss();
	set(profile, "exact", "1");
	set(profile, "tree", "1");
	set(profile, "peak_bound", "upper");
	add_peak(profile, 2, 3, 150);
	struct chart chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].label, "peak 100.0 MiB at 0 s");
	CHECK_STR(row_of(&chart, "between samples")->detail, "at most 150.0 MiB, sum of marks");
	CHECK(row_of(&chart, "RSS, whole tree") != NULL);
	chart_free(&chart);
	drop(profile);
}

static void a_limit_is_a_line_where_the_curve_comes_near(void)
{
	struct profile *profile = new_rss();
	set(profile, "limit", "256");
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_limits, 1);
	CHECK_STR(chart.limits[0].label, "limit 256.0 MiB");
	CHECK(chart.y.high > 256);
	CHECK(strstr(chart.subtitle, "allowed") == NULL);
	chart_free(&chart);
	free(profile->settings[1].value);
	profile->settings[1].value = strdup("8192");
	chart = make(profile, &wish);
	CHECK_INT(chart.n_limits, 0);
	CHECK(chart.y.high < 150);
	CHECK(strstr(chart.subtitle, " · 8.00 GiB allowed") != NULL);
	chart_free(&chart);
	drop(profile);
}

static void a_kill_for_memory_ends_the_subtitle(void)
{
	struct profile *profile = new_rss();
	set(profile, "killed", "oom");
	profile->ended = true;
	profile->status = -9;
	struct chart chart = make(profile, &wish);
	CHECK(chart.alarm > 0);
	CHECK_STR(chart.subtitle + chart.alarm, " · killed: out of memory");
	chart_free(&chart);
	drop(profile);
}

static void add_value(struct profile *profile, const char *metric, double mib)
{
	profile->values =
		realloc(profile->values, (profile->n_values + 1) * sizeof *profile->values);
	struct profile_value *value = &profile->values[profile->n_values++];
	*value = (struct profile_value){ .metric = strdup(metric) };
	add(&value->series, 0, 1);
	add(&value->series, 10, mib);
}

static void add_gpu(struct profile *profile, const char *device, double mib, bool whole)
{
	profile->gpus = realloc(profile->gpus, (profile->n_gpus + 1) * sizeof *profile->gpus);
	struct profile_gpu *gpu = &profile->gpus[profile->n_gpus++];
	*gpu = (struct profile_gpu){ .device = strdup(device), .whole_device = whole };
	add(&gpu->series, 0, 0);
	add(&gpu->series, 10, mib);
}

static void further_metrics_have_a_curve_and_a_row(void)
{
	struct profile *profile = new_rss();
	add_value(profile, "pss", 70);
	add_value(profile, "vms", 9000);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_curves, 3);
	CHECK(!chart.curves[1].below && chart.curves[2].below);
	CHECK_STR(row_of(&chart, "PSS")->detail, "peak 70.0 MiB");
	CHECK_STR(row_of(&chart, "virtual (VMS)")->detail, "peak 8.79 GiB, lower pane");
	CHECK_STR(chart.below.title, "memory (GiB)");
	CHECK(chart.y.high < 200 && chart.below.high > 9000);
	chart_free(&chart);
	drop(profile);
}

static void a_gpu_has_a_pane_of_its_own(void)
{
	struct profile *profile = new_rss();
	add_gpu(profile, "0", 150, false);
	set(profile, "gpu0", "Some Card");
	set(profile, "gpu0_total", "256");
	struct chart chart = make(profile, &wish);
	CHECK(chart.below.n > 0 && chart.limits[0].below);
	CHECK_STR(row_of(&chart, "GPU 0: Some Card")->detail, "peak 150.0 MiB of 256.0 MiB");
	CHECK_INT(chart.n_limits, 1);
	CHECK_STR(chart.limits[0].label, "256.0 MiB of VRAM");
	chart_free(&chart);
	drop(profile);
}

static void several_gpus_share_a_pane(void)
{
	struct profile *profile = new_rss();
	add_gpu(profile, "0", 40000, false);
	add_gpu(profile, "1", 60000, true);
	set(profile, "gpu1_total", "81559");
	struct chart chart = make(profile, &wish);
	CHECK(chart.below.n > 0);
	CHECK_STR(chart.below.title, "GPU memory (GiB)");
	CHECK(chart.below.high > 81559 && chart.y.high < 200);
	CHECK(chart.limits[0].below);
	CHECK_STR(row_of(&chart, "GPU 1")->detail, "peak 58.59 GiB, whole device, of 79.65 GiB");
	chart_free(&chart);
	drop(profile);
}

static void children_of_one_name_are_one_curve(void)
{
	struct profile *profile = new_rss();
	for (int i = 0; i < 8; i++)
		add_child(profile, 200 + i, "python worker", 50);
	add_child(profile, 300, "postgres", 60);
	for (int i = 0; i < 20; i++)
		add_child(profile, 400 + i, i % 2 ? "sh" : "sed", 0.25);
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_curves, 4);
	CHECK_STR(chart.rows[1].label, "python worker ×8");
	CHECK_STR(chart.rows[1].detail, "peak 400.0 MiB, together");
	CHECK_STR(chart.rows[2].label, "postgres 300");
	CHECK_STR(chart.rows[3].label, "20 others");
	CHECK_STR(chart.rows[3].detail, "peak 5.0 MiB, together");
	const struct chart_curve *workers = &chart.curves[1];
	CHECK_INT(workers->n, 2);
	CHECK_NEAR(workers->points[0].y, 400, 1e-6);
	CHECK_NEAR(workers->points[1].y, 200, 1e-6); /* the end of the recording is no fall */
	chart_free(&chart);
	drop(profile);
}

static void a_member_that_ends_leaves_the_sum(void)
{
	struct profile *profile = new_rss();
	add_child(profile, 200, "w", 50);
	add_child(profile, 201, "w", 50);
	for (int i = 2; i < 6; i++)
		add(&profile->children[1].series, i, 30);
	struct chart chart = make(profile, &wish);
	const struct chart_curve *sum = &chart.curves[1];
	CHECK_NEAR(sum->points[0].y, 100, 1e-6);
	CHECK_NEAR(sum->points[sum->n - 1].y, 30, 1e-6);
	chart_free(&chart);
	drop(profile);
}

static void marks_stand_where_they_were_made(void)
{
	struct profile *profile = new_rss();
	profile->marks = calloc(2, sizeof *profile->marks);
	profile->n_marks = 2;
	profile->marks[0] = (struct profile_mark){ at(1.5, 100), strdup("epoch 1") };
	profile->marks[1] = (struct profile_mark){ at(7, 100), strdup("epoch 2") };
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_marks, 2);
	CHECK_NEAR(chart.marks[0].x, 1.5, 1e-6);
	CHECK_STR(chart.marks[1].label, "epoch 2");
	chart_free(&chart);
	struct chart_wish window = wish;
	window.from = 5;
	window.to = 9;
	chart = make(profile, &window);
	CHECK_INT(chart.n_marks, 1);
	chart_free(&chart);
	drop(profile);
}

static void very_many_marks_reach_as_far_as_all(void)
{
	enum { N = 5000 };
	struct profile *profile = new_rss();
	profile->marks = calloc(N, sizeof *profile->marks);
	profile->n_marks = N;
	for (int i = 0; i < N; i++)
		profile->marks[i] = (struct profile_mark){ at(i * 0.002, 100), strdup("step") };
	struct chart chart = make(profile, &wish);
	CHECK(chart.n_marks > 200 && chart.n_marks <= wish.columns + 1);
	CHECK_NEAR(chart.marks[0].x, 0, 1e-6);
	CHECK_NEAR(chart.marks[chart.n_marks - 1].x, (N - 1) * 0.002,
		   2 * (chart.x.high - chart.x.low) / (double)wish.columns);
	chart_free(&chart);
	drop(profile);
}

static void a_call_that_never_ended_goes_on_to_the_end(void)
{
	struct profile *profile = new_rss();
	add_function(profile, "__main__.train");
	profile->entered = calloc(1, sizeof *profile->entered);
	profile->entered[0] = (struct profile_entered){ 0, at(4, 100), 0, 1 };
	profile->n_entered = 1;
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_spans, 1);
	CHECK_NEAR(chart.spans[0].from, 4, 1e-6);
	CHECK_NEAR(chart.spans[0].to, 10, 1e-6);
	CHECK_STR(row_of(&chart, "train")->detail, "not ended · 6.00 s");
	chart_free(&chart);
	drop(profile);
}

/* main:40 → load:8 grows 60 MiB by two seconds, matrix:15 (inside a library) 300 MiB at 5 s. */
static struct profile *new_growth(void)
{
	static const struct {
		const char *function;
		size_t caller, path;
		int line;
	} frames[] = { { NULL, 0, 0, 0 },
		       { "main", 0, 0, 40 },
		       { "load", 1, 0, 8 },
		       { "matrix", 1, 0, 15 },
		       { "_sum", 3, 1, 47 } };
	static const struct {
		double at, delta, held;
		size_t frame;
	} steps[] = { { 1, 20, 120, 2 }, { 2, 40, 160, 2 }, { 5, 300, 460, 4 } };
	struct profile *profile = new_rss();
	struct profile_growth *g = &profile->growth;
	set(profile, "pid", "100");
	g->paths = calloc(2, sizeof *g->paths);
	g->n_paths = 2;
	g->paths[0] = strdup("/home/u/train.py");
	g->paths[1] = strdup("/usr/lib/python3/dist-packages/numpy/core/_methods.py");
	g->frames = calloc(5, sizeof *g->frames);
	g->n_frames = 5;
	for (size_t i = 0; i < 5; i++)
		g->frames[i] = (struct profile_frame){
			.caller = frames[i].caller,
			.path = frames[i].path,
			.line = frames[i].line,
			.function = frames[i].function ? strdup(frames[i].function) : NULL,
		};
	g->steps = calloc(3, sizeof *g->steps);
	g->n_steps = 3;
	for (size_t i = 0; i < 3; i++) {
		int64_t delta = at(0, steps[i].delta).umib;
		g->steps[i] = (struct profile_step){ at(steps[i].at, steps[i].held),
						     delta,
						     at(0, steps[i].held).umib,
						     steps[i].frame,
						     100,
						     100 };
		g->frames[steps[i].frame].grew += delta;
		g->frames[steps[i].frame].net += delta;
	}
	g->peak = g->steps[2];
	return profile;
}

static void the_peak_and_the_largest_steps_name_their_lines(void)
{
	struct profile *profile = new_growth();
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.n_notes, 3);
	CHECK_STR(chart.notes[0].place, "matrix train.py:15 (numpy _sum)");
	CHECK(!chart.notes[0].minor && chart.notes[1].minor && chart.notes[2].minor);
	CHECK_STR(chart.notes[1].label, "matrix train.py:15 ~+300.0 MiB");
	CHECK_STR(chart.notes[2].label, "load train.py:8 ~+60.0 MiB");
	CHECK_NEAR(chart.notes[2].at.x, 2, 1e-6); /* by when half of it had come */
	CHECK_INT(chart.n_spans, 0);
	chart_free(&chart);
	drop(profile);
}

static void places_are_those_of_the_process_drawn(void)
{
	struct profile *profile = new_growth();
	profile->growth.steps[2].pid = 101;
	struct chart chart = make(profile, &wish);
	CHECK_STR(chart.notes[0].place, "load train.py:8");
	for (size_t i = 1; i < chart.n_notes; i++)
		CHECK(strstr(chart.notes[i].label, "load train.py:8 ~+") == chart.notes[i].label);
	chart_free(&chart);
	drop(profile);
}

static void without_calls_a_flame_is_of_growth(void)
{
	struct profile *profile = new_growth();
	struct chart_wish flame = wish;
	flame.flame = true;
	struct chart chart = make(profile, &flame);
	CHECK_INT(chart.levels, 3);
	CHECK_INT(chart.n_spans, 4); /* main all along, load, matrix, _sum */
	CHECK_STR(chart.spans[0].label, "main");
	CHECK_NEAR(chart.spans[0].to, 5, 1e-6);
	CHECK_STR(chart.spans[1].label, "load");
	CHECK_NEAR(chart.spans[1].to, 2, 1e-6);
	CHECK(chart.spans[2].from > 2);
	CHECK_STR(row_of(&chart, "main")->detail, "+360.0 MiB · train.py");
	CHECK_STR(row_of(&chart, "_sum")->detail, "+300.0 MiB · numpy/core/_methods.py");
	CHECK_INT(row_of(&chart, "load")->colour, chart.spans[1].colour);
	chart_free(&chart);
	drop(profile);
}

static void a_stack_ends_where_next_to_nothing_grew(void)
{
	struct profile *profile = new_growth();
	struct chart_wish flame = wish;
	flame.flame = true;
	profile->growth.steps[2].delta = at(0, 0.3).umib;
	profile->growth.frames[4].grew = at(0, 0.3).umib;
	struct chart chart = make(profile, &flame);
	CHECK_INT(chart.levels, 2);
	CHECK(row_of(&chart, "_sum") == NULL && row_of(&chart, "matrix") == NULL);
	chart_free(&chart);
	drop(profile);
}

/* ---- a legend that has no room for all ---- */

enum { MANY = 40 };

/* Of n recordings, the last of which held most. */
static struct chart make_many(struct profile *profiles[], size_t n, const struct chart_wish *as)
{
	struct chart chart;
	for (size_t i = 0; i < n; i++) {
		profiles[i] = new_profile("x");
		for (int k = 0; k < 20; k++)
			add(&profiles[i]->memory, k, 10.0 + (double)i);
	}
	CHECK_INT(chart_make(&chart, (const struct profile *const *)profiles, n, as), 0);
	return chart;
}

static void drop_many(struct profile *profiles[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		drop(profiles[i]);
}

static size_t count_nameless(const struct chart *chart)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		n += chart->curves[i].colour == CHART_OTHERS;
	return n;
}

static void recordings_without_room_share_a_row(void)
{
	struct profile *profiles[MANY];
	struct chart chart = make_many(profiles, MANY, &wish);
	CHECK_INT(chart.n_curves, MANY);
	CHECK_INT(chart.n_rows, 10);
	CHECK_STR(chart.rows[9].label, "31 more");
	CHECK_INT(chart.rows[9].kind, ROW_MORE);
	CHECK(strncmp(chart.rows[0].detail, "peak 41.0 MiB", 13) == 0); /* the highest nine */
	CHECK_INT(count_nameless(&chart), 31);
	CHECK(chart.curves[0].weight > chart.curves[MANY - 1].weight);
	CHECK_INT(chart.curves[MANY - 1].colour, CHART_OTHERS); /* drawn first, under the others */
	chart_free(&chart);
	drop_many(profiles, MANY);
}

static void recordings_that_fit_keep_their_rows(void)
{
	struct profile *profiles[MANY];
	struct chart chart = make_many(profiles, 10, &wish);
	CHECK_INT(chart.n_rows, 10);
	CHECK_INT(count_nameless(&chart), 0);
	CHECK(strncmp(chart.rows[0].detail, "peak 10.0 MiB", 13) == 0);
	chart_free(&chart);
	drop_many(profiles, 10);
	struct chart_wish wider = wish;
	wider.recordings = 12; /* more than there is for others */
	chart = make_many(profiles, 12, &wider);
	CHECK_INT(chart.n_rows, 12);
	chart_free(&chart);
	drop_many(profiles, 12);
}

static void one_row_says_how_many_recordings_there_are(void)
{
	struct profile *profiles[MANY];
	struct chart_wish low = wish;
	low.rows = 1;
	struct chart chart = make_many(profiles, 3, &low);
	CHECK_INT(chart.n_rows, 1);
	CHECK_STR(chart.rows[0].label, "3 recordings");
	chart_free(&chart);
	drop_many(profiles, 3);
}

static void trends_take_no_more_rows_than_there_are(void)
{
	struct profile *profiles[MANY];
	struct chart_wish sloped = wish;
	sloped.slope = true;
	struct chart chart = make_many(profiles, 7, &sloped);
	CHECK_INT(chart.n_rows, 10);
	CHECK_INT(chart.n_curves, 14);
	chart_free(&chart);
	drop_many(profiles, 7);
	chart = make_many(profiles, MANY, &sloped);
	CHECK_INT(chart.n_rows, 10);
	CHECK_INT(chart.n_curves, MANY + 9); /* of those with a name */
	chart_free(&chart);
	drop_many(profiles, MANY);
}

static void metrics_without_room_share_a_row(void)
{
	struct profile *profile = new_profile("x");
	struct chart_wish low = wish;
	low.rows = 4;
	add(&profile->memory, 0, 10);
	add(&profile->memory, 1, 20);
	profile->n_values = 5;
	profile->values = calloc(5, sizeof *profile->values);
	for (size_t i = 0; i < 5; i++) {
		profile->values[i].metric = strdup("pss");
		add(&profile->values[i].series, 0, 5);
		add(&profile->values[i].series, 1, 9);
	}
	struct chart chart = make(profile, &low);
	CHECK_INT(chart.n_rows, 4);
	CHECK_STR(chart.rows[1].label, "PSS");
	CHECK_STR(chart.rows[3].label, "3 more");
	CHECK_INT(count_nameless(&chart), 3);
	chart_free(&chart);
	drop(profile);
}

/* ---- style ---- */

static void a_lone_curve_stands_on_an_area(void)
{
	struct profile *profiles[MANY];
	struct chart chart = make_many(profiles, 1, &wish);
	CHECK(chart.curves[0].filled);
	CHECK(chart.notes[0].alone);
	chart_free(&chart);
	struct chart_wish sloped = wish;
	sloped.slope = true;
	chart = make(profiles[0], &sloped);
	CHECK(chart.curves[0].filled && !chart.curves[1].filled && chart.curves[1].dashed);
	chart_free(&chart);
	sloped.coarse = true; /* where the trend would be lost in it */
	chart = make(profiles[0], &sloped);
	CHECK(!chart.curves[0].filled);
	chart_free(&chart);
	drop_many(profiles, 1);
	chart = make_many(profiles, 2, &wish);
	CHECK(!chart.curves[0].filled && !chart.curves[1].filled);
	CHECK(!chart.notes[0].alone && !chart.notes[1].alone);
	chart_free(&chart);
	drop_many(profiles, 2);
}

static void calls_leave_the_curve_its_area(void)
{
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 10);
	add(&profile->memory, 4, 20);
	add_function(profile, "load");
	add_call(profile, 0, 1, 2, 0);
	struct chart chart = make(profile, &wish);
	CHECK(chart.curves[0].filled);
	chart_free(&chart);
	drop(profile);
}

static size_t count_gaps(const struct chart_curve *curve)
{
	size_t n = 0;
	for (size_t i = 0; i < curve->n; i++)
		n += curve->points[i].apart;
	return n;
}

static void a_hole_in_the_samples_is_a_hole(void)
{
	struct profile *profile = new_profile("x");
	for (int i = 0; i < 40; i++)
		if (i < 10 || i >= 25)
			add(&profile->memory, i, 10);
	struct chart chart = make(profile, &wish);
	CHECK_INT(count_gaps(&chart.curves[0]), 1);
	CHECK(chart.curves[0].points[10].apart);
	chart_free(&chart);
	drop(profile);
}

/* Two workers, one after the other, and then one that lives on beside a third. */
static void a_group_has_a_gap_where_none_of_it_lived(void)
{
	static const double lives[][2] = { { 1, 3 }, { 6, 8 }, { 7, 9 } };
	struct profile *profile = new_profile("x");
	add(&profile->memory, 0, 1);
	add(&profile->memory, 10, 1);
	for (int i = 0; i < 3; i++) {
		add_child(profile, 200 + i, "worker", 0);
		struct profile_child *child = &profile->children[i];
		columns_free(&child->series.columns);
		child->series = (struct profile_series){ 0 };
		add(&child->series, lives[i][0], 20);
		add(&child->series, lives[i][1], 30);
		child->gone = at(lives[i][1] + 0.5, 0).us;
	}
	struct chart chart = make(profile, &wish);
	const struct chart_curve *curve = &chart.curves[1];
	CHECK_INT(count_gaps(curve), 1);
	for (size_t i = 0; i < curve->n; i++)
		if (curve->points[i].apart) {
			CHECK(curve->points[i].x == 6 && curve->points[i - 1].x == 3.5);
			CHECK(curve->points[i].y == 20 && curve->points[i - 1].y == 30);
		}
	chart_free(&chart);
	drop(profile);
}

static void processes_of_a_name_can_be_drawn_apart(void)
{
	struct profile *profile = new_profile("x");
	struct chart_wish each = wish;
	each.apart = true;
	add(&profile->memory, 0, 1);
	for (int i = 0; i < 3; i++)
		add_child(profile, 200 + i, "worker", 50 + i);
	struct chart chart = make(profile, &each);
	CHECK_INT(chart.n_curves, 4);
	CHECK(row_of(&chart, "worker 200") && row_of(&chart, "worker 202"));
	chart_free(&chart);
	drop(profile);
}

static void what_growth_tells_lies_between_the_samples(void)
{
	struct profile *profile = new_profile("x");
	struct profile_step steps[] = { { .at = at(1, 90), .pid = 7 },
					{ .at = at(1.5, 20), .pid = 7 },
					{ .at = at(1.6, 500), .pid = 8 } };
	add(&profile->memory, 0, 10);
	add(&profile->memory, 2, 30);
	set(profile, "pid", "7");
	profile->growth.steps = malloc(sizeof steps);
	memcpy(profile->growth.steps, steps, sizeof steps);
	profile->growth.n_steps = 3;
	struct chart chart = make(profile, &wish);
	CHECK_INT(chart.curves[0].n, 4);
	CHECK(chart.curves[0].points[1].y == 90 && chart.curves[0].points[2].y == 20);
	CHECK(chart.notes[0].at.x == 1 && chart.notes[0].at.y == 90);
	chart_free(&chart);
	set(profile, "metric", "pss"); /* GROW tells of another figure than the curve does */
	chart = make(profile, &wish);
	CHECK_INT(chart.curves[0].n, 2);
	chart_free(&chart);
	drop(profile);
}

int main(void)
{
	RUN(a_short_recording_is_shown_sample_by_sample);
	RUN(calls_have_one_row_a_function);
	RUN(calls_of_several_threads_stand_under_each_other);
	RUN(more_threads_than_there_is_room_for_are_left_out);
	RUN(a_crowd_of_calls_costs_no_more_than_the_width);
	RUN(many_functions_end_in_a_row_of_the_rest);
	RUN(functions_can_be_left_out);
	RUN(the_largest_children_have_a_name);
	RUN(the_trend_leaves_the_warm_up_out);
	RUN(one_sample_has_no_trend);
	RUN(recordings_overlay_from_their_own_starts);
	RUN(a_title_is_one_line);
	RUN(a_killed_program_is_said_to_be);
	RUN(a_peak_that_nothing_escaped_is_exact);
	RUN(what_no_sample_saw_is_a_line);
	RUN(a_band_stands_over_the_samples);
	RUN(a_trees_marks_are_an_upper_bound);
	RUN(a_limit_is_a_line_where_the_curve_comes_near);
	RUN(a_kill_for_memory_ends_the_subtitle);
	RUN(further_metrics_have_a_curve_and_a_row);
	RUN(a_gpu_has_a_pane_of_its_own);
	RUN(several_gpus_share_a_pane);
	RUN(children_of_one_name_are_one_curve);
	RUN(a_member_that_ends_leaves_the_sum);
	RUN(marks_stand_where_they_were_made);
	RUN(very_many_marks_reach_as_far_as_all);
	RUN(a_call_that_never_ended_goes_on_to_the_end);
	RUN(the_peak_and_the_largest_steps_name_their_lines);
	RUN(places_are_those_of_the_process_drawn);
	RUN(without_calls_a_flame_is_of_growth);
	RUN(a_stack_ends_where_next_to_nothing_grew);
	RUN(recordings_without_room_share_a_row);
	RUN(recordings_that_fit_keep_their_rows);
	RUN(one_row_says_how_many_recordings_there_are);
	RUN(trends_take_no_more_rows_than_there_are);
	RUN(metrics_without_room_share_a_row);
	RUN(a_lone_curve_stands_on_an_area);
	RUN(calls_leave_the_curve_its_area);
	RUN(processes_of_a_name_can_be_drawn_apart);
	RUN(what_growth_tells_lies_between_the_samples);
	RUN(a_hole_in_the_samples_is_a_hole);
	RUN(a_group_has_a_gap_where_none_of_it_lived);
	return DONE();
}
