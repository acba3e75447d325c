#include "plotter/backend/png_file.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <zlib.h>

#include "plotter/figure/canvas.h"
#include "plotter/raster/palette.h"
#include "plotter/raster/raster.h"
#include "share/version.h"

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

int png_put(const struct raster *raster, const struct canvas *canvas, FILE *out)
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
