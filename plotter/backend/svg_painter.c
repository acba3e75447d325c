#include "plotter/backend/svg_painter.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "plotter/backend/svg_cells.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/figure.h"
#include "plotter/figure/painter.h"
#include "plotter/figure/theme.h"
#include "share/text.h"
#include "share/xml.h"

struct svg {
	FILE *out;
	const char *id; /* NULL: a file of its own */
	unsigned clips; /* paths defined so far */
	bool clipped;   /* a group is open */
	bool grouped;   /* another is, inside of it */
};

/* A tenth of a pixel is finer than an eye; "12.0" is written "12". */
static void put_number(FILE *out, double value)
{
	double tenths = round(fmax(fmin(value, 1e6), -1e6) * 10);
	fprintf(out, fmod(tenths, 10) == 0 ? "%.0f" : "%.1f", tenths / 10);
}

static void put_attribute(FILE *out, const char *name, double value)
{
	fprintf(out, " %s=\"", name);
	put_number(out, value);
	fputc('"', out);
}

static void put_ink(FILE *out, const char *what, struct ink ink)
{
	fprintf(out, " %s=\"#%06x\"", what, ink.rgb & 0xffffff);
	if (ink.alpha < 1)
		fprintf(out, " %s-opacity=\"%.2g\"", what, ink.alpha);
}

/* Widths in ems, as in the sans faces that a viewer is likely to have; a little generous, so that
 * what was measured to fit does fit. */
static double character_width(uint32_t c)
{
	if (c >= 0x300)
		return 0.55 * text_cells(c);
	if (c < 0x80 && strchr("iljI|!.,:;'` ", (int)c))
		return 0.32;
	if (c < 0x80 && strchr("frt()[]{}/\\-\"*", (int)c))
		return 0.40;
	if (c < 0x80 && strchr("mwMW@%", (int)c))
		return 0.92;
	return c >= 'A' && c <= 'Z' ? 0.69 : 0.62;
}

static double measure(void *state, const char *text, double size, bool bold)
{
	(void)state;
	double width = 0;
	for (uint32_t c; (c = text_next(&text));)
		width += character_width(c);
	return width * size * (bold ? 1.1 : 1);
}

static void draw_text(void *state, struct raster_point at, const char *text,
		      const struct text_style *style)
{
	static const char *const anchors[] = { [ANCHOR_MIDDLE] = "middle", [ANCHOR_RIGHT] = "end" };
	struct svg *svg = state;
	fputs("<text", svg->out);
	put_attribute(svg->out, "x", at.x);
	put_attribute(svg->out, "y", at.y);
	put_attribute(svg->out, "font-size", style->size);
	if (style->bold)
		fputs(" font-weight=\"bold\"", svg->out);
	if (style->anchor != ANCHOR_LEFT)
		fprintf(svg->out, " text-anchor=\"%s\"", anchors[style->anchor]);
	put_ink(svg->out, "fill", style->ink);
	fputc('>', svg->out);
	xml_text(svg->out, text);
	fputs("</text>\n", svg->out);
}

static long long tenths(double pixels)
{
	return llround(fmax(fmin(pixels, 1e6), -1e6) * 10);
}

/* Points as whole tenths, each relative to the one before, which keeps a path to a few characters a
 * point; rounding does not add up, since the differences are taken after it. The path's own
 * transform brings them back to pixels. */
static void put_path(FILE *out, const struct raster_point *points, size_t n)
{
	long long x = 0, y = 0;
	bool begun = false;
	fputs(" d=\"M", out);
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(points[i].x) || !isfinite(points[i].y))
			continue;
		long long dx = tenths(points[i].x) - x, dy = tenths(points[i].y) - y;
		if (begun && dx == 0 && dy == 0)
			continue;
		if (begun && dx == 0)
			fprintf(out, "v%lld", dy);
		else if (begun && dy == 0)
			fprintf(out, "h%lld", dx);
		else
			fprintf(out, "%s%lld%s%lld", begun ? "l" : "", dx, dy < 0 ? "" : " ", dy);
		x += dx;
		y += dy;
		begun = true;
	}
	fputs(begun ? "\" transform=\"scale(.1)\"" : "0 0\"", out);
}

static void draw_line(void *state, const struct raster_point *points, size_t n,
		      const struct pen *pen)
{
	struct svg *svg = state;
	fputs("<path fill=\"none\" stroke-linejoin=\"round\"", svg->out);
	put_ink(svg->out, "stroke", pen->ink);
	put_attribute(svg->out, "stroke-width", pen->width * 10);
	if (pen->round)
		fputs(" stroke-linecap=\"round\"", svg->out);
	if (pen->dash > 0)
		put_attribute(svg->out, "stroke-dasharray", pen->dash * 10);
	put_path(svg->out, points, n);
	fputs("/>\n", svg->out);
}

static void draw_area(void *state, const struct raster_point *points, size_t n, struct ink ink)
{
	struct svg *svg = state;
	fputs("<path", svg->out);
	put_ink(svg->out, "fill", ink);
	put_path(svg->out, points, n);
	fputs("/>\n", svg->out);
}

static void put_box(FILE *out, struct box box)
{
	put_attribute(out, "x", box.x);
	put_attribute(out, "y", box.y);
	put_attribute(out, "width", box.w);
	put_attribute(out, "height", box.h);
}

static void draw_rect(void *state, struct box box, struct ink ink)
{
	struct svg *svg = state;
	fputs("<rect", svg->out);
	put_box(svg->out, box);
	put_ink(svg->out, "fill", ink);
	fputs("/>\n", svg->out);
}

static void draw_disc(void *state, struct raster_point centre, double radius, struct ink ink)
{
	struct svg *svg = state;
	fputs("<circle", svg->out);
	put_attribute(svg->out, "cx", centre.x);
	put_attribute(svg->out, "cy", centre.y);
	put_attribute(svg->out, "r", radius);
	put_ink(svg->out, "fill", ink);
	fputs("/>\n", svg->out);
}

static void draw_cells(void *state, const struct painter_cells *cells)
{
	struct svg *svg = state;
	svg_cells(svg->out, cells);
}

/* Names what follows, for a style sheet or a script to find. */
static void set_group(void *state, const char *kind, size_t index)
{
	struct svg *svg = state;
	if (svg->grouped)
		fputs("</g>\n", svg->out);
	svg->grouped = kind != NULL;
	if (kind)
		fprintf(svg->out, "<g class=\"%s\" data-index=\"%zu\">\n", kind, index);
}

static void put_clip_name(const struct svg *svg)
{
	fprintf(svg->out, "%s%sclip%u", svg->id ? svg->id : "", svg->id ? "-" : "", svg->clips);
}

static void set_clip(void *state, struct box box)
{
	struct svg *svg = state;
	if (svg->clipped)
		fputs("</g>\n", svg->out);
	svg->clipped = box.w > 0;
	if (!svg->clipped)
		return;
	fputs("<clipPath id=\"", svg->out);
	put_clip_name(svg);
	fputs("\"><rect", svg->out);
	put_box(svg->out, box);
	fputs("/></clipPath>\n<g clip-path=\"url(#", svg->out);
	put_clip_name(svg);
	fputs(")\">\n", svg->out);
	svg->clips++;
}

/* The wished family first; what could end the attribute or the list is left out of its name. */
static void put_font(FILE *out, const char *family)
{
	bool wished = family && strcmp(family, "builtin") != 0;
	fputs(" font-family=\"", out);
	for (const char *next = family; wished && *family; family = next) {
		uint32_t c = text_next(&next);
		if (text_is_printable(c) && c != TEXT_REPLACEMENT &&
		    !strchr("\"<&,;", c < 0x80 ? (int)c : 'x'))
			fwrite(family, 1, (size_t)(next - family), out);
	}
	fputs(wished ? "," : "", out);
	fputs("DejaVu Sans,Verdana,Helvetica,Arial,sans-serif\"", out);
}

struct figure_place svg_draw(const struct chart *chart, const struct canvas *canvas, const char *id,
			     FILE *out)
{
	struct svg svg = { .out = out, .id = id };
	const struct painter painter = { .state = &svg,
					 .measure = measure,
					 .text = draw_text,
					 .line = draw_line,
					 .area = draw_area,
					 .rect = draw_rect,
					 .disc = draw_disc,
					 .cells = draw_cells,
					 .clip = set_clip,
					 .group = id ? set_group : NULL };
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\"", out);
	if (id)
		fprintf(out, " id=\"%s\" role=\"img\"", id);
	fprintf(out, " width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\"", canvas->width,
		canvas->height, canvas->width, canvas->height);
	put_font(out, canvas->font);
	fputs(">\n<title>", out);
	xml_text(out, chart->title);
	fputs("</title>\n", out);
	draw_rect(&svg, (struct box){ 0, 0, canvas->width, canvas->height },
		  (struct ink){ canvas->theme->paper, 1 });
	struct figure_place place = figure_draw(chart, canvas, &painter);
	fputs("</svg>\n", out);
	return place;
}
