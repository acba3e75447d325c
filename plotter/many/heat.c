#include "plotter/many/heat.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/parts.h"
#include "plotter/chart/ticks.h"
#include "plotter/many/many.h"
#include "plotter/many/title.h"
#include "share/array.h"
#include "share/fleet/fleet.h"
#include "share/format.h"

enum { MOST_EARLY = 5 };

/* Labels of rows closer than that, in parts of the height, would cover each other. */
static const double CLOSE = 0.04;

/* The member that stands in place `at`, from the top. */
static size_t member_at(const struct many *many, const size_t *shown, size_t at)
{
	return many->wish->sort == MANY_BY_PEAK ? many->standing.order[at] : shown[at];
}

static uint8_t level_of(double mib, double high)
{
	double level = high > 0 ? floor(mib / high * CHART_LEVELS) : 0;
	return (uint8_t)(1 + fmin(fmax(level, 0), CHART_LEVELS - 1));
}

/* Where there are more of them than rows, a row is the highest of those that fall into it. */
static void fill(struct chart_heat *heat, const struct many *many, const size_t *shown)
{
	size_t n = many->standing.n;
	for (size_t i = 0; i < n; i++) {
		const float *mib = grid_row(&many->grid, member_at(many, shown, i));
		uint8_t *row = heat->levels + i * heat->rows / n * heat->columns;
		for (size_t k = 0; k < heat->columns; k++) {
			uint8_t level = isnan(mib[k]) ? 0 : level_of(mib[k], heat->high);
			row[k] = level > row[k] ? level : row[k];
		}
	}
}

/* ---- the axis of ranks ---- */

static int add_tick(struct chart_axis *axis, double at, const char *label)
{
	for (size_t i = 0; i < axis->n; i++)
		if (fabs(axis->ticks[i].at - at) < CLOSE * axis->high)
			return 0;
	struct chart_tick *tick = array_more(&axis->ticks, &axis->n, sizeof *tick);
	if (!tick)
		return -ENOMEM;
	tick->at = at;
	snprintf(tick->label, sizeof tick->label, "%s", label);
	return 0;
}

static size_t nice_step(size_t n, unsigned wanted)
{
	static const size_t factors[] = { 1, 2, 5 };
	for (size_t power = 1;; power *= 10)
		for (size_t i = 0; i < 3; i++)
			if (factors[i] * power * wanted >= n)
				return factors[i] * power;
}

/* What a row is called on the axis: its rank, or its place. */
static void label_row(char out[24], const struct many *many, size_t member, size_t place)
{
	const struct fleet_member *m = &many->fleet->members[member];
	if (many->wish->sort == MANY_BY_RANK && m->rank >= 0)
		snprintf(out, 24, "%ld", m->rank);
	else
		snprintf(out, 24, "%zu", place + 1);
}

/* Those that stand out first, which the others make way for. */
static int add_ticks(struct chart *chart, const struct many *many, const size_t *shown)
{
	const struct standing *s = &many->standing;
	const struct chart_wish *wish = many->wish->chart;
	bool by_rank = many->wish->sort == MANY_BY_RANK;
	size_t step = nice_step(s->n, wish->y_ticks ? wish->y_ticks : 1);
	char label[24];
	int r = 0;
	for (int pass = by_rank ? 0 : 1; pass < 2; pass++)
		for (size_t i = 0; i < s->n && r == 0; i++) {
			size_t member = member_at(many, shown, i);
			bool out = member == s->highest[0] ||
				   (s->n_early > 0 && member == s->early[0]);
			const struct fleet_member *m = &many->fleet->members[member];
			size_t count = by_rank && m->rank >= 0 ? (size_t)m->rank : i + !by_rank;
			if (pass == 0 ? !out : count % step != 0 && i > 0)
				continue;
			label_row(label, many, member, i);
			r = add_tick(&chart->y, (double)(s->n - i) - 0.5, label);
		}
	return r;
}

/* ---- the legend ---- */

static int add_row(struct chart *chart, const struct many *many, size_t member, char *detail)
{
	char place[MEMBER_NAME];
	if (many->wish->compact)
		title_name(place, &many->fleet->members[member]);
	else
		title_place(place, &many->fleet->members[member]);
	return parts_add_row(chart, ROW_MORE, CHART_OTHERS, parts_text("%s", place), detail);
}

static int add_rows(struct chart *chart, const struct many *many)
{
	const struct standing *s = &many->standing;
	const struct chart_wish *wish = many->wish->chart;
	char text[MEMBER_NAME], size[FORMAT_SIZE];
	int r = 0;
	for (size_t i = 0; i < s->n_highest && r == 0 && parts_room(chart, wish) > (i > 0); i++)
		r = add_row(
			chart, many, s->highest[i],
			parts_text("peak %s",
				   format_memory(size, standing_peak(&many->grid, s->highest[i]))));
	for (size_t i = 0; i < s->n_early && i < MOST_EARLY && r == 0; i++)
		if (parts_room(chart, wish) > 1)
			r = add_row(chart, many, s->early[i],
				    parts_text("%s", title_end(text, many, s->early[i])));
	if (r == 0 && s->n_early > MOST_EARLY && parts_room(chart, wish) > 0)
		r = parts_add_row(chart, ROW_MORE, CHART_OTHERS,
				  parts_text("%zu more", s->n_early - MOST_EARLY),
				  parts_text("ended early"));
	return r;
}

static int add_image(struct chart *chart, const struct many *many, const size_t *shown)
{
	struct chart_heat *heat = &chart->heat;
	size_t n = many->standing.n, most = many->wish->heat_rows;
	heat->columns = many->grid.bins;
	heat->rows = most > 0 && n > most ? most : n;
	heat->high = many->spread.most;
	heat->levels = calloc(heat->columns * heat->rows + 1, 1);
	if (!heat->levels)
		return -ENOMEM;
	fill(heat, many, shown);
	format_memory(heat->most, heat->high);
	return 0;
}

static void set_axes(struct chart *chart, const struct many *many)
{
	bool ranks = true;
	for (size_t i = 0; i < many->fleet->n; i++)
		ranks &= many->fleet->members[i].rank >= 0;
	chart->x.low = many->grid.from;
	chart->x.high = many->grid.to;
	chart->y.high = (double)many->standing.n;
	snprintf(chart->y.title, sizeof chart->y.title, "%s",
		 many->wish->sort == MANY_BY_PEAK ? "by peak, highest first"
		 : ranks                          ? "rank"
						  : "recording");
}

int heat_show(struct chart *chart, struct many *many)
{
	size_t n = 0, *shown = calloc(many->fleet->n + 1, sizeof *shown);
	if (!shown)
		return -ENOMEM;
	for (size_t i = 0; i < many->fleet->n; i++)
		if (many->lay.shown[i] && grid_highest(&many->grid, i) < many->grid.bins)
			shown[n++] = i;
	set_axes(chart, many);
	int r = add_image(chart, many, shown);
	if (r == 0)
		r = add_rows(chart, many);
	if (r == 0)
		r = add_ticks(chart, many, shown);
	free(shown);
	return r == 0 ? ticks_time(&chart->x, many->wish->chart->x_ticks) : r;
}
