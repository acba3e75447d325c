#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "plotter/backend/backend.h"
#include "plotter/chart/chart.h"
#include "plotter/figure/canvas.h"
#include "plotter/figure/figure.h"
#include "plotter/figure/painter.h"
#include "plotter/figure/theme.h"
#include "plotter/raster/font.h"
#include "plotter/raster/palette.h"
#include "plotter/raster/raster.h"
#include "share/version.h"

enum { PIECE = 256 }; /* points of a line stroked at once */

struct picture_state {
	struct raster raster;
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
	font_draw(p->font, &p->raster, at, text, style);
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
		raster_stroke(&p->raster, points + i, length, &joining);
	}
}

static void draw_area(void *state, const struct raster_point *points, size_t n, struct ink ink)
{
	struct picture_state *p = state;
	const size_t counts[] = { n, 0 };
	raster_fill(&p->raster, points, counts, ink);
}

static void draw_rect(void *state, struct box box, struct ink ink)
{
	struct picture_state *p = state;
	raster_rect(&p->raster, box, ink);
}

static void draw_disc(void *state, struct raster_point centre, double radius, struct ink ink)
{
	struct picture_state *p = state;
	raster_disc(&p->raster, centre, radius, ink);
}

static void set_clip(void *state, struct box box)
{
	struct picture_state *p = state;
	if (box.w > 0)
		raster_clip(&p->raster, box.x, box.y, box.x + box.w, box.y + box.h);
	else
		raster_clip(&p->raster, 0, 0, p->raster.width, p->raster.height);
}

/* ---- encoding ---- */

static int bit_depth(size_t colours)
{
	return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

static void put_palette(png_struct *png, png_info *info, const struct palette *palette)
{
	png_color colours[PALETTE_MOST];
	for (size_t i = 0; i < palette->n; i++)
		colours[i] = (png_color){ (png_byte)(palette->colours[i] >> 16),
					  (png_byte)(palette->colours[i] >> 8),
					  (png_byte)palette->colours[i] };
	png_set_PLTE(png, info, colours, (int)palette->n);
}

static void put_head(png_struct *png, png_info *info, const struct raster *raster,
		     const struct palette *palette, const struct canvas *canvas)
{
	png_text software = { .compression = PNG_TEXT_COMPRESSION_NONE,
			      .key = (char[]){ "Software" },
			      .text = (char[]){ "mprof-c " MPROF_VERSION } };
	png_uint_32 per_metre = (png_uint_32)(canvas->dpi / 0.0254 + 0.5);
	png_set_IHDR(png, info, (png_uint_32)raster->width, (png_uint_32)raster->height,
		     palette->n ? bit_depth(palette->n) : 8,
		     palette->n ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
	png_set_text(png, info, &software, 1);
	/* Flat colours: filters only get in deflate's way, and its first level finds the runs; of
	 * bytes where a pixel is one, it finds them faster when it looks for nothing else. */
	png_set_filter(png, 0, PNG_FILTER_NONE);
	png_set_compression_level(png, palette->n ? 1 : 3);
	png_set_compression_strategy(png, palette->n ? Z_RLE : Z_DEFAULT_STRATEGY);
	png_set_compression_buffer_size(png, 64 << 10);
	if (palette->n)
		put_palette(png, info, palette);
	png_write_info(png, info);
}

/* libpng's own would print. */
static void leave(png_struct *png, const char *message)
{
	(void)message;
	png_longjmp(png, 1);
}

static void quiet(png_struct *png, const char *message)
{
	(void)png;
	(void)message;
}

/* `row` is scratch for one row of indices. libpng leaves by longjmp when it cannot write. */
static int encode(const struct raster *raster, const struct palette *palette,
		  const struct canvas *canvas, uint8_t *row, FILE *out)
{
	png_struct *png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, leave, quiet);
	png_info *info = png ? png_create_info_struct(png) : NULL;
	if (!info) {
		png_destroy_write_struct(&png, NULL);
		return -ENOMEM;
	}
	errno = 0;
	if (setjmp(png_jmpbuf(png))) {
		png_destroy_write_struct(&png, &info);
		return errno ? -errno : -EIO;
	}
	png_init_io(png, out);
	put_head(png, info, raster, palette, canvas);
	for (int y = 0; y < raster->height; y++) {
		const uint8_t *rgb = raster->rgb + (size_t)y * (size_t)raster->width * 3;
		if (palette->n)
			palette_row(palette, rgb, (size_t)raster->width, bit_depth(palette->n),
				    row);
		png_write_row(png, palette->n ? row : rgb);
	}
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	return 0;
}

static int encode_raster(const struct raster *raster, const struct canvas *canvas, FILE *out)
{
	struct palette *palette = calloc(1, sizeof *palette);
	uint8_t *row = malloc((size_t)raster->width);
	int r = -ENOMEM;
	if (palette && row) {
		palette_collect(palette, raster->rgb,
				(size_t)raster->width * (size_t)raster->height);
		r = encode(raster, palette, canvas, row, out);
	}
	free(row);
	free(palette);
	return r;
}

/* ---- what is to be said of it ---- */

static char remark_text[192];

static void keep_remark(const char *family, const char *instead)
{
	if (family && instead)
		snprintf(remark_text, sizeof remark_text,
			 "there is no font '%.64s' here: drawn with %s", family, instead);
}

static const char *remark(void)
{
	return remark_text;
}

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct picture_state p = { 0 };
	int r = raster_open(&p.raster, (int)canvas->width, (int)canvas->height,
			    canvas->theme->paper);
	if (r < 0)
		return r;
	const struct painter painter = { &p,        measure,   draw_text, draw_line, draw_area,
					 draw_rect, draw_disc, set_clip,  NULL };
	r = font_open(&p.font, canvas->font);
	if (r == 0) {
		keep_remark(canvas->font, font_instead(p.font, canvas->font));
		figure_draw(chart, canvas, &painter);
		r = encode_raster(&p.raster, canvas, out);
	}
	font_close(p.font);
	raster_close(&p.raster);
	return r;
}

const struct backend backend_png = {
	.name = "png",
	.extensions = "png",
	.summary = "the built-in rasterizer",
	.places = TO_FILE,
	.usual = TO_FILE,
	.draw = draw,
	.remark = remark,
};
