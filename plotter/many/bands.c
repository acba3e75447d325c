#include "plotter/many/bands.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/marks.h"
#include "plotter/chart/parts.h"
#include "plotter/chart/ranges.h"
#include "plotter/chart/ticks.h"
#include "plotter/many/alive.h"
#include "plotter/many/beneath.h"
#include "plotter/many/line.h"
#include "plotter/many/many.h"
#include "plotter/many/title.h"
#include "share/array.h"
#include "share/fleet/fleet.h"
#include "share/format.h"

/* Colours: after the median's those of the highest, of who ended early, and of nodes. */
enum { HIGHEST = 1, EARLY = 4, MOST_EARLY = 2 };

/* The highest so many times above the band would press it to the floor; the part of the pane that
 * stays the band's own. */
static const double OUTLYING = 2, BANDS_PART = 0.6, BANDS_ROOM = 1.15;

static const double BOLD = 2, NAMED = 1.6, EDGE = 0.9;

/* ---- the spread ---- */

static float least_of(const struct spread_bin *bin)
{
	return bin->least;
}

static float most_of(const struct spread_bin *bin)
{
	return bin->most;
}

static float middle_of(const struct spread_bin *bin)
{
	return bin->middle;
}

static int add_edge(struct chart *chart, const struct many *many,
		    float (*figure)(const struct spread_bin *), const struct line_style *style)
{
	float *mib = calloc(many->spread.n + 1, sizeof *mib);
	for (size_t i = 0; mib && i < many->spread.n; i++)
		mib[i] = many->spread.bins[i].alive > 0 ? figure(&many->spread.bins[i]) : NAN;
	int r = mib ? line_add(chart, &many->grid, mib, style) : -ENOMEM;
	free(mib);
	return r;
}

/* One area for each stretch without a gap: up along its upper edge, back along the lower. */
static int add_area(struct chart *chart, const struct many *many, size_t from, size_t to)
{
	size_t n = to - from;
	struct chart_point *points = calloc(2 * n + 1, sizeof *points);
	struct chart_band *band =
		points ? array_more(&chart->bands, &chart->n_bands, sizeof *band) : NULL;
	if (!band) {
		free(points);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const struct spread_bin *bin = &many->spread.bins[from + i];
		double x = grid_x(&many->grid, from + i);
		points[i] = (struct chart_point){ x, bin->high };
		points[2 * n - 1 - i] = (struct chart_point){ x, bin->low };
	}
	*band = (struct chart_band){
		.colour = BANDS_MIDDLE, .points = points, .n = 2 * n, .upper = n
	};
	return 0;
}

static int add_spread(struct chart *chart, const struct many *many)
{
	const struct spread *spread = &many->spread;
	int r = 0;
	for (size_t from = 0, to; from < spread->n && r == 0; from = to) {
		for (to = from; to < spread->n && spread->bins[to].alive > 0;)
			to++;
		if (to > from)
			r = add_area(chart, many, from, to);
		else
			to++;
	}
	if (r == 0)
		r = add_edge(chart, many, middle_of,
			     &(struct line_style){ CHART_MAIN, BANDS_MIDDLE, BOLD, false });
	return r;
}

static int add_edges(struct chart *chart, const struct many *many)
{
	const struct line_style style = { CHART_BESIDE, CHART_OTHERS, EDGE, false };
	int r = add_edge(chart, many, most_of, &style);
	return r == 0 ? add_edge(chart, many, least_of, &style) : r;
}

static int add_spread_rows(struct chart *chart, const struct chart_wish *wish)
{
	size_t room = parts_room(chart, wish);
	if (room == 1)
		return parts_add_row(chart, ROW_CURVE, BANDS_MIDDLE,
				     parts_text("median, in 5–95 %%"), parts_text("of the living"));
	int r = room == 0 ? 0
			  : parts_add_row(chart, ROW_CURVE, BANDS_MIDDLE, parts_text("median"),
					  parts_text("of the living"));
	if (r == 0 && parts_room(chart, wish) > 0)
		r = parts_add_row(chart, ROW_BAND, BANDS_MIDDLE, parts_text("5–95 %%"),
				  parts_text("of the living lie there"));
	if (r == 0 && parts_room(chart, wish) > 0)
		r = parts_add_row(chart, ROW_CHILD, CHART_OTHERS, parts_text("highest, lowest"),
				  parts_text("of the living"));
	return r;
}

/* ---- who stands out ---- */

static int add_note(struct chart *chart, const struct many *many, size_t member)
{
	char name[MEMBER_NAME], size[FORMAT_SIZE];
	size_t at = grid_highest(&many->grid, member);
	struct chart_note *note = array_more(&chart->notes, &chart->n_notes, sizeof *note);
	if (!note)
		return -ENOMEM;
	double mib = standing_peak(&many->grid, member);
	format_memory(size, mib);
	*note = (struct chart_note){
		.at = { grid_x(&many->grid, at), mib },
		.colour = HIGHEST,
		.label =
			parts_text("%s: %s", title_name(name, &many->fleet->members[member]), size),
	};
	return note->label ? 0 : -ENOMEM;
}

static int add_named(struct chart *chart, const struct many *many, size_t member, unsigned colour,
		     char *detail)
{
	char place[MEMBER_NAME];
	const struct line_style style = { CHART_BESIDE, colour, NAMED, false };
	int r = detail ? line_add(chart, &many->grid, grid_row(&many->grid, member), &style)
		       : -ENOMEM;
	if (r < 0) {
		free(detail);
		return r;
	}
	if (many->wish->compact)
		title_name(place, &many->fleet->members[member]);
	else
		title_place(place, &many->fleet->members[member]);
	return parts_add_row(chart, ROW_CHILD, colour, parts_text("%s", place), detail);
}

static bool ended_early(const struct standing *s, size_t member)
{
	for (size_t i = 0; i < s->n_early; i++)
		if (s->early[i] == member)
			return true;
	return false;
}

/* "exact peak 1.89 GiB · SIGKILL at 39.5 s" */
static char *say_peak(const struct many *many, size_t member)
{
	char peak[MEMBER_NAME], end[MEMBER_NAME] = "";
	if (ended_early(&many->standing, member))
		title_end(end, many, member);
	return parts_text("%s%s%s", title_peak(peak, many, member), *end ? " · " : "", end);
}

static int add_highest(struct chart *chart, const struct many *many)
{
	const struct chart_wish *wish = many->wish->chart;
	const struct standing *s = &many->standing;
	int r = add_note(chart, many, s->highest[0]);
	size_t n = many->wish->compact && s->n_highest > 0 ? 1 : s->n_highest;
	for (size_t i = 0; i < n && r == 0 && parts_room(chart, wish) > (i > 0); i++)
		r = add_named(chart, many, s->highest[i], HIGHEST + (unsigned)i,
			      say_peak(many, s->highest[i]));
	return r;
}

static bool is_highest(const struct standing *s, size_t member)
{
	for (size_t i = 0; i < s->n_highest; i++)
		if (s->highest[i] == member)
			return true;
	return false;
}

/* Those that are not among the highest anyway. */
static int add_early(struct chart *chart, const struct many *many)
{
	const struct standing *s = &many->standing;
	const struct chart_wish *wish = many->wish->chart;
	size_t told = 0, drawn = 0;
	int r = 0;
	for (size_t i = 0; i < s->n_early && r == 0; i++) {
		char end[MEMBER_NAME];
		if (is_highest(s, s->early[i])) {
			told++;
			continue;
		}
		if (drawn == (many->wish->compact ? 1 : MOST_EARLY) || parts_room(chart, wish) < 2)
			break;
		title_end(end, many, s->early[i]);
		r = add_named(chart, many, s->early[i], EARLY + (unsigned)drawn,
			      parts_text("%s", end));
		drawn++;
	}
	if (r < 0 || told + drawn >= s->n_early || parts_room(chart, wish) == 0)
		return r;
	return parts_add_row(chart, ROW_MORE, CHART_OTHERS,
			     parts_text("%zu more ended early", s->n_early - told - drawn),
			     parts_text("not drawn by themselves"));
}

/* ---- the axes ---- */

/* Of a part of an axis; the unit is the whole one's. */
static int add_part(struct chart_axis *axis, double low, double high, unsigned wanted)
{
	struct chart_axis part = { .low = low, .high = high, .top = axis->top };
	int r = ticks_memory(&part, wanted > 2 ? wanted : 2);
	memcpy(axis->title, part.title, sizeof axis->title);
	for (size_t i = 0; i < part.n && r == 0; i++) {
		struct chart_tick *tick = array_more(&axis->ticks, &axis->n, sizeof *tick);
		if (tick)
			*tick = part.ticks[i];
		else
			r = -ENOMEM;
	}
	free(part.ticks);
	return r;
}

static int add_memory_ticks(struct chart_axis *axis, unsigned wanted)
{
	if (axis->knee <= 0)
		return ticks_memory(axis, wanted);
	int r = add_part(axis, axis->low, axis->knee, (unsigned)(wanted * axis->share));
	return r == 0 ? add_part(axis, axis->knee, axis->high,
				 (unsigned)(wanted * (1 - axis->share)))
		      : r;
}

/* "memory (GiB)" is of one; the pane beneath is of all of a node. */
static void name_beneath(struct chart_axis *axis)
{
	char title[sizeof axis->title];
	snprintf(title, sizeof title, "a node's %.30s", axis->title);
	memcpy(axis->title, title, sizeof title);
}

static int add_ticks(struct chart *chart, const struct chart_wish *wish)
{
	bool below = chart->below.high > 0;
	unsigned beneath = wish->y_ticks / 2 > 2 ? wish->y_ticks / 2 : 2;
	int r = ticks_time(&chart->x, wish->x_ticks);
	if (r == 0)
		r = add_memory_ticks(&chart->y,
				     below ? beneath + wish->y_ticks % 2 : wish->y_ticks);
	if (r == 0 && below)
		r = ticks_memory(&chart->below, beneath);
	if (r == 0 && below)
		name_beneath(&chart->below);
	return r;
}

/* What lies far above the band has a coarser scale, and a line says where that begins. */
static int bend(struct chart *chart, const struct many *many)
{
	const struct spread *spread = &many->spread;
	double knee = BANDS_ROOM * spread->usual, high = chart->y.high;
	if (spread->usual <= 0 || chart->y.top <= OUTLYING * spread->usual)
		return 0;
	double coarser = (high - knee) / (1 - BANDS_PART) / (knee / BANDS_PART);
	if (coarser <= 1)
		return 0;
	chart->y.knee = knee;
	chart->y.share = BANDS_PART;
	return parts_add_limit(chart, knee, CHART_OTHERS, false,
			       many->wish->compact ? parts_text("coarser above")
						   : parts_text("above: a scale %.*fx as coarse",
								coarser < 10 ? 1 : 0, coarser));
}

int bands_show(struct chart *chart, struct many *many)
{
	const struct chart_wish *wish = many->wish->chart;
	int r = add_highest(chart, many);
	if (r == 0)
		r = add_early(chart, many);
	if (r == 0)
		r = add_spread(chart, many);
	if (r == 0 && !many->wish->compact)
		r = beneath_show(chart, many);
	if (r == 0)
		r = add_edges(chart, many);
	if (r == 0)
		r = add_spread_rows(chart, wish);
	if (r == 0)
		r = marks_show_meeting(chart, wish);
	if (r == 0 && !many->wish->compact && many->lay.end > 0)
		r = alive_show(chart, many);
	ranges_set(chart, wish);
	if (chart->below.top <= 0)
		chart->below = (struct chart_axis){ 0 };
	if (r == 0)
		r = bend(chart, many);
	return r == 0 ? add_ticks(chart, wish) : r;
}
