#include "plotter/figure/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/figure/painter.h"
#include "share/text.h"

double sheet_scaled(const struct sheet *f, double pixels)
{
	return pixels * f->s;
}

double sheet_measure(const struct sheet *f, const char *text, double size, bool bold)
{
	return f->painter->measure(f->painter->state, text, sheet_scaled(f, size), bold);
}

struct ruler {
	const struct sheet *figure;
	double size;
	bool bold;
};

static double ruler_width(void *context, const char *text)
{
	const struct ruler *ruler = context;
	return sheet_measure(ruler->figure, text, ruler->size, ruler->bold);
}

void sheet_text(const struct sheet *f, double x, double y, const char *text, double room,
		const struct text_style *style)
{
	char *copy = text_printable(text);
	if (!copy)
		return;
	struct ruler ruler = { f, style->size, style->bold };
	struct text_style scaled_style = *style;
	scaled_style.size = sheet_scaled(f, style->size);
	text_shorten(copy, room, ruler_width, &ruler);
	f->painter->text(f->painter->state, (struct raster_point){ x, y }, copy, &scaled_style);
	free(copy);
}

void sheet_line(const struct sheet *f, const struct raster_point *points, size_t n, struct pen pen)
{
	pen.width = sheet_scaled(f, pen.width);
	pen.dash = sheet_scaled(f, pen.dash);
	f->painter->line(f->painter->state, points, n, &pen);
}

void sheet_across(const struct sheet *f, double y, double from, double to, struct pen pen)
{
	sheet_line(f, (const struct raster_point[]){ { from, y }, { to, y } }, 2, pen);
}

void sheet_down(const struct sheet *f, double x, double from, double to, struct pen pen)
{
	sheet_line(f, (const struct raster_point[]){ { x, from }, { x, to } }, 2, pen);
}

void sheet_down_panes(const struct sheet *f, double x, struct pen pen)
{
	sheet_down(f, x, f->plot.y, f->plot.y + f->plot.h, pen);
	if (f->below.h > 0)
		sheet_down(f, x, f->below.y, f->below.y + f->below.h, pen);
}

void sheet_disc(const struct sheet *f, struct raster_point centre, double radius, struct ink ink)
{
	f->painter->disc(f->painter->state, centre, sheet_scaled(f, radius), ink);
}

void sheet_rect(const struct sheet *f, struct box box, struct ink ink)
{
	f->painter->rect(f->painter->state, box, ink);
}

void sheet_group(const struct sheet *f, const char *kind, size_t index)
{
	if (f->painter->group)
		f->painter->group(f->painter->state, kind, index);
}

void sheet_clip(const struct sheet *f, struct box box)
{
	f->painter->clip(f->painter->state, box);
}

void sheet_lift_clip(const struct sheet *f)
{
	f->painter->clip(f->painter->state, (struct box){ 0 });
}

double sheet_x(const struct sheet *f, double seconds)
{
	const struct chart_axis *x = &f->chart->x;
	return f->plot.x + (seconds - x->low) / (x->high - x->low) * f->plot.w;
}

const struct chart_axis *sheet_axis(const struct sheet *f, bool below)
{
	return below ? &f->chart->below : &f->chart->y;
}

const struct box *sheet_pane(const struct sheet *f, bool below)
{
	return below ? &f->below : &f->plot;
}

double sheet_bottom(const struct sheet *f)
{
	const struct box *pane = sheet_pane(f, f->below.h > 0);
	return pane->y + pane->h;
}

double sheet_on(const struct sheet *f, bool below, double mib)
{
	const struct chart_axis *axis = sheet_axis(f, below);
	const struct box *pane = sheet_pane(f, below);
	return pane->y + pane->h - chart_share(axis, mib) * pane->h;
}

double sheet_y(const struct sheet *f, double mib)
{
	return sheet_on(f, false, mib);
}

double sheet_crisp(double v)
{
	return floor(v) + 0.5;
}

void sheet_take(struct sheet *f, struct box box)
{
	if (f->n_taken < SHEET_TAKEN)
		f->taken[f->n_taken++] = box;
}
