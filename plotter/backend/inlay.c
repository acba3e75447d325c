#include "plotter/backend/inlay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "plotter/backend/pixels.h"
#include "plotter/backend/png_file.h"
#include "plotter/raster/raster.h"

int inlay_png(const struct chart *chart, const struct canvas *canvas, char **bytes, size_t *n)
{
	struct raster raster;
	int r = pixels_draw(chart, canvas, &raster);
	if (r < 0)
		return r;
	*bytes = NULL;
	FILE *out = open_memstream(bytes, n);
	r = out ? png_put(&raster, canvas, out) : -ENOMEM;
	raster_close(&raster);
	if (out && fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		free(*bytes);
	return r;
}
