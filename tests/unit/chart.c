#include "plotter/chart.h"

#include <math.h>
#include <stdlib.h>

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
	profile->calls = realloc(profile->calls, (profile->n_calls + 1) * sizeof *profile->calls);
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

int main(void)
{
	RUN(a_short_recording_is_shown_sample_by_sample);
	RUN(calls_have_one_row_a_function);
	RUN(a_crowd_of_calls_costs_no_more_than_the_width);
	RUN(many_functions_end_in_a_row_of_the_rest);
	RUN(functions_can_be_left_out);
	RUN(the_largest_children_have_a_name);
	RUN(the_trend_leaves_the_warm_up_out);
	RUN(one_sample_has_no_trend);
	RUN(recordings_overlay_from_their_own_starts);
	RUN(a_title_is_one_line);
	RUN(a_killed_program_is_said_to_be);
	return DONE();
}
