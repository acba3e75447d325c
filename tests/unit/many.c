#include "plotter/many/many.h"
#include "plotter/many/picture.h"

#include <errno.h>
#include <math.h>

#include "share/fleet/fleet.h"
#include "tests/check.h"

enum { MOST = 64, POINTS = 100 };

static struct fleet_member members[MOST];
static struct fleet_point points[MOST][POINTS];
static char names[MOST][16];
static char path[] = "x.dat", command[] = "./a", number[] = "7", other[] = "8";

static const struct chart_wish wish = {
	.columns = 200, .headroom = 0.12, .x_ticks = 6, .y_ticks = 6, .rows = 20
};

/* One that holds `mib` for `n` seconds, looked at once a second. */
static struct fleet_member *member(size_t i, double mib, size_t n)
{
	members[i] = (struct fleet_member){ .rank = (long)i,
					    .path = path,
					    .command = command,
					    .job = number,
					    .from = 1000000000,
					    .to = 1000000000 + ((int64_t)n - 1) * 1000000,
					    .ended = true,
					    .known = KNOWN_SAMPLED,
					    .points = points[i],
					    .n_points = n };
	for (size_t k = 0; k < n; k++) {
		int64_t umib = llround(mib * 1e6);
		points[i][k] = (struct fleet_point){ 1000000000 + (int64_t)k * 1000000, umib, umib,
						     umib, umib };
	}
	members[i].highest.umib = llround(mib * 1e6);
	return &members[i];
}

static void on_node(size_t i, int node, double limit)
{
	snprintf(names[i], sizeof names[i], "n%d", node);
	members[i].node = names[i];
	members[i].limit = llround(limit * 1e6);
}

static struct fleet all(size_t n)
{
	return (struct fleet){ .members = members, .n = n };
}

static struct many look(const struct fleet *fleet, const struct many_wish *as)
{
	struct many many;
	CHECK_INT(many_make(&many, fleet, as), 0);
	return many;
}

static const struct many_wish plain = { .chart = &wish, .by = LAY_CLOCK };

static void near(double got, double expected)
{
	if (!(fabs(got - expected) < 1e-3))
		fprintf(stderr, "%g is not %g\n", got, expected);
	CHECK(fabs(got - expected) < 1e-3);
}

/* ---- the spread ---- */

static void percentiles_are_of_the_living(void)
{
	for (size_t i = 0; i < 21; i++)
		member(i, 100 + (double)i, i < 20 ? 50 : 10);
	struct fleet fleet = all(21);
	struct many many = look(&fleet, &plain);
	const struct spread_bin *first = &many.spread.bins[1],
				*last = &many.spread.bins[many.spread.n - 2];
	CHECK_INT(first->alive, 21);
	near(first->least, 100);
	near(first->low, 101);
	near(first->middle, 110);
	near(first->high, 119);
	near(first->most, 120);
	CHECK_INT(last->alive, 20); /* one that has ended is absent, and not 0 */
	near(last->least, 100);
	near(last->most, 119);
	CHECK_INT(many.spread.alive, 21);
	many_free(&many);
}

static void one_of_few_is_not_the_bands_edge(void)
{
	for (size_t i = 0; i < 13; i++)
		member(i, i == 4 ? 900 : 100, 20);
	struct fleet fleet = all(13);
	struct many many = look(&fleet, &plain);
	near(many.spread.bins[3].high, 100);
	near(many.spread.bins[3].most, 900);
	near(many.spread.usual, 100);
	CHECK_INT(many.standing.highest[0], 4);
	near(many.standing.middle, 100);
	many_free(&many);
}

static void one_and_two_have_a_spread_too(void)
{
	member(0, 10, 5);
	member(1, 30, 5);
	struct fleet fleet = all(2);
	struct many many = look(&fleet, &plain);
	near(many.spread.bins[1].low, 10);
	near(many.spread.bins[1].middle, 20);
	near(many.spread.bins[1].high, 30);
	many_free(&many);
	fleet = all(1);
	many = look(&fleet, &plain);
	near(many.spread.bins[1].low, 10);
	near(many.spread.bins[1].high, 10);
	many_free(&many);
}

/* ---- the grid ---- */

static void a_spike_survives_few_columns(void)
{
	member(0, 10, 100);
	points[0][57].umib = 990000000;
	const struct chart_wish few = { .columns = 64, .rows = 9, .coarse = true };
	const struct many_wish as = { .chart = &few, .by = LAY_CLOCK };
	struct fleet fleet = all(1);
	struct many many = look(&fleet, &as);
	near(standing_peak(&many.grid, 0), 990);
	size_t high = 0;
	for (size_t i = 0; i < many.grid.bins; i++)
		high += many.grid.mib[i] > 500;
	CHECK_INT(high, 1);
	many_free(&many);
}

static void a_hole_is_not_bridged(void)
{
	member(0, 10, 60);
	for (size_t k = 20; k < 60; k++)
		points[0][k].us += 100000000;
	members[0].to += 100000000;
	struct fleet fleet = all(1);
	struct many many = look(&fleet, &plain);
	size_t absent = 0;
	for (size_t i = 0; i < many.grid.bins; i++)
		absent += isnan(many.grid.mib[i]);
	CHECK(absent > many.grid.bins / 2 && absent < many.grid.bins * 7 / 10);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_INT(chart.n_bands, 2);
	chart_free(&chart);
	many_free(&many);
}

static void a_window_cuts(void)
{
	for (size_t i = 0; i < 3; i++)
		member(i, 10 + (double)i, 10 + 20 * i);
	struct chart_wish windowed = wish;
	windowed.from = 20;
	windowed.to = 40;
	const struct many_wish as = { .chart = &windowed, .by = LAY_CLOCK };
	struct fleet fleet = all(3);
	struct many many = look(&fleet, &as);
	CHECK_INT(many.standing.n, 2);
	CHECK_INT(many.spread.bins[0].alive, 2);
	many_free(&many);
	windowed.from = 100;
	windowed.to = 200;
	CHECK_INT(many_make(&many, &fleet, &as), -ENODATA);
}

/* ---- time ---- */

static void they_are_laid_by_what_is_asked(void)
{
	for (size_t i = 0; i < 3; i++) {
		member(i, 10, 50);
		members[i].from += (int64_t)i * 7000000;
		members[i].to += (int64_t)i * 7000000;
		members[i].mark = members[i].from + (i < 2 ? 3 + (int64_t)i : 0) * 1000000;
	}
	members[2].mark = 0;
	struct fleet fleet = all(3);
	struct lay lay;
	CHECK_INT(lay_usual(&fleet), LAY_CLOCK);
	CHECK_INT(lay_make(&lay, &fleet, LAY_CLOCK), 0);
	near(lay_x(&lay, 2, members[2].from), 14);
	lay_free(&lay);
	CHECK_INT(lay_make(&lay, &fleet, LAY_START), 0);
	near(lay_x(&lay, 2, members[2].from), 0);
	lay_free(&lay);
	CHECK_INT(lay_make(&lay, &fleet, LAY_MARK), 0);
	CHECK_INT(lay.n, 2);
	CHECK_INT(lay.out, 1);
	near(lay_x(&lay, 0, members[0].mark), lay.meets);
	near(lay_x(&lay, 1, members[1].mark), 4);
	lay_free(&lay);
	members[1].job = other;
	CHECK_INT(lay_usual(&fleet), LAY_START);
}

/* ---- nodes ---- */

static void nodes_are_sums_of_the_living(void)
{
	for (size_t i = 0; i < 6; i++) {
		member(i, 10 * (double)(i + 1), i == 0 ? 10 : 50);
		on_node(i, (int)i / 2, 200);
	}
	struct fleet fleet = all(6);
	struct many many = look(&fleet, &plain);
	CHECK_INT(many.nodes.n, 3);
	CHECK_STR(many.nodes.items[0].name, "n2");
	near(many.nodes.items[0].peak, 110);
	near(many.nodes.items[2].mib[1], 30);
	near(many.nodes.items[2].mib[many.nodes.bins - 2], 20);
	near(many.nodes.limit, 200);
	many_free(&many);
	for (size_t i = 0; i < 6; i++)
		members[i].limit = 60000000; /* each one's own: two together held more */
	many = look(&fleet, &plain);
	near(many.nodes.items[0].limit, 0);
	near(many.nodes.limit, 0);
	many_free(&many);
}

static void figures_of_groups_are_not_summed(void)
{
	static char group[] = "cgroup";
	for (size_t i = 0; i < 16; i++) {
		member(i, 100, 50);
		on_node(i, (int)i / 4, 410);
		members[i].metric = group;
	}
	struct fleet fleet = all(16);
	struct many many = look(&fleet, &plain);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_INT(chart.below.n, 0);
	CHECK_STR(chart.title, "16 ranks: peak 100.0 MiB");
	CHECK(strstr(chart.subtitle, "on 4 nodes") != NULL);
	chart_free(&chart);
	many_free(&many);
}

/* ---- what is said ---- */

static void what_stands_out_is_said(void)
{
	for (size_t i = 0; i < 20; i++) {
		member(i, i == 7 ? 310 : 100, i == 3 ? 10 : 50);
		on_node(i, (int)i / 4, 0);
	}
	members[3].status = -9;
	struct fleet fleet = all(20);
	struct many many = look(&fleet, &plain);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_STR(chart.title,
		  "rank 7 on n1 holds 3.1x the median; rank 3 on n0: SIGKILL at 9.00 s");
	CHECK_STR(chart.rows[0].label, "rank 7 on n1");
	CHECK_STR(chart.rows[0].detail, "sampled peak 310.0 MiB");
	CHECK_STR(chart.rows[3].label, "rank 3 on n0");
	CHECK_STR(chart.rows[3].detail, "SIGKILL at 9.00 s");
	CHECK_INT(chart.n_spans, 2);
	CHECK_STR(chart.spans[0].label, "20 alive");
	CHECK_STR(chart.spans[1].label, "19 alive");
	CHECK(chart.y.knee > 100 && chart.y.knee < 310);
	CHECK(chart.below.n > 0);
	for (size_t i = 1; i < chart.y.n; i++)
		CHECK(chart.y.ticks[i].at > chart.y.ticks[i - 1].at);
	chart_free(&chart);
	many_free(&many);
}

static void who_failed_is_told_before_who_was_done(void)
{
	for (size_t i = 0; i < 20; i++)
		member(i, 100, i == 2 ? 5 : i == 3 || i == 4 ? 10 : 50);
	members[3].status = 3;
	members[4].ended = false;
	struct fleet fleet = all(20);
	struct many many = look(&fleet, &plain);
	struct chart chart;
	CHECK_INT(many.standing.n_early, 3);
	CHECK_INT(many.standing.early[2], 2);
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_STR(chart.title, "2 failed early, first rank 3: exit 3 at 9.00 s");
	chart_free(&chart);
	many_free(&many);
}

static void what_is_alike_has_one_scale(void)
{
	for (size_t i = 0; i < 20; i++)
		member(i, 100 + (double)i, 50);
	struct fleet fleet = all(20);
	struct many many = look(&fleet, &plain);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_STR(chart.title, "20 ranks alike: their peaks are 100.0 MiB to 119.0 MiB");
	near(chart.y.knee, 0);
	CHECK_INT(chart.below.n, 0); /* nobody tells a node */
	chart_free(&chart);
	many_free(&many);
}

static void a_node_near_its_limit_is_told(void)
{
	for (size_t i = 0; i < 16; i++) {
		member(i, 100, 50);
		on_node(i, (int)i / 4, i / 4 == 2 ? 420 : 800);
	}
	struct fleet fleet = all(16);
	struct many many = look(&fleet, &plain);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_STR(chart.title, "n2 is seen at 95 % of its 420.0 MiB");
	chart_free(&chart);
	many_free(&many);
}

static void an_axis_bends_at_its_knee(void)
{
	struct chart_axis axis = { .low = 0, .high = 100 };
	near(chart_share(&axis, 25), 0.25);
	axis.knee = 10;
	axis.share = 0.6;
	near(chart_share(&axis, 0), 0);
	near(chart_share(&axis, 5), 0.3);
	near(chart_share(&axis, 10), 0.6);
	near(chart_share(&axis, 100), 1);
}

/* ---- the image ---- */

static void a_row_is_the_highest_of_its_ranks(void)
{
	for (size_t i = 0; i < 60; i++)
		member(i, i == 41 ? 1600 : 100, i == 5 ? 10 : 50);
	const struct many_wish as = {
		.chart = &wish, .by = LAY_CLOCK, .heatmap = true, .heat_rows = 10
	};
	struct fleet fleet = all(60);
	struct many many = look(&fleet, &as);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	const struct chart_heat *heat = &chart.heat;
	CHECK_INT(heat->rows, 10);
	size_t middle = heat->columns / 2;
	for (size_t row = 0; row < 10; row++)
		CHECK_INT(heat->levels[row * heat->columns + middle],
			  row == 6 ? CHART_LEVELS : 1 + CHART_LEVELS / 16);
	chart_free(&chart);
	many_free(&many);
}

static void who_has_ended_is_background(void)
{
	for (size_t i = 0; i < 20; i++)
		member(i, i == 11 ? 200 : 100, i == 5 ? 10 : 50);
	const struct many_wish as = { .chart = &wish,
				      .by = LAY_CLOCK,
				      .heatmap = true,
				      .sort = MANY_BY_PEAK,
				      .heat_rows = 100 };
	struct fleet fleet = all(20);
	struct many many = look(&fleet, &as);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_INT(chart.heat.rows, 20);
	CHECK_STR(chart.heat.most, "200.0 MiB");
	CHECK_INT(chart.heat.levels[chart.heat.columns - 2], CHART_LEVELS); /* rank 11 is first */
	size_t blank = 0;
	for (size_t row = 0; row < 20; row++)
		blank += chart.heat.levels[row * chart.heat.columns + chart.heat.columns / 2] == 0;
	CHECK_INT(blank, 1);
	chart_free(&chart);
	many_free(&many);
}

static void a_rank_that_was_started_again_has_one_row(void)
{
	for (size_t i = 0; i < 20; i++)
		member(i, 100, 50);
	member(7, 100, 10);
	members[7].status = -9;
	members[8].rank = 7;
	members[8].restart = 1;
	members[8].from += 20000000;
	const struct many_wish as = {
		.chart = &wish, .by = LAY_CLOCK, .heatmap = true, .heat_rows = 100
	};
	struct fleet fleet = all(20);
	struct many many = look(&fleet, &as);
	struct chart chart;
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_INT(chart.heat.rows, 19);
	CHECK(strstr(chart.subtitle, "19 ranks, 20 starts") != NULL);
	chart_free(&chart);
	many_free(&many);
	members[8].job = other; /* another job's rank is another one */
	many = look(&fleet, &as);
	CHECK_INT(many_chart(&chart, &many), 0);
	CHECK_INT(chart.heat.rows, 20);
	CHECK(strstr(chart.subtitle, "20 ranks") != NULL);
	chart_free(&chart);
	many_free(&many);
}

static void a_job_that_ends_bit_by_bit_has_no_early_ones(void)
{
	for (size_t i = 0; i < 20; i++)
		member(i, 100, 20 + 3 * i);
	struct fleet fleet = all(20);
	struct many many = look(&fleet, &plain);
	CHECK_INT(many.standing.n_early, 0);
	many_free(&many);
	members[2].status = 1;
	many = look(&fleet, &plain);
	CHECK_INT(many.standing.n_early, 1);
	CHECK_INT(many.standing.early[0], 2);
	many_free(&many);
}

int main(void)
{
	RUN(percentiles_are_of_the_living);
	RUN(one_of_few_is_not_the_bands_edge);
	RUN(one_and_two_have_a_spread_too);
	RUN(a_spike_survives_few_columns);
	RUN(a_hole_is_not_bridged);
	RUN(a_window_cuts);
	RUN(they_are_laid_by_what_is_asked);
	RUN(nodes_are_sums_of_the_living);
	RUN(figures_of_groups_are_not_summed);
	RUN(what_stands_out_is_said);
	RUN(who_failed_is_told_before_who_was_done);
	RUN(what_is_alike_has_one_scale);
	RUN(a_node_near_its_limit_is_told);
	RUN(an_axis_bends_at_its_knee);
	RUN(a_row_is_the_highest_of_its_ranks);
	RUN(who_has_ended_is_background);
	RUN(a_rank_that_was_started_again_has_one_row);
	RUN(a_job_that_ends_bit_by_bit_has_no_early_ones);
	return DONE();
}
