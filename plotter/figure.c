#include "plotter/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/backend.h"
#include "plotter/chart.h"
#include "plotter/painter.h"
#include "plotter/theme.h"
#include "share/text.h"

/* Lengths in pixels at 96 dpi; the canvas' scale multiplies them. */
static const double PAD = 18, TITLE = 16, SUBTITLE = 12, LABEL = 12, SMALL = 11, ROW = 35,
		    SWATCH = 18, STRIP = 17, BOX = 22, GAP = 10;

enum { MOST_STRIPS = 6, MOST_TAKEN = 48, NEAR = 2, FAR = 6 };

struct box {
	double x, y, w, h;
};

struct figure {
	const struct chart *chart;
	const struct canvas *canvas;
	const struct theme *theme;
	const struct painter *painter;
	double s; /* scale */
	struct box plot, flame, legend;
	double strips; /* y of the functions' strips above the plot */
	struct box taken[MOST_TAKEN];
	size_t n_taken;
};

/* ---- small helpers ---- */

static double scaled(const struct figure *f, double pixels)
{
	return pixels * f->s;
}

static double measure(const struct figure *f, const char *text, double size, bool bold)
{
	return f->painter->measure(f->painter->state, text, scaled(f, size), bold);
}

struct ruler {
	const struct figure *figure;
	double size;
	bool bold;
};

static double ruler_width(void *context, const char *text)
{
	const struct ruler *ruler = context;
	return measure(ruler->figure, text, ruler->size, ruler->bold);
}

/* Draws a text, shortened in the middle to fit `room` pixels. */
static void put_text(const struct figure *f, double x, double y, const char *text, double room,
		     const struct text_style *style)
{
	char *copy = strdup(text);
	if (!copy)
		return;
	struct ruler ruler = { f, style->size, style->bold };
	struct text_style scaled_style = *style;
	scaled_style.size = scaled(f, style->size);
	text_shorten(copy, room, ruler_width, &ruler);
	f->painter->text(f->painter->state, x, y, copy, &scaled_style);
	free(copy);
}

static void put_line(const struct figure *f, double x0, double y0, double x1, double y1,
		     double width, double dash, struct ink ink)
{
	const struct chart_point points[] = { { x0, y0 }, { x1, y1 } };
	f->painter->line(f->painter->state, points, 2, scaled(f, width), scaled(f, dash), ink);
}

static void put_rect(const struct figure *f, struct box box, struct ink ink)
{
	f->painter->rect(f->painter->state, box.x, box.y, box.w, box.h, ink);
}

static void set_clip(const struct figure *f, struct box box)
{
	f->painter->clip(f->painter->state, box.x, box.y, box.w, box.h);
}

static void lift_clip(const struct figure *f)
{
	f->painter->clip(f->painter->state, 0, 0, 0, 0);
}

static double map_x(const struct figure *f, double seconds)
{
	const struct chart_axis *x = &f->chart->x;
	return f->plot.x + (seconds - x->low) / (x->high - x->low) * f->plot.w;
}

static double map_on(const struct figure *f, const struct chart_axis *axis, double mib)
{
	return f->plot.y + f->plot.h - (mib - axis->low) / (axis->high - axis->low) * f->plot.h;
}

static double map_y(const struct figure *f, double mib)
{
	return map_on(f, &f->chart->y, mib);
}

/* A hairline of one device pixel is crisp only on pixel centres. */
static double crisp(double v)
{
	return floor(v) + 0.5;
}

/* ---- layout ---- */

static double legend_width(const struct figure *f)
{
	double widest = 0;
	for (size_t i = 0; i < f->chart->n_rows; i++) {
		const struct chart_row *row = &f->chart->rows[i];
		widest = fmax(widest, measure(f, row->label, LABEL, false));
		widest = fmax(widest, measure(f, row->detail, SMALL, false));
	}
	if (widest == 0)
		return 0;
	return fmin(widest + scaled(f, SWATCH + 8), fmax(f->canvas->width * 0.28, scaled(f, 132)));
}

static double label_width(const struct figure *f, const struct chart_axis *axis)
{
	double widest = 0;
	for (size_t i = 0; i < axis->n; i++)
		widest = fmax(widest, measure(f, axis->ticks[i].label, LABEL, false));
	return widest;
}

static void lay_out(struct figure *f)
{
	const struct chart *chart = f->chart;
	double pad = scaled(f, PAD), legend = legend_width(f);
	double left = pad + fmax(label_width(f, &chart->y), scaled(f, 24)) + scaled(f, 8);
	double right =
		f->canvas->width - pad - (legend > 0 ? legend + scaled(f, 22) : scaled(f, 6));
	if (chart->right.n > 0)
		right -= label_width(f, &chart->right) + scaled(f, 10);
	double top = pad + scaled(f, TITLE + SUBTITLE + 40);
	double bottom = f->canvas->height - pad - scaled(f, LABEL + SMALL + 16);
	if (!chart->flame && chart->levels > 0) {
		f->strips = top;
		top += scaled(f, STRIP * fmin(chart->levels, MOST_STRIPS) + 4);
	}
	if (chart->flame && chart->levels > 0) {
		double height = fmin(scaled(f, BOX * chart->levels), (bottom - top) * 0.45);
		f->flame = (struct box){ left, bottom - height, right - left, height };
		bottom -= height + scaled(f, GAP);
	}
	f->plot = (struct box){ left, top, fmax(right - left, 1), fmax(bottom - top, 1) };
	double beyond = f->canvas->width - pad - legend; /* of the axis to the right, too */
	f->legend = (struct box){ beyond, f->plot.y, legend, f->canvas->height - top };
	if (f->strips > 0 && (double)chart->n_rows * scaled(f, ROW) > f->legend.h)
		f->legend.y = f->strips;
}

/* ---- parts ---- */

/* A bad end stands out. */
static void draw_subtitle(const struct figure *f, double y, double room)
{
	struct text_style style = { SUBTITLE, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	char *plain = strdup(f->chart->subtitle);
	if (!plain)
		return;
	const char *alarm = f->chart->alarm > 0 ? f->chart->subtitle + f->chart->alarm : "";
	plain[strlen(plain) - strlen(alarm)] = '\0';
	double needed = fmin(measure(f, alarm, SUBTITLE, true), room);
	double used = fmin(measure(f, plain, SUBTITLE, false), room - needed);
	put_text(f, scaled(f, PAD), y, plain, used, &style);
	free(plain);
	style.bold = true;
	style.ink.rgb = f->theme->peak;
	if (*alarm)
		put_text(f, scaled(f, PAD) + used, y, alarm, needed, &style);
}

static void draw_heading(const struct figure *f)
{
	double room = f->canvas->width - 2 * scaled(f, PAD), y = scaled(f, PAD + TITLE - 2);
	put_text(f, scaled(f, PAD), y, f->chart->title, room,
		 &(struct text_style){ TITLE, true, ANCHOR_LEFT, { f->theme->ink, 1 } });
	draw_subtitle(f, y + scaled(f, SUBTITLE + 7), room);
}

/* No label is to stand there. */
static void take(struct figure *f, struct box box)
{
	if (f->n_taken < MOST_TAKEN)
		f->taken[f->n_taken++] = box;
}

static void draw_memory_axis(struct figure *f)
{
	const struct text_style style = { LABEL, false, ANCHOR_RIGHT, { f->theme->muted, 1 } };
	const struct text_style title = { SMALL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	double above = f->strips > 0 ? f->strips : f->plot.y;
	for (size_t i = 0; i < f->chart->y.n; i++) {
		double y = crisp(map_y(f, f->chart->y.ticks[i].at));
		put_line(f, f->plot.x, y, f->plot.x + f->plot.w, y, 1 / f->s, 0,
			 (struct ink){ f->theme->grid, 1 });
		put_text(f, f->plot.x - scaled(f, 8), y + scaled(f, LABEL * 0.36),
			 f->chart->y.ticks[i].label, f->plot.x, &style);
	}
	put_text(f, scaled(f, PAD), above - scaled(f, 9), f->chart->y.title, f->plot.w, &title);
	take(f, (struct box){ scaled(f, PAD), above - scaled(f, 9 + SMALL),
			      measure(f, f->chart->y.title, SMALL, false), scaled(f, SMALL + 3) });
}

/* No lines of its own: they would be taken for those of the other axis. */
static void draw_right_axis(const struct figure *f)
{
	const struct text_style style = { LABEL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	const struct text_style title = { SMALL, false, ANCHOR_RIGHT, { f->theme->muted, 1 } };
	const struct chart_axis *axis = &f->chart->right;
	double above = f->strips > 0 ? f->strips : f->plot.y, x = f->plot.x + f->plot.w;
	if (axis->n == 0)
		return;
	put_line(f, crisp(x), f->plot.y, crisp(x), f->plot.y + f->plot.h, 1 / f->s, 0,
		 (struct ink){ f->theme->frame, 1 });
	for (size_t i = 0; i < axis->n; i++) {
		double y = crisp(map_on(f, axis, axis->ticks[i].at));
		put_line(f, x, y, x + scaled(f, 4), y, 1 / f->s, 0,
			 (struct ink){ f->theme->frame, 1 });
		put_text(f, x + scaled(f, 8), y + scaled(f, LABEL * 0.36), axis->ticks[i].label,
			 f->canvas->width, &style);
	}
	put_text(f, x + scaled(f, 8) + label_width(f, axis), above - scaled(f, 9), axis->title,
		 f->plot.w / 2, &title);
}

static void draw_time_axis(const struct figure *f)
{
	const struct text_style style = { LABEL, false, ANCHOR_MIDDLE, { f->theme->muted, 1 } };
	const struct text_style title = { SMALL, false, ANCHOR_MIDDLE, { f->theme->muted, 1 } };
	const struct ink frame = { f->theme->frame, 1 }, grid = { f->theme->grid, 1 };
	double floor_y = f->plot.y + f->plot.h;
	double bottom = f->flame.h > 0 ? f->flame.y + f->flame.h : floor_y;
	for (size_t i = 0; i < f->chart->x.n; i++) {
		double x = crisp(map_x(f, f->chart->x.ticks[i].at));
		put_line(f, x, f->plot.y, x, bottom, 1 / f->s, 0, grid);
		put_line(f, x, bottom, x, bottom + scaled(f, 4), 1 / f->s, 0, frame);
		put_text(f, x, bottom + scaled(f, LABEL + 6), f->chart->x.ticks[i].label, f->plot.w,
			 &style);
	}
	put_line(f, f->plot.x, crisp(floor_y), f->plot.x + f->plot.w, crisp(floor_y), 1 / f->s, 0,
		 frame);
	put_text(f, f->plot.x + f->plot.w / 2, bottom + scaled(f, LABEL + SMALL + 14),
		 f->chart->x.title, f->plot.w, &title);
}

static struct ink span_ink(const struct figure *f, const struct chart_span *span, double alpha)
{
	return (struct ink){ theme_colour(f->theme, span->colour), alpha };
}

/* A function's name inside its box, where there is room for at least a few of its letters. */
static void label_box(const struct figure *f, struct box box, const char *label)
{
	double size = fmin(SMALL, box.h / f->s * 0.68), room = box.w - scaled(f, 8);
	if (size < 7 || room < scaled(f, 24))
		return;
	put_text(f, box.x + scaled(f, 4), box.y + box.h / 2 + scaled(f, size * 0.36), label, room,
		 &(struct text_style){ size, false, ANCHOR_LEFT, { f->theme->ink, 1 } });
}

/* The calls as shades behind the curve, each under a strip with its name. */
static void draw_shades(const struct figure *f)
{
	for (size_t i = 0; i < f->chart->n_spans; i++) {
		const struct chart_span *span = &f->chart->spans[i];
		double x0 = map_x(f, span->from), x1 = fmax(map_x(f, span->to), x0 + 1);
		put_rect(f, (struct box){ x0, f->plot.y, x1 - x0, f->plot.h },
			 span_ink(f, span, 0.11));
		if (span->level >= MOST_STRIPS)
			continue;
		double y = f->strips + scaled(f, STRIP * span->level);
		struct box strip = { x0, y, fmax(x1 - x0 - 1, 1), scaled(f, STRIP - 1) };
		put_rect(f, strip, span_ink(f, span, 0.30));
		put_rect(f,
			 (struct box){ strip.x, strip.y, fmin(scaled(f, 2.5), strip.w), strip.h },
			 span_ink(f, span, 1));
		label_box(f,
			  (struct box){ strip.x + scaled(f, 2), strip.y, strip.w - scaled(f, 2),
					strip.h },
			  span->label);
	}
}

/* The calls as stacked boxes in a band of their own, callees under their callers. */
static void draw_flame(const struct figure *f)
{
	double height = f->flame.h / f->chart->levels;
	for (size_t i = 0; i < f->chart->n_spans; i++) {
		const struct chart_span *span = &f->chart->spans[i];
		double x0 = map_x(f, span->from), x1 = map_x(f, span->to);
		struct box box = { x0, f->flame.y + span->level * height, fmax(x1 - x0 - 1, 0.75),
				   fmax(height - 1, 0.75) };
		put_rect(f, box, span_ink(f, span, 0.55));
		label_box(f, box, span->label);
	}
}

static double curve_width(const struct chart_curve *curve)
{
	if (curve->role == CHART_MAIN)
		return 1.8;
	return curve->colour == CHART_OTHERS ? 0.8 : 1.3;
}

static void draw_curve(const struct figure *f, const struct chart_curve *curve, bool filled)
{
	const struct chart_axis *axis = curve->right ? &f->chart->right : &f->chart->y;
	struct chart_point *points = calloc(curve->n + 2, sizeof *points);
	if (!points || curve->n == 0) {
		free(points);
		return;
	}
	uint32_t rgb = theme_colour(f->theme, curve->colour);
	const struct ink ink = { rgb, curve->colour == CHART_OTHERS ? 0.6 : 1 };
	for (size_t i = 0; i < curve->n; i++)
		points[i] = (struct chart_point){ map_x(f, curve->points[i].x),
						  map_on(f, axis, curve->points[i].y) };
	if (filled) {
		double base = f->plot.y + f->plot.h;
		points[curve->n] = (struct chart_point){ points[curve->n - 1].x, base };
		points[curve->n + 1] = (struct chart_point){ points[0].x, base };
		f->painter->area(f->painter->state, points, curve->n + 2,
				 (struct ink){ rgb, 0.12 });
	}
	if (curve->role == CHART_TREND) /* seen on a curve that is nothing but ink, too */
		f->painter->line(f->painter->state, points, curve->n, scaled(f, 4), 0,
				 (struct ink){ f->theme->paper, 0.85 });
	f->painter->line(f->painter->state, points, curve->n, scaled(f, curve_width(curve)),
			 curve->role == CHART_TREND ? scaled(f, 6) : 0, ink);
	for (size_t i = 0; i < curve->n && (curve->sparse || curve->n == 1); i++)
		f->painter->disc(f->painter->state, points[i].x, points[i].y, scaled(f, 2.2), ink);
	free(points);
}

static size_t count_role(const struct chart *chart, enum chart_role role)
{
	size_t n = 0;
	for (size_t i = 0; i < chart->n_curves; i++)
		n += chart->curves[i].role == role;
	return n;
}

/* A single one has the peak's colour, which is what it shows. */
static uint32_t band_colour(const struct figure *f, unsigned colour)
{
	return f->chart->n_bands == 1 ? f->theme->peak : theme_colour(f->theme, colour);
}

/* What was held between the samples. */
static void draw_band(const struct figure *f, const struct chart_band *band)
{
	struct chart_point *points = calloc(band->n + 1, sizeof *points);
	for (size_t i = 0; points && i < band->n; i++)
		points[i] = (struct chart_point){ map_x(f, band->points[i].x),
						  map_y(f, band->points[i].y) };
	if (points)
		f->painter->area(f->painter->state, points, band->n,
				 (struct ink){ band_colour(f, band->colour), 0.35 });
	free(points);
}

/* The small ones first, so that the main curve lies on top. */
static void draw_curves(const struct figure *f)
{
	static const enum chart_role order[] = { CHART_CHILD, CHART_BESIDE, CHART_MAIN,
						 CHART_TREND };
	bool filled =
		count_role(f->chart, CHART_MAIN) == 1 && (f->chart->flame || f->chart->levels == 0);
	double edge = scaled(f, 3); /* a dot on the border is whole */
	set_clip(f, (struct box){ f->plot.x - edge, f->plot.y - edge, f->plot.w + 2 * edge,
				  f->plot.h + 2 * edge });
	for (size_t i = 0; i < f->chart->n_bands; i++)
		draw_band(f, &f->chart->bands[i]);
	for (size_t k = 0; k < sizeof order / sizeof *order; k++)
		for (size_t i = f->chart->n_curves; i-- > 0;)
			if (f->chart->curves[i].role == order[k])
				draw_curve(f, &f->chart->curves[i],
					   filled && order[k] == CHART_MAIN);
	lift_clip(f);
}

static bool overlaps(const struct box *a, const struct box *b)
{
	return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

static bool is_free(const struct figure *f, struct box box)
{
	/* Over the plot is room for half a line, where no strips stand. */
	double highest = f->plot.y - scaled(f, f->strips > 0 ? 3 : 14);
	if (box.x < f->plot.x || box.x + box.w > f->plot.x + f->plot.w || box.y < highest ||
	    box.y + box.h > f->plot.y + f->plot.h)
		return false;
	for (size_t i = 0; i < f->n_taken; i++)
		if (overlaps(&box, &f->taken[i]))
			return false;
	return true;
}

static struct chart_point to_pixels(const struct figure *f, const struct chart_point *point,
				    bool right)
{
	const struct chart_axis *axis = right ? &f->chart->right : &f->chart->y;
	return (struct chart_point){ map_x(f, point->x), map_on(f, axis, point->y) };
}

/* Does a straight line between two points touch the box? */
static bool is_crossed(const struct box *box, struct chart_point a, struct chart_point b)
{
	double left = fmax(box->x, fmin(a.x, b.x)), right = fmin(box->x + box->w, fmax(a.x, b.x));
	if (left > right)
		return false;
	double slope = b.x != a.x ? (b.y - a.y) / (b.x - a.x) : 0;
	double y0 = b.x != a.x ? a.y + slope * (left - a.x) : a.y;
	double y1 = b.x != a.x ? a.y + slope * (right - a.x) : b.y;
	return fmax(y0, y1) >= box->y && fmin(y0, y1) <= box->y + box->h;
}

/* Free, and no curve that has a name runs through it. */
static bool is_clear(const struct figure *f, struct box box)
{
	bool clear = is_free(f, box);
	for (size_t i = 0; i < f->chart->n_curves && clear; i++) {
		const struct chart_curve *curve = &f->chart->curves[i];
		for (size_t k = 0; k < curve->n && clear && curve->colour != CHART_OTHERS; k++)
			clear = !is_crossed(
				&box, to_pixels(f, &curve->points[k > 0 ? k - 1 : 0], curve->right),
				to_pixels(f, &curve->points[k], curve->right));
	}
	for (size_t i = 0; i < f->chart->n_bands && clear; i++) {
		const struct chart_band *band = &f->chart->bands[i];
		for (size_t k = 1; k < band->upper && clear; k++)
			clear = !is_crossed(&box, to_pixels(f, &band->points[k - 1], false),
					    to_pixels(f, &band->points[k], false));
	}
	return clear;
}

/* Beside the peak, above it first, where nothing else stands; further away when all of that is
 * taken. Close by also where no curve runs. */
static struct box place_note(const struct figure *f, double x, double y, double width,
			     double height)
{
	double h = scaled(f, LABEL + 6), gap = scaled(f, 7);
	struct box box = { x, y, width, height };
	for (int i = 0; i < NEAR + FAR; i++) {
		int far = i < NEAR ? i : i - NEAR;
		const double ys[] = { y - gap - height - far * h, y + gap + far * h };
		const double xs[] = { x + gap, x - gap - width, x - width / 2 };
		for (size_t k = 0; k < 6; k++) {
			box = (struct box){ xs[k % 3], ys[k / 3], width, height };
			if (i < NEAR ? is_clear(f, box) : is_free(f, box))
				return box;
		}
	}
	box.x = fmax(f->plot.x, fmin(x - width / 2, f->plot.x + f->plot.w - width));
	box.y = fmax(f->plot.y, fmin(y + gap, f->plot.y + f->plot.h - height));
	return box;
}

/* A level across, its label over the line's right end, or where else there is room. */
static void draw_limit(struct figure *f, const struct chart_limit *limit)
{
	double y = map_on(f, limit->right ? &f->chart->right : &f->chart->y, limit->at);
	double h = scaled(f, SMALL + 6), w = measure(f, limit->label, SMALL, true) + scaled(f, 8);
	double end = f->plot.x + f->plot.w;
	uint32_t rgb = limit->peak || limit->colour == CHART_OTHERS
			       ? f->theme->peak
			       : theme_colour(f->theme, limit->colour);
	put_line(f, f->plot.x, y, end, y, limit->peak ? 1 : 1.4, limit->peak ? 4 : 7,
		 (struct ink){ rgb, 0.9 });
	const struct box tries[] = { { end - w, y - h, w, h },
				     { f->plot.x, y - h, w, h },
				     { end - w, y + scaled(f, 1), w, h },
				     { f->plot.x, y + scaled(f, 1), w, h } };
	size_t i = 0;
	while (i < 3 && !is_free(f, tries[i]))
		i++;
	take(f, tries[i]);
	put_text(f, tries[i].x + scaled(f, 4), tries[i].y + h - scaled(f, 5), limit->label,
		 f->plot.w, &(struct text_style){ SMALL, true, ANCHOR_LEFT, { rgb, 1 } });
}

static void draw_mark_line(const struct figure *f, const struct chart_mark *mark)
{
	double x = crisp(map_x(f, mark->x));
	put_line(f, x, f->plot.y, x, f->plot.y + f->plot.h, 1, 2,
		 (struct ink){ f->theme->muted, 0.9 });
}

/* A moment that the program named; where its label finds no room the line must do. */
static void draw_mark(struct figure *f, const struct chart_mark *mark)
{
	double x = crisp(map_x(f, mark->x)), h = scaled(f, SMALL + 5);
	double width = fmin(measure(f, mark->label, SMALL, false), f->plot.w * 0.3) + scaled(f, 6);
	for (int row = 0; row < 4; row++) {
		struct box box = { x + scaled(f, 2), f->plot.y + scaled(f, 2) + row * h, width, h };
		if (box.x + box.w > f->plot.x + f->plot.w)
			box.x = x - width - scaled(f, 2);
		if (!is_free(f, box))
			continue;
		take(f, box);
		put_rect(f, box, (struct ink){ f->theme->paper, 0.82 });
		put_text(f, box.x + scaled(f, 3), box.y + h - scaled(f, 4), mark->label, width,
			 &(struct text_style){ SMALL, false, ANCHOR_LEFT, { f->theme->ink, 1 } });
		return;
	}
}

/* "peak 182.0 MiB at 0.50 s": where that is too wide, the value matters more than the time. */
static char *fitting_label(const struct figure *f, const char *label)
{
	const char *time = strstr(label, " at ");
	if (!time || measure(f, label, LABEL, true) + scaled(f, 6) <= f->plot.w)
		return strdup(label);
	return strndup(label, (size_t)(time - label));
}

/* The figure, and under it where in the program that was. */
static void write_note(struct figure *f, const struct chart_note *note, double x, double y,
		       uint32_t rgb)
{
	const struct text_style style = { LABEL, true, ANCHOR_LEFT, { rgb, 1 } };
	const struct text_style below = { SMALL, false, ANCHOR_LEFT, { f->theme->ink, 1 } };
	char *label = fitting_label(f, note->label);
	if (!label)
		return;
	double width = measure(f, label, LABEL, true), line = scaled(f, LABEL + 6);
	if (note->place)
		width = fmax(width, fmin(measure(f, note->place, SMALL, false), f->plot.w * 0.6));
	width = fmin(width + scaled(f, 6), f->plot.w);
	struct box box =
		place_note(f, x, y, width, line + (note->place ? scaled(f, SMALL + 4) : 0));
	take(f, box);
	put_rect(f, box, (struct ink){ f->theme->paper, 0.82 });
	put_text(f, box.x + scaled(f, 3), box.y + line - scaled(f, 5), label, width, &style);
	if (note->place)
		put_text(f, box.x + scaled(f, 3), box.y + box.h - scaled(f, 5), note->place,
			 width - scaled(f, 6), &below);
	free(label);
}

static void draw_note(struct figure *f, const struct chart_note *note, bool alone)
{
	double x = map_x(f, note->at.x), y = map_y(f, note->at.y), edge = scaled(f, 0.5);
	if (f->n_taken == MOST_TAKEN || x < f->plot.x - edge || x > f->plot.x + f->plot.w + edge)
		return;
	uint32_t rgb = alone ? f->theme->peak : theme_colour(f->theme, note->colour);
	if (alone) {
		const struct ink guide = { rgb, 0.65 };
		put_line(f, f->plot.x, y, x, y, 1, 4, guide);
		put_line(f, x, y, x, f->plot.y + f->plot.h, 1, 4, guide);
	}
	f->painter->disc(f->painter->state, x, y, scaled(f, 5.5),
			 (struct ink){ f->theme->paper, 1 });
	f->painter->disc(f->painter->state, x, y, scaled(f, 4), (struct ink){ rgb, 1 });
	write_note(f, note, x, y, rgb);
}

/* A step on the way: a ring with a smaller label, if there is room for it. */
static void draw_step(struct figure *f, const struct chart_note *note)
{
	double x = map_x(f, note->at.x), y = map_y(f, note->at.y);
	double width = measure(f, note->label, SMALL, false) + scaled(f, 6),
	       h = scaled(f, SMALL + 5);
	const struct box tries[] = {
		{ x - width - scaled(f, 6), y - h, width, h },
		{ x + scaled(f, 6), y + scaled(f, 1), width, h },
		{ x - width - scaled(f, 6), y - 2 * h, width, h },
		{ x + scaled(f, 6), y + h, width, h },
		{ x - width / 2, y - h - scaled(f, 5), width, h },
		{ x - width / 2, y + scaled(f, 5), width, h },
		{ x - width / 2, y + h, width, h },
		{ x - width / 2, y - 2 * h, width, h },
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		if (!is_clear(f, tries[i]))
			continue;
		take(f, tries[i]);
		f->painter->disc(f->painter->state, x, y, scaled(f, 3.2),
				 (struct ink){ f->theme->ink, 1 });
		f->painter->disc(f->painter->state, x, y, scaled(f, 1.8),
				 (struct ink){ f->theme->paper, 1 });
		put_rect(f, tries[i], (struct ink){ f->theme->paper, 0.82 });
		put_text(f, tries[i].x + scaled(f, 3), tries[i].y + h - scaled(f, 4), note->label,
			 width,
			 &(struct text_style){ SMALL, false, ANCHOR_LEFT, { f->theme->ink, 1 } });
		return;
	}
}

/* The peaks first: what is left of the room is for the steps, the largest of which come first. */
static void draw_notes(struct figure *f)
{
	size_t peaks = 0;
	for (size_t i = 0; i < f->chart->n_notes; i++)
		peaks += !f->chart->notes[i].minor;
	for (size_t i = 0; i < f->chart->n_notes; i++)
		if (!f->chart->notes[i].minor)
			draw_note(f, &f->chart->notes[i], peaks == 1);
	for (size_t i = 0; i < f->chart->n_notes; i++)
		if (f->chart->notes[i].minor)
			draw_step(f, &f->chart->notes[i]);
}

static void draw_swatch(const struct figure *f, const struct chart_row *row, double x, double y)
{
	const struct ink ink = { theme_colour(f->theme, row->colour), 1 };
	double middle = y - scaled(f, 4);
	if (row->kind == ROW_FUNCTION)
		put_rect(f,
			 (struct box){ x + scaled(f, 2), middle - scaled(f, 6), scaled(f, 12),
				       scaled(f, 12) },
			 (struct ink){ ink.rgb, 0.8 });
	else if (row->kind == ROW_BAND)
		put_rect(f,
			 (struct box){ x, middle - scaled(f, 6), scaled(f, SWATCH - 2),
				       scaled(f, 12) },
			 (struct ink){ band_colour(f, row->colour), 0.35 });
	else if (row->kind != ROW_MORE)
		put_line(f, x, middle, x + scaled(f, SWATCH - 2), middle,
			 row->kind == ROW_CHILD ? 1.8 : 2.6, row->kind == ROW_TREND ? 4 : 0, ink);
}

/* "peak 3.3 GiB of 4.0 GiB, right axis": the first things are said first, and to the end. */
static void put_detail(const struct figure *f, double x, double y, const char *detail, double room)
{
	const struct text_style style = { SMALL, false, ANCHOR_LEFT, { f->theme->muted, 1 } };
	char *copy = strdup(detail);
	while (copy && measure(f, copy, SMALL, false) > room && text_drop_clause(copy))
		;
	if (copy)
		put_text(f, x, y, copy, room, &style);
	free(copy);
}

static void draw_legend(const struct figure *f)
{
	double x = f->legend.x, y = f->legend.y + scaled(f, LABEL),
	       text = x + scaled(f, SWATCH + 6);
	double room = f->legend.x + f->legend.w - text;
	for (size_t i = 0; i < f->chart->n_rows; i++, y += scaled(f, ROW)) {
		const struct chart_row *row = &f->chart->rows[i];
		draw_swatch(f, row, x, y);
		put_text(f, text, y, row->label, room,
			 &(struct text_style){
				 LABEL,
				 false,
				 ANCHOR_LEFT,
				 { row->kind == ROW_MORE ? f->theme->muted : f->theme->ink, 1 } });
		put_detail(f, text, y + scaled(f, SMALL + 4), row->detail, room);
	}
}

void figure_draw(const struct chart *chart, const struct canvas *canvas,
		 const struct painter *painter)
{
	struct figure f = {
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
	draw_memory_axis(&f);
	draw_right_axis(&f);
	draw_time_axis(&f);
	if (chart->levels > 0 && chart->flame)
		draw_flame(&f);
	for (size_t i = 0; i < chart->n_marks; i++)
		draw_mark_line(&f, &chart->marks[i]);
	draw_curves(&f);
	for (size_t i = 0; i < chart->n_limits; i++)
		draw_limit(&f, &chart->limits[i]);
	draw_notes(&f);
	for (size_t i = 0; i < chart->n_marks; i++)
		draw_mark(&f, &chart->marks[i]);
	draw_legend(&f);
}
