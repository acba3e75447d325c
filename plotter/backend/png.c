#include "plotter/backend/backend.h"
#include "plotter/backend/pixels.h"
#include "plotter/backend/png_file.h"
#include "plotter/raster/raster.h"

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct raster raster;
	int r = pixels_draw(chart, canvas, &raster);
	if (r < 0)
		return r;
	r = png_put(&raster, canvas, out);
	raster_close(&raster);
	return r;
}

const struct backend backend_png = {
	.name = "png",
	.extensions = "png",
	.summary = "the built-in rasterizer",
	.places = TO_FILE,
	.usual = TO_FILE,
	.draw = draw,
	.remark = pixels_remark,
};
