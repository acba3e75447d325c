#include "plotter/backend/pixels.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/figure.h"
#include "plotter/figure/painter.h"
#include "plotter/figure/theme.h"
#include "plotter/raster/font.h"
#include "plotter/raster/raster.h"

enum { PIECE = 256 }; /* points of a line stroked at once */

struct picture_state {
	struct raster *raster;
	struct font *font;
};

/* ---- painting ---- */

static double measure(void *state, const char *text, double size, bool bold)
{
	struct picture_state *p = state;
	return font_width(p->font, text, size, bold);
}

static void draw_text(void *state, struct raster_point at, const char *text,
		      const struct text_style *style)
{
	struct picture_state *p = state;
	font_draw(p->font, p->raster, at, text, style);
}

/* A long opaque line is stroked piece by piece, round where the pieces meet: the rasterizer's
 * memory stays small. */
static void draw_line(void *state, const struct raster_point *points, size_t n,
		      const struct pen *pen)
{
	struct picture_state *p = state;
	bool whole = n <= PIECE || pen->dash > 0 || pen->ink.alpha < 1;
	size_t piece = whole ? n : PIECE;
	struct pen joining = *pen;
	joining.round |= !whole;
	for (size_t i = 0; i + 1 < n || i == 0; i += piece) {
		size_t length = n - i < piece + 1 ? n - i : piece + 1;
		raster_stroke(p->raster, points + i, length, &joining);
	}
}

static void draw_area(void *state, const struct raster_point *points, size_t n, struct ink ink)
{
	struct picture_state *p = state;
	const size_t counts[] = { n, 0 };
	raster_fill(p->raster, points, counts, ink);
}

static void draw_rect(void *state, struct box box, struct ink ink)
{
	struct picture_state *p = state;
	raster_rect(p->raster, box, ink);
}

static void draw_disc(void *state, struct raster_point centre, double radius, struct ink ink)
{
	struct picture_state *p = state;
	raster_disc(p->raster, centre, radius, ink);
}

/* Edges on whole pixels: two half covered ones would let the paper through. Neighbours of one level
 * are one rectangle. */
static void draw_cells(void *state, const struct painter_cells *c)
{
	struct picture_state *p = state;
	double w = c->box.w / (double)c->columns, h = c->box.h / (double)c->rows;
	for (size_t row = 0; row < c->rows; row++) {
		const uint8_t *levels = c->levels + row * c->columns;
		double top = round(c->box.y + (double)row * h),
		       bottom = round(c->box.y + (double)(row + 1) * h);
		for (size_t from = 0, to; from < c->columns; from = to) {
			for (to = from + 1; to < c->columns && levels[to] == levels[from];)
				to++;
			double left = round(c->box.x + (double)from * w),
			       right = round(c->box.x + (double)to * w);
			if (levels[from] > 0)
				raster_rect(p->raster,
					    (struct box){ left, top, right - left, bottom - top },
					    (struct ink){ c->rgb[levels[from] - 1], 1 });
		}
	}
}

static void set_clip(void *state, struct box box)
{
	struct picture_state *p = state;
	if (box.w > 0)
		raster_clip(p->raster, box.x, box.y, box.x + box.w, box.y + box.h);
	else
		raster_clip(p->raster, 0, 0, p->raster->width, p->raster->height);
}

/* ---- what is to be said of it ---- */

static char remark_text[256];

static void keep_remark(const char *family, const char *instead)
{
	if (family && instead)
		snprintf(remark_text, sizeof remark_text,
			 "there is no font '%.64s' here: drawn with %s", family, instead);
}

static void keep_missing(uint32_t c)
{
	size_t used = strlen(remark_text);
	if (c)
		snprintf(remark_text + used, sizeof remark_text - used,
			 "%sno font here has U+%04X, which is shown as a box: install %s",
			 used ? "; " : "", (unsigned)c, font_package(c));
}

const char *pixels_remark(void)
{
	return remark_text;
}

int pixels_draw(const struct chart *chart, const struct canvas *canvas, struct raster *raster)
{
	struct picture_state p = { .raster = raster };
	int r = raster_open(raster, (int)canvas->width, (int)canvas->height, canvas->theme->paper);
	if (r < 0)
		return r;
	const struct painter painter = { .state = &p,
					 .measure = measure,
					 .text = draw_text,
					 .line = draw_line,
					 .area = draw_area,
					 .rect = draw_rect,
					 .disc = draw_disc,
					 .cells = draw_cells,
					 .clip = set_clip };
	r = font_open(&p.font, canvas->font);
	if (r == 0) {
		keep_remark(canvas->font, font_instead(p.font, canvas->font));
		figure_draw(chart, canvas, &painter);
		keep_missing(font_missing(p.font));
	}
	font_close(p.font);
	if (r < 0)
		raster_close(raster);
	return r;
}
