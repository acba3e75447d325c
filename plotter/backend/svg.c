#include "plotter/backend/svg_painter.h"

#include "plotter/backend/backend.h"

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	svg_draw(chart, canvas, NULL, out);
	return 0;
}

const struct backend backend_svg = {
	.name = "svg",
	.extensions = "svg",
	.summary = "a small SVG with text as text",
	.places = TO_FILE | TO_TERMINAL,
	.draw = draw,
};
