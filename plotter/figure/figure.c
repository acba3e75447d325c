#include "plotter/figure/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/labels.h"
#include "plotter/figure/painter.h"
#include "plotter/figure/sheet.h"
#include "plotter/figure/theme.h"
#include "share/text.h"

/* Lengths in pixels at 96 dpi; the canvas' scale multiplies them. */
static const double PAD = 18, TITLE = 16, SUBTITLE = 12, ROW = 35, SWATCH = 18, STRIP = 17,
		    BOX = 22, GAP = 10;

enum { MOST_STRIPS = 6 };

/* ---- layout ---- */

static double legend_width(const struct sheet *f)
{
	double widest = 0;
	for (size_t i = 0; i < f->chart->n_rows; i++) {
		const struct chart_row *row = &f->chart->rows[i];
		widest = fmax(widest, sheet_measure(f, row->label, SHEET_LABEL, false));
		widest = fmax(widest, sheet_measure(f, row->detail, SHEET_SMALL, false));
	}
	if (widest == 0)
		return 0;
	return fmin(widest + sheet_scaled(f, SWATCH + 8),
		    fmax(f->canvas->width * 0.28, sheet_scaled(f, 132)));
}

static double label_width(const struct sheet *f, const struct chart_axis *axis)
{
	double widest = 0;
	for (size_t i = 0; i < axis->n; i++)
		widest = fmax(widest, sheet_measure(f, axis->ticks[i].label, SHEET_LABEL, false));
	return widest;
}

static void lay_out(struct sheet *f)
{
	const struct chart *chart = f->chart;
	double pad = sheet_scaled(f, PAD), legend = legend_width(f);
	double left =
		pad + fmax(label_width(f, &chart->y), sheet_scaled(f, 24)) + sheet_scaled(f, 8);
	double right = f->canvas->width - pad -
		       (legend > 0 ? legend + sheet_scaled(f, 22) : sheet_scaled(f, 6));
	if (chart->right.n > 0)
		right -= label_width(f, &chart->right) + sheet_scaled(f, 10);
	double top = pad + sheet_scaled(f, TITLE + SUBTITLE + 40);
	double bottom = f->canvas->height - pad - sheet_scaled(f, SHEET_LABEL + SHEET_SMALL + 16);
	if (!chart->flame && chart->levels > 0) {
		f->strips = top;
		top += sheet_scaled(f, STRIP * fmin(chart->levels, MOST_STRIPS) + 4);
	}
	if (chart->flame && chart->levels > 0) {
		double height = fmin(sheet_scaled(f, BOX * chart->levels), (bottom - top) * 0.45);
		f->flame = (struct box){ left, bottom - height, right - left, height };
		bottom -= height + sheet_scaled(f, GAP);
	}
	f->plot = (struct box){ left, top, fmax(right - left, 1), fmax(bottom - top, 1) };
	double beyond = f->canvas->width - pad - legend; /* of the axis to the right, too */
	f->legend = (struct box){ beyond, f->plot.y, legend, f->canvas->height - top };
	if (f->strips > 0 && (double)chart->n_rows * sheet_scaled(f, ROW) > f->legend.h)
		f->legend.y = f->strips;
}

/* ---- parts ---- */

/* One pixel of the device, whatever the scale. */
static struct pen hairline(const struct sheet *f, uint32_t rgb)
{
	return (struct pen){ .width = 1 / f->s, .ink = { rgb, 1 } };
}

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
	double used = fmin(sheet_measure(f, plain, SUBTITLE, false), room - needed);
	sheet_text(f, sheet_scaled(f, PAD), y, plain, used, &style);
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

static void draw_memory_axis(struct sheet *f)
{
	const struct text_style style = {
		SHEET_LABEL, false, ANCHOR_RIGHT, { f->theme->muted, 1 }
	};
	const struct text_style title = { SHEET_SMALL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	double above = f->strips > 0 ? f->strips : f->plot.y;
	for (size_t i = 0; i < f->chart->y.n; i++) {
		double y = sheet_crisp(sheet_y(f, f->chart->y.ticks[i].at));
		sheet_across(f, y, f->plot.x, f->plot.x + f->plot.w, hairline(f, f->theme->grid));
		sheet_text(f, f->plot.x - sheet_scaled(f, 8),
			   y + sheet_scaled(f, SHEET_LABEL * 0.36), f->chart->y.ticks[i].label,
			   f->plot.x, &style);
	}
	sheet_text(f, sheet_scaled(f, PAD), above - sheet_scaled(f, 9), f->chart->y.title,
		   f->plot.w, &title);
	sheet_take(f, (struct box){ sheet_scaled(f, PAD), above - sheet_scaled(f, 9 + SHEET_SMALL),
				    sheet_measure(f, f->chart->y.title, SHEET_SMALL, false),
				    sheet_scaled(f, SHEET_SMALL + 3) });
}

/* No lines of its own: they would be taken for those of the other axis. */
static void draw_right_axis(const struct sheet *f)
{
	const struct text_style style = { SHEET_LABEL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	const struct text_style title = {
		SHEET_SMALL, false, ANCHOR_RIGHT, { f->theme->muted, 1 }
	};
	const struct chart_axis *axis = &f->chart->right;
	const struct pen frame = hairline(f, f->theme->frame);
	double above = f->strips > 0 ? f->strips : f->plot.y, x = f->plot.x + f->plot.w;
	if (axis->n == 0)
		return;
	sheet_down(f, sheet_crisp(x), f->plot.y, f->plot.y + f->plot.h, frame);
	for (size_t i = 0; i < axis->n; i++) {
		double y = sheet_crisp(sheet_on(f, axis, axis->ticks[i].at));
		sheet_across(f, y, x, x + sheet_scaled(f, 4), frame);
		sheet_text(f, x + sheet_scaled(f, 8), y + sheet_scaled(f, SHEET_LABEL * 0.36),
			   axis->ticks[i].label, f->canvas->width, &style);
	}
	sheet_text(f, x + sheet_scaled(f, 8) + label_width(f, axis), above - sheet_scaled(f, 9),
		   axis->title, f->plot.w / 2, &title);
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
	double floor_y = f->plot.y + f->plot.h;
	double bottom = f->flame.h > 0 ? f->flame.y + f->flame.h : floor_y;
	for (size_t i = 0; i < f->chart->x.n; i++) {
		double x = sheet_crisp(sheet_x(f, f->chart->x.ticks[i].at));
		sheet_down(f, x, f->plot.y, bottom, grid);
		sheet_down(f, x, bottom, bottom + sheet_scaled(f, 4), frame);
		sheet_text(f, x, bottom + sheet_scaled(f, SHEET_LABEL + 6),
			   f->chart->x.ticks[i].label, f->plot.w, &style);
	}
	sheet_across(f, sheet_crisp(floor_y), f->plot.x, f->plot.x + f->plot.w, frame);
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

/* The calls as shades behind the curve, each under a strip with its name. */
static void draw_shades(const struct sheet *f)
{
	for (size_t i = 0; i < f->chart->n_spans; i++) {
		const struct chart_span *span = &f->chart->spans[i];
		double x0 = sheet_x(f, span->from), x1 = fmax(sheet_x(f, span->to), x0 + 1);
		sheet_group(f, "span", i);
		sheet_rect(f, (struct box){ x0, f->plot.y, x1 - x0, f->plot.h },
			   span_ink(f, span, 0.11));
		if (span->level >= MOST_STRIPS)
			continue;
		double y = f->strips + sheet_scaled(f, STRIP * span->level);
		struct box strip = { x0, y, fmax(x1 - x0 - 1, 1), sheet_scaled(f, STRIP - 1) };
		sheet_rect(f, strip, span_ink(f, span, 0.30));
		sheet_rect(f,
			   (struct box){ strip.x, strip.y, fmin(sheet_scaled(f, 2.5), strip.w),
					 strip.h },
			   span_ink(f, span, 1));
		label_box(f,
			  (struct box){ strip.x + sheet_scaled(f, 2), strip.y,
					strip.w - sheet_scaled(f, 2), strip.h },
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

static void draw_curve(const struct sheet *f, const struct chart_curve *curve)
{
	const struct chart_axis *axis = curve->right ? &f->chart->right : &f->chart->y;
	struct raster_point *points = calloc(curve->n + 2, sizeof *points);
	if (!points || curve->n == 0) {
		free(points);
		return;
	}
	uint32_t rgb = theme_colour(f->theme, curve->colour);
	const struct ink ink = { rgb, curve->colour == CHART_OTHERS ? 0.6 : 1 };
	for (size_t i = 0; i < curve->n; i++)
		points[i] = (struct raster_point){ sheet_x(f, curve->points[i].x),
						   sheet_on(f, axis, curve->points[i].y) };
	if (curve->filled) {
		double base = f->plot.y + f->plot.h;
		points[curve->n] = (struct raster_point){ points[curve->n - 1].x, base };
		points[curve->n + 1] = (struct raster_point){ points[0].x, base };
		f->painter->area(f->painter->state, points, curve->n + 2,
				 (struct ink){ rgb, 0.12 });
	}
	if (curve->dashed) /* seen on a curve that is nothing but ink, too */
		sheet_line(f, points, curve->n,
			   (struct pen){ .width = 4, .ink = { f->theme->paper, 0.85 } });
	sheet_line(
		f, points, curve->n,
		(struct pen){ .width = curve->weight, .dash = curve->dashed ? 6 : 0, .ink = ink });
	for (size_t i = 0; i < curve->n && curve->sparse; i++)
		sheet_disc(f, points[i], 2.2, ink);
	free(points);
}

/* What was held between the samples. */
static void draw_band(const struct sheet *f, const struct chart_band *band)
{
	const struct chart_axis *axis = band->right ? &f->chart->right : &f->chart->y;
	struct raster_point *points = calloc(band->n + 1, sizeof *points);
	for (size_t i = 0; points && i < band->n; i++)
		points[i] = (struct raster_point){ sheet_x(f, band->points[i].x),
						   sheet_on(f, axis, band->points[i].y) };
	if (points)
		f->painter->area(f->painter->state, points, band->n,
				 (struct ink){ theme_colour(f->theme, band->colour),
					       band->stacked ? 0.75 : 0.35 });
	free(points);
}

/* The small ones first, so that the main curve lies on top. */
static void draw_curves(const struct sheet *f)
{
	static const enum chart_role order[] = { CHART_CHILD, CHART_BESIDE, CHART_MAIN,
						 CHART_TREND };
	double edge = sheet_scaled(f, 3); /* a dot on the border is whole */
	sheet_clip(f, (struct box){ f->plot.x - edge, f->plot.y - edge, f->plot.w + 2 * edge,
				    f->plot.h + 2 * edge });
	for (size_t i = 0; i < f->chart->n_bands; i++) {
		sheet_group(f, "band", i);
		draw_band(f, &f->chart->bands[i]);
	}
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = f->chart->n_curves; i-- > 0;)
			if (f->chart->curves[i].role == order[k]) {
				sheet_group(f, "curve", i);
				draw_curve(f, &f->chart->curves[i]);
			}
	sheet_group(f, NULL, 0);
	sheet_lift_clip(f);
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

/* "peak 3.3 GiB of 4.0 GiB, right axis": the first things are said first, and to the end. */
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
	for (size_t i = 0; i < f->chart->n_rows; i++, y += sheet_scaled(f, ROW)) {
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
		put_detail(f, text, y + sheet_scaled(f, SHEET_SMALL + 4), row->detail, room);
	}
	sheet_group(f, NULL, 0);
}

struct box figure_draw(const struct chart *chart, const struct canvas *canvas,
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
		draw_shades(&f);
	sheet_group(&f, "axis", 0);
	draw_memory_axis(&f);
	draw_right_axis(&f);
	draw_time_axis(&f);
	sheet_group(&f, NULL, 0);
	if (chart->levels > 0 && chart->flame)
		draw_flame(&f);
	labels_lines(&f);
	draw_curves(&f);
	labels_limits(&f);
	labels_notes(&f);
	labels_marks(&f);
	draw_legend(&f);
	return f.plot;
}
