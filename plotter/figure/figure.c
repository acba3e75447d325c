#include "plotter/figure/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/curves.h"
#include "plotter/figure/heat.h"
#include "plotter/figure/labels.h"
#include "plotter/figure/painter.h"
#include "plotter/figure/sheet.h"
#include "plotter/figure/theme.h"
#include "share/text.h"

/* Lengths in pixels at 96 dpi; the canvas' scale multiplies them. */
static const double PAD = 18, TITLE = 16, SUBTITLE = 12, ROW = 35, BRIEF = 19, SWATCH = 18,
		    LANE = 17, BOX = 22, GAP = 10, BETWEEN = 26;

enum { MOST_LANES = 6, MOST_EDGES = 24 };

/* Less than that, in pixels at 96 dpi, is small; a lane is no lower. */
static const double SMALL_WIDTH = 520, SMALL_HEIGHT = 300, LEAST_LANE = 7;

/* Of the height below the heading: what calls may take. */
static const double FOR_LANES = 0.3;

/* ---- layout ---- */

static double row_height(const struct sheet *f)
{
	return sheet_scaled(f, f->small ? BRIEF : ROW);
}

static double legend_width(const struct sheet *f)
{
	double widest = 0;
	for (size_t i = 0; i < f->chart->n_rows; i++) {
		const struct chart_row *row = &f->chart->rows[i];
		widest = fmax(widest, sheet_measure(f, row->label, SHEET_LABEL, false));
		if (!f->small)
			widest = fmax(widest, sheet_measure(f, row->detail, SHEET_SMALL, false));
	}
	if (widest == 0)
		return 0;
	return fmin(widest + sheet_scaled(f, SWATCH + 8),
		    f->small ? f->canvas->width * 0.28
			     : fmax(f->canvas->width * 0.28, sheet_scaled(f, 132)));
}

static double label_width(const struct sheet *f, const struct chart_axis *axis)
{
	double widest = 0;
	for (size_t i = 0; i < axis->n; i++)
		widest = fmax(widest, sheet_measure(f, axis->ticks[i].label, SHEET_LABEL, false));
	return widest;
}

/* As many lanes as calls are deep, while there is room for them beside the curve. */
static double lay_out_lanes(struct sheet *f, double top, double room)
{
	int levels = f->chart->levels < MOST_LANES ? f->chart->levels : MOST_LANES;
	if (f->chart->flame || levels == 0)
		return top;
	int fitting = (int)(room * FOR_LANES / sheet_scaled(f, LEAST_LANE));
	f->n_lanes = levels < fitting ? levels : fitting > 1 ? fitting : 1;
	f->lane = fmin(sheet_scaled(f, LANE), room * FOR_LANES / f->n_lanes);
	f->lanes = top;
	return top + f->n_lanes * f->lane + sheet_scaled(f, 4);
}

static void lay_out(struct sheet *f)
{
	const struct chart *chart = f->chart;
	f->small = f->canvas->width < sheet_scaled(f, SMALL_WIDTH) ||
		   f->canvas->height < sheet_scaled(f, SMALL_HEIGHT);
	double pad = sheet_scaled(f, PAD), legend = legend_width(f);
	double left = pad + sheet_scaled(f, 8) +
		      fmax(fmax(label_width(f, &chart->y), label_width(f, &chart->below)),
			   sheet_scaled(f, 24));
	double right = f->canvas->width - pad -
		       (legend > 0 ? legend + sheet_scaled(f, 22) : sheet_scaled(f, 6));
	double top = pad + sheet_scaled(f, TITLE + SUBTITLE + (f->small ? 31 : 40));
	double bottom = f->canvas->height - pad -
			sheet_scaled(f, SHEET_LABEL + (f->small ? 0 : SHEET_SMALL + 16));
	top = lay_out_lanes(f, top, bottom - top);
	if (chart->flame && chart->levels > 0) {
		double height = fmin(sheet_scaled(f, BOX * chart->levels), (bottom - top) * 0.45);
		f->flame = (struct box){ left, bottom - height, right - left, height };
		bottom -= height + sheet_scaled(f, GAP);
	}
	if (chart->below.n > 0) {
		double gap = sheet_scaled(f, BETWEEN),
		       height = fmax((bottom - top - gap) * 0.38, 1);
		f->below = (struct box){ left, bottom - height, fmax(right - left, 1), height };
		bottom -= height + gap;
	}
	f->plot = (struct box){ left, top, fmax(right - left, 1), fmax(bottom - top, 1) };
	double beyond = f->canvas->width - pad - legend; /* of the axis to the right, too */
	f->legend = (struct box){ beyond, f->plot.y, legend, f->canvas->height - top };
	if (f->lanes > 0 && (double)chart->n_rows * row_height(f) > f->legend.h)
		f->legend.y = f->lanes;
}

/* ---- parts ---- */

/* One pixel of the device, whatever the scale. */
static struct pen hairline(const struct sheet *f, uint32_t rgb)
{
	return (struct pen){ .width = 1 / f->s, .ink = { rgb, 1 } };
}

#define DOT " · "

/* A bad end stands out. */
static void draw_subtitle(const struct sheet *f, double y, double room)
{
	struct text_style style = { SUBTITLE, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	char *plain = strdup(f->chart->subtitle);
	if (!plain)
		return;
	const char *alarm = f->chart->alarm > 0 ? f->chart->subtitle + f->chart->alarm : "";
	plain[strlen(plain) - strlen(alarm)] = '\0';
	double needed = fmin(sheet_measure(f, alarm, SUBTITLE, true), room);
	double whole = sheet_measure(f, plain, SUBTITLE, false), used = fmin(whole, room - needed);
	/* A rag of it, "202… 1", says nothing. */
	if (used < whole && used < sheet_scaled(f, 7 * SUBTITLE) && *alarm) {
		used = 0;
		alarm += strncmp(alarm, DOT, strlen(DOT)) == 0 ? strlen(DOT) : 0;
	} else {
		sheet_text(f, sheet_scaled(f, PAD), y, plain, used, &style);
	}
	free(plain);
	style.bold = true;
	style.ink.rgb = f->theme->peak;
	if (*alarm)
		sheet_text(f, sheet_scaled(f, PAD) + used, y, alarm, needed, &style);
}

static void draw_heading(const struct sheet *f)
{
	double room = f->canvas->width - 2 * sheet_scaled(f, PAD),
	       y = sheet_scaled(f, PAD + TITLE - 2);
	sheet_text(f, sheet_scaled(f, PAD), y, f->chart->title, room,
		   &(struct text_style){ TITLE, true, ANCHOR_LEFT, { f->theme->ink, 1 } });
	draw_subtitle(f, y + sheet_scaled(f, SUBTITLE + 7), room);
}

/* Of one of the panes; its title stands above it. */
static void draw_memory_axis(struct sheet *f, bool below)
{
	const struct text_style style = {
		SHEET_LABEL, false, ANCHOR_RIGHT, { f->theme->muted, 1 }
	};
	const struct text_style title = { SHEET_SMALL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	const struct chart_axis *axis = sheet_axis(f, below);
	const struct box *pane = sheet_pane(f, below);
	double above = (f->lanes > 0 && !below ? f->lanes : pane->y) - sheet_scaled(f, 9);
	for (size_t i = 0; i < axis->n; i++) {
		double y = sheet_crisp(sheet_on(f, below, axis->ticks[i].at));
		sheet_across(f, y, pane->x, pane->x + pane->w, hairline(f, f->theme->grid));
		sheet_text(f, pane->x - sheet_scaled(f, 8), y + sheet_scaled(f, SHEET_LABEL * 0.36),
			   axis->ticks[i].label, pane->x, &style);
	}
	sheet_text(f, sheet_scaled(f, PAD), above, axis->title, pane->w, &title);
	sheet_take(f, (struct box){ sheet_scaled(f, PAD), above - sheet_scaled(f, SHEET_SMALL),
				    sheet_measure(f, axis->title, SHEET_SMALL, false),
				    sheet_scaled(f, SHEET_SMALL + 3) });
	sheet_across(f, sheet_crisp(pane->y + pane->h), pane->x, pane->x + pane->w,
		     hairline(f, f->theme->frame));
}

static void draw_time_axis(const struct sheet *f)
{
	const struct text_style style = {
		SHEET_LABEL, false, ANCHOR_MIDDLE, { f->theme->muted, 1 }
	};
	const struct text_style title = {
		SHEET_SMALL, false, ANCHOR_MIDDLE, { f->theme->muted, 1 }
	};
	const struct pen frame = hairline(f, f->theme->frame), grid = hairline(f, f->theme->grid);
	double bottom = f->flame.h > 0 ? f->flame.y + f->flame.h : sheet_bottom(f);
	for (size_t i = 0; i < f->chart->x.n; i++) {
		double x = sheet_crisp(sheet_x(f, f->chart->x.ticks[i].at));
		sheet_down_panes(f, x, grid);
		if (f->flame.h > 0)
			sheet_down(f, x, f->flame.y, bottom, grid);
		sheet_down(f, x, bottom, bottom + sheet_scaled(f, 4), frame);
		sheet_text(f, x, bottom + sheet_scaled(f, SHEET_LABEL + 6),
			   f->chart->x.ticks[i].label, f->plot.w, &style);
	}
	if (f->small)
		return;
	sheet_text(f, f->plot.x + f->plot.w / 2,
		   bottom + sheet_scaled(f, SHEET_LABEL + SHEET_SMALL + 14), f->chart->x.title,
		   f->plot.w, &title);
}

static struct ink span_ink(const struct sheet *f, const struct chart_span *span, double alpha)
{
	return (struct ink){ theme_colour(f->theme, span->colour), alpha };
}

/* A function's name inside its box, where there is room for at least a few of its letters. */
static void label_box(const struct sheet *f, struct box box, const char *label)
{
	double size = fmin(SHEET_SMALL, box.h / f->s * 0.68), room = box.w - sheet_scaled(f, 8);
	if (size < 7 || room < sheet_scaled(f, 24))
		return;
	sheet_text(f, box.x + sheet_scaled(f, 4), box.y + box.h / 2 + sheet_scaled(f, size * 0.36),
		   label, room,
		   &(struct text_style){ size, false, ANCHOR_LEFT, { f->theme->ink, 1 } });
}

/* Where a call begins and ends, down to the curve: of few outermost ones. */
static void draw_edges(const struct sheet *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->chart->n_spans; i++)
		n += f->chart->spans[i].level == 0;
	for (size_t i = 0; i < f->chart->n_spans && n <= MOST_EDGES; i++) {
		const struct chart_span *span = &f->chart->spans[i];
		const struct pen pen = { .width = 1, .ink = span_ink(f, span, 0.4) };
		if (span->level > 0)
			continue;
		sheet_group(f, "span", i);
		sheet_down_panes(f, sheet_crisp(sheet_x(f, span->from)), pen);
		sheet_down_panes(f, sheet_crisp(sheet_x(f, span->to)), pen);
	}
}

/* The calls as lanes above the curve, each with its name. */
static void draw_lanes(const struct sheet *f)
{
	draw_edges(f);
	for (size_t i = 0; i < f->chart->n_spans; i++) {
		const struct chart_span *span = &f->chart->spans[i];
		double x0 = sheet_x(f, span->from), x1 = fmax(sheet_x(f, span->to), x0 + 1);
		double edge = sheet_scaled(f, 2.5);
		if (span->level >= f->n_lanes)
			continue;
		sheet_group(f, "span", i);
		struct box lane = { x0, f->lanes + f->lane * span->level, fmax(x1 - x0 - 1, 1),
				    f->lane - sheet_scaled(f, 1) };
		sheet_rect(f, lane, span_ink(f, span, 0.30));
		sheet_rect(f, (struct box){ lane.x, lane.y, fmin(edge, lane.w), lane.h },
			   span_ink(f, span, 1));
		label_box(f, (struct box){ lane.x + edge, lane.y, lane.w - edge, lane.h },
			  span->label);
	}
	sheet_group(f, NULL, 0);
}

/* The calls as stacked boxes in a band of their own, callees under their callers. */
static void draw_flame(const struct sheet *f)
{
	double height = f->flame.h / f->chart->levels;
	for (size_t i = 0; i < f->chart->n_spans; i++) {
		const struct chart_span *span = &f->chart->spans[i];
		double x0 = sheet_x(f, span->from), x1 = sheet_x(f, span->to);
		sheet_group(f, "span", i);
		struct box box = { x0, f->flame.y + span->level * height, fmax(x1 - x0 - 1, 0.75),
				   fmax(height - 1, 0.75) };
		sheet_rect(f, box, span_ink(f, span, 0.55));
		label_box(f, box, span->label);
	}
	sheet_group(f, NULL, 0);
}

static void draw_swatch(const struct sheet *f, const struct chart_row *row, double x, double y)
{
	const struct ink ink = { theme_colour(f->theme, row->colour), 1 };
	double middle = y - sheet_scaled(f, 4);
	if (row->kind == ROW_FUNCTION || row->kind == ROW_AREA)
		sheet_rect(f,
			   (struct box){ x + sheet_scaled(f, 2), middle - sheet_scaled(f, 6),
					 sheet_scaled(f, 12), sheet_scaled(f, 12) },
			   (struct ink){ ink.rgb, 0.8 });
	else if (row->kind == ROW_BAND)
		sheet_rect(f,
			   (struct box){ x, middle - sheet_scaled(f, 6),
					 sheet_scaled(f, SWATCH - 2), sheet_scaled(f, 12) },
			   (struct ink){ ink.rgb, 0.35 });
	else if (row->kind != ROW_MORE)
		sheet_across(f, middle, x, x + sheet_scaled(f, SWATCH - 2),
			     (struct pen){ .width = row->kind == ROW_CHILD ? 1.8 : 2.6,
					   .dash = row->kind == ROW_TREND ? 4 : 0,
					   .ink = ink });
}

/* "peak 3.3 GiB of 4.0 GiB, whole device": the first things are said first, and to the end. */
static void put_detail(const struct sheet *f, double x, double y, const char *detail, double room)
{
	const struct text_style style = { SHEET_SMALL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	char *copy = strdup(detail);
	while (copy && sheet_measure(f, copy, SHEET_SMALL, false) > room && text_drop_clause(copy))
		;
	if (copy)
		sheet_text(f, x, y, copy, room, &style);
	free(copy);
}

static void draw_legend(const struct sheet *f)
{
	double x = f->legend.x, y = f->legend.y + sheet_scaled(f, SHEET_LABEL),
	       text = x + sheet_scaled(f, SWATCH + 6);
	double room = f->legend.x + f->legend.w - text;
	for (size_t i = 0; i < f->chart->n_rows; i++, y += row_height(f)) {
		const struct chart_row *row = &f->chart->rows[i];
		sheet_group(f, "row", i);
		draw_swatch(f, row, x, y);
		sheet_text(
			f, text, y, row->label, room,
			&(struct text_style){
				SHEET_LABEL,
				false,
				ANCHOR_LEFT,
				{ row->kind == ROW_MORE ? f->theme->muted : f->theme->ink, 1 } });
		if (!f->small)
			put_detail(f, text, y + sheet_scaled(f, SHEET_SMALL + 4), row->detail,
				   room);
	}
	sheet_group(f, NULL, 0);
}

struct figure_place figure_draw(const struct chart *chart, const struct canvas *canvas,
				const struct painter *painter)
{
	struct sheet f = {
		.chart = chart,
		.canvas = canvas,
		.theme = canvas->theme,
		.painter = painter,
		.s = canvas->scale,
	};
	lay_out(&f);
	draw_heading(&f);
	if (chart->levels > 0 && !chart->flame)
		draw_lanes(&f);
	sheet_group(&f, "axis", 0);
	draw_memory_axis(&f, false);
	if (f.below.h > 0)
		draw_memory_axis(&f, true);
	draw_time_axis(&f);
	sheet_group(&f, NULL, 0);
	if (chart->levels > 0 && chart->flame)
		draw_flame(&f);
	if (chart->heat.rows > 0)
		heat_draw(&f);
	labels_reserve(&f);
	labels_lines(&f);
	curves_draw(&f, false);
	curves_draw(&f, true);
	labels_marks(&f, true);
	labels_limits(&f);
	labels_notes(&f);
	labels_marks(&f, false);
	draw_legend(&f);
	return (struct figure_place){ f.plot, f.below };
}
