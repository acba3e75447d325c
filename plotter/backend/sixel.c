#include "plotter/screen/sixel.h"

#include <errno.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/pixels.h"
#include "plotter/raster/palette.h"
#include "plotter/raster/raster.h"

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	struct raster raster;
	size_t registers = canvas->registers > 1 && canvas->registers < PALETTE_MOST
				   ? canvas->registers
				   : PALETTE_MOST;
	int r = pixels_draw(chart, canvas, &raster);
	if (r < 0)
		return r;
	r = sixel_put(&raster, registers, out);
	raster_close(&raster);
	fputc('\n', out);
	return r < 0 ? r : ferror(out) ? -EIO : 0;
}

const struct backend backend_sixel = {
	.name = "sixel",
	.extensions = "",
	.summary = "a picture in a terminal that knows DEC's sixels: foot, mlterm, xterm -ti vt340",
	.places = TO_FILE | TO_TERMINAL,
	.inlaid = true,
	.draw = draw,
	.remark = pixels_remark,
};
