/* Draws the built-in face: smooth strokes become many short lines, and a line of the pen's width
 * with round ends is all the rasterizer has to know. */
#include <stdlib.h>
#include <string.h>

#include "plotter/raster/face.h"
#include "plotter/raster/ink.h"
#include "plotter/raster/raster.h"
#include "plotter/raster/stroke_face.h"
#include "share/text.h"

enum { MOST_POINTS = 32, PIECES = 6 /* of each curve between two points */ };

static const double PEN = 0.078, BOLD_PEN = 0.125; /* ems */
static const double SMALL = 0.6;                   /* of ª, ², ½ */

/* Where and how large a glyph is drawn. */
struct place {
	struct raster *raster;
	struct raster_point at; /* the left end of its baseline */
	double unit;            /* pixels a unit of the grid */
	struct pen pen;
};

static const struct stroke_glyph *find_glyph(uint32_t c)
{
	for (const struct stroke_glyph *g = stroke_glyphs; g->strokes; g++)
		if (g->code_point == c)
			return g;
	return NULL;
}

static const struct stroke_composite *find_composite(uint32_t c)
{
	for (const struct stroke_composite *s = stroke_composites; s->base; s++)
		if (s->code_point == c)
			return s;
	return NULL;
}

/* The glyph that carries a character's width. */
static const struct stroke_glyph *glyph_of(uint32_t c)
{
	const struct stroke_glyph *glyph = find_glyph(c);
	const struct stroke_composite *composite = glyph ? NULL : find_composite(c);
	if (composite)
		glyph = find_glyph((unsigned char)composite->base);
	return glyph ? glyph : find_glyph(TEXT_REPLACEMENT);
}

/* Small figures, and two of them with a bar between. */
static bool is_small(const struct stroke_composite *composite)
{
	return composite->accent == 0;
}

static bool is_fraction(const struct stroke_composite *composite)
{
	return composite->accent >= '0' && composite->accent <= '9';
}

static double advance_of(const struct stroke_glyph *glyph)
{
	return glyph->width + 2 * STROKE_BEARING;
}

static double stroke_advance(void *state, uint32_t c, bool bold)
{
	(void)state;
	(void)bold;
	if (text_cells(c) == 0)
		return 0;
	const struct stroke_composite *composite = find_glyph(c) ? NULL : find_composite(c);
	double units = advance_of(glyph_of(c));
	if (composite && is_fraction(composite))
		units *= 2 * SMALL + 0.2;
	else if (composite && is_small(composite))
		units *= SMALL;
	return units / STROKE_EM;
}

/* Catmull and Rom's cubic through b and c. */
static double between(double a, double b, double c, double d, double t)
{
	return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

static size_t smooth(const struct raster_point *points, size_t n, bool closed,
		     struct raster_point *out)
{
	size_t used = 0, curves = closed ? n : n - 1;
	for (size_t i = 0; i < curves; i++) {
		const struct raster_point *b = &points[i], *c = &points[(i + 1) % n];
		const struct raster_point *a =
			closed ? &points[(i + n - 1) % n] : &points[i ? i - 1 : 0];
		const struct raster_point *d =
			closed ? &points[(i + 2) % n] : &points[i + 2 < n ? i + 2 : n - 1];
		for (int k = 0; k < PIECES; k++) {
			double t = (double)k / PIECES;
			out[used++] = (struct raster_point){ between(a->x, b->x, c->x, d->x, t),
							     between(a->y, b->y, c->y, d->y, t) };
		}
	}
	out[used++] = points[closed ? 0 : n - 1];
	return used;
}

/* One stroke of the table; returns where it ends. */
static const char *draw_stroke(const struct place *place, const char *at, int *error)
{
	struct raster_point points[MOST_POINTS], curve[MOST_POINTS * PIECES + 1];
	size_t n = 0;
	char kind = *at == '~' || *at == '@' ? *at++ : 0;
	for (; at[0] > ' ' && at[1] && n < MOST_POINTS; at += 2)
		points[n++] = (struct raster_point){ place->at.x + (at[0] - 'A') * place->unit,
						     place->at.y - (at[1] - 'e') * place->unit };
	const struct raster_point *line = points;
	if (kind && n > 2) {
		n = smooth(points, n, kind == '@', curve);
		line = curve;
	}
	if (n == 2 && points[0].x == points[1].x && points[0].y == points[1].y)
		*error = raster_disc(place->raster, points[0], place->pen.width * 0.62,
				     place->pen.ink);
	else if (n > 0)
		*error = raster_stroke(place->raster, line, n, &place->pen);
	return at + (*at == ' ');
}

static int draw_strokes(const struct place *place, const char *strokes)
{
	int error = 0;
	while (*strokes && error == 0)
		strokes = draw_stroke(place, strokes, &error);
	return error;
}

static int draw_glyph(struct place place, const struct stroke_glyph *glyph)
{
	place.at.x += STROKE_BEARING * place.unit;
	return draw_strokes(&place, glyph->strokes);
}

/* Accents as strokes about their middle: x from 'E', above the letter's top. */
static int draw_accent(struct place place, const struct stroke_glyph *base, char accent)
{
	static const struct {
		char accent;
		const char *strokes;
	} accents[] = {
		{ '`', "ChEf" },      { '\'', "EfGh" },     { '^', "CfEhGf" },
		{ '~', "~BfDhFfHh" }, { ':', "CgCg GgGg" }, { 'o', "@EiGgEfCg" },
		{ ',', "~EeFcDa" },
	};
	uint32_t c = base->code_point;
	double top = accent == ',' ? 0 : c >= 'A' && c <= 'Z' ? 14 : 10;
	place.at.x += (STROKE_BEARING + base->width / 2.0 - 4) * place.unit;
	place.at.y -= top * place.unit;
	for (size_t i = 0; i < sizeof accents / sizeof *accents; i++)
		if (accents[i].accent == accent)
			return draw_strokes(&place, accents[i].strokes);
	return 0;
}

static struct place shrink(struct place place, double up)
{
	place.at.y -= up * place.unit;
	place.unit *= SMALL;
	place.pen.width *= 0.85;
	return place;
}

static int draw_fraction(struct place place, const struct stroke_glyph *above,
			 const struct stroke_glyph *below)
{
	double step = advance_of(above) * SMALL * place.unit;
	struct place small = shrink(place, 5.6), bar = place;
	int r = draw_glyph(small, above);
	bar.at.x += step - 3 * place.unit;
	if (r == 0)
		r = draw_strokes(&bar, "AeHs");
	small = shrink(place, 0);
	small.at.x += step + 0.2 * step;
	return r == 0 ? draw_glyph(small, below) : r;
}

/* ì loses its dot under the accent. */
static int draw_base(struct place place, const struct stroke_glyph *base)
{
	place.at.x += STROKE_BEARING * place.unit;
	return draw_strokes(&place, base->code_point == 'i' ? "AeAo" : base->strokes);
}

static int stroke_draw(void *state, struct raster *raster, struct raster_point at, uint32_t c,
		       const struct text_style *style)
{
	(void)state;
	const struct place place = {
		.raster = raster,
		.at = at,
		.unit = style->size / STROKE_EM,
		.pen = { .width = style->size * (style->bold ? BOLD_PEN : PEN),
			 .round = true,
			 .ink = style->ink },
	};
	const struct stroke_composite *composite = find_glyph(c) ? NULL : find_composite(c);
	const struct stroke_glyph *glyph = glyph_of(c);
	if (text_cells(c) == 0)
		return 0;
	if (!composite)
		return draw_glyph(place, glyph);
	if (is_fraction(composite))
		return draw_fraction(place, glyph, find_glyph((unsigned char)composite->accent));
	if (is_small(composite))
		return draw_glyph(shrink(place, 5.6), glyph);
	int r = draw_base(place, glyph);
	return r == 0 ? draw_accent(place, glyph, composite->accent) : r;
}

/* It has no state; something that is not NULL says that it opened. */
static void *stroke_open(const char *family)
{
	static char nothing;
	(void)family;
	return &nothing;
}

static void stroke_close(void *state)
{
	(void)state;
}

const struct face face_stroke = {
	.name = "builtin",
	.open = stroke_open,
	.close = stroke_close,
	.advance = stroke_advance,
	.draw = stroke_draw,
};
