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

/* Which row each member has, from the top. By rank and the clock, all starts of one have the same.
 */
struct rows {
	size_t *members, *places; /* n of them; places from 0 on, never less than the one before */
	size_t n, n_places;
};

static int rows_make(struct rows *rows, const struct many *many)
{
	const struct fleet_member *members = many->fleet->members;
	bool by_peak = many->wish->sort == MANY_BY_PEAK;
	*rows = (struct rows){ calloc(many->fleet->n + 1, sizeof(size_t)),
			       calloc(many->fleet->n + 1, sizeof(size_t)), 0, 0 };
	if (!rows->members || !rows->places)
		return -ENOMEM;
	size_t all = by_peak ? many->standing.n : many->fleet->n;
	for (size_t i = 0; i < all; i++) {
		size_t member = by_peak ? many->standing.order[i] : i;
		if (!many->lay.shown[member] ||
		    grid_highest(&many->grid, member) == many->grid.bins)
			continue;
		bool again = many->lay.by == LAY_CLOCK && !by_peak && rows->n > 0 &&
			     lay_is_again(&members[rows->members[rows->n - 1]], &members[member]);
		rows->n_places += !again;
		rows->members[rows->n] = member;
		rows->places[rows->n++] = rows->n_places - 1;
	}
	return 0;
}

static void rows_free(struct rows *rows)
{
	free(rows->members);
	free(rows->places);
}

static uint8_t level_of(double mib, double high)
{
	double level = high > 0 ? floor(mib / high * CHART_LEVELS) : 0;
	return (uint8_t)(1 + fmin(fmax(level, 0), CHART_LEVELS - 1));
}

/* Where there are more of them than rows, a row is the highest of those that fall into it. */
static void fill(struct chart_heat *heat, const struct many *many, const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		const float *mib = grid_row(&many->grid, rows->members[i]);
		uint8_t *row = heat->levels +
			       rows->places[i] * heat->rows / rows->n_places * heat->columns;
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
static bool is_out(const struct standing *s, size_t member)
{
	return member == s->highest[0] || (s->n_early > 0 && member == s->early[0]);
}

static int add_ticks(struct chart *chart, const struct many *many, const struct rows *rows)
{
	const struct chart_wish *wish = many->wish->chart;
	bool by_rank = many->wish->sort == MANY_BY_RANK;
	size_t step = nice_step(rows->n_places, wish->y_ticks ? wish->y_ticks : 1);
	char label[24];
	int r = 0;
	for (int pass = by_rank ? 0 : 1; pass < 2; pass++)
		for (size_t i = 0; i < rows->n && r == 0; i++) {
			size_t member = rows->members[i], place = rows->places[i];
			const struct fleet_member *m = &many->fleet->members[member];
			size_t count = by_rank && m->rank >= 0 ? (size_t)m->rank : place + !by_rank;
			if (pass == 0 ? !is_out(&many->standing, member)
				      : count % step != 0 && i > 0)
				continue;
			label_row(label, many, member, place);
			r = add_tick(&chart->y, (double)(rows->n_places - place) - 0.5, label);
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
	char text[MEMBER_NAME];
	int r = 0;
	for (size_t i = 0; i < s->n_highest && r == 0 && parts_room(chart, wish) > (i > 0); i++)
		r = add_row(chart, many, s->highest[i],
			    parts_text("%s", title_peak(text, many, s->highest[i])));
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

static int add_image(struct chart *chart, const struct many *many, const struct rows *rows)
{
	struct chart_heat *heat = &chart->heat;
	size_t n = rows->n_places, most = many->wish->heat_rows;
	heat->columns = many->grid.bins;
	heat->rows = most > 0 && n > most ? most : n;
	heat->high = many->spread.most;
	heat->levels = calloc(heat->columns * heat->rows + 1, 1);
	if (!heat->levels)
		return -ENOMEM;
	fill(heat, many, rows);
	format_memory(heat->most, heat->high);
	return 0;
}

static void set_axes(struct chart *chart, const struct many *many, const struct rows *rows)
{
	bool ranks = true;
	for (size_t i = 0; i < many->fleet->n; i++)
		ranks &= many->fleet->members[i].rank >= 0;
	chart->x.low = many->grid.from;
	chart->x.high = many->grid.to;
	chart->y.high = (double)rows->n_places;
	snprintf(chart->y.title, sizeof chart->y.title, "%s",
		 many->wish->sort == MANY_BY_PEAK ? "by peak, highest first"
		 : ranks                          ? "rank"
						  : "recording");
}

int heat_show(struct chart *chart, struct many *many)
{
	struct rows rows;
	int r = rows_make(&rows, many);
	if (r == 0) {
		set_axes(chart, many, &rows);
		r = add_image(chart, many, &rows);
	}
	if (r == 0)
		r = add_rows(chart, many);
	if (r == 0)
		r = add_ticks(chart, many, &rows);
	rows_free(&rows);
	return r == 0 ? ticks_time(&chart->x, many->wish->chart->x_ticks) : r;
}
