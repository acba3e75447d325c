/* Through the program gnuplot, which draws what gnuplot_script.h writes. */
#include <errno.h>
#include <stdlib.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/gnuplot_script.h"
#include "plotter/backend/pipe.h"

/* Started before the recordings are read, which takes as long. */
static struct pipe_program gnuplot;

static int prepare(const struct canvas *canvas)
{
	const char *wished = getenv("MPROF_GNUPLOT");
	char *argv[] = { (char *)(wished && *wished ? wished : "gnuplot"), (char[]){ "-d" },
			 (char[]){ "-" }, NULL };
	return pipe_start(&gnuplot, argv, canvas->window);
}

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *script = open_memstream(&bytes, &size);
	if (!script)
		return -ENOMEM;
	gnuplot_script(chart, canvas, script);
	int r = fclose(script) == 0 ? 0 : -ENOMEM;
	if (r == 0)
		r = pipe_run(&gnuplot, bytes, size, out);
	free(bytes);
	return r;
}

static const char *complaint(void)
{
	return gnuplot.complaint;
}

const struct backend backend_gnuplot = {
	.name = "gnuplot",
	.extensions = "png svg pdf",
	.summary = "through gnuplot: png, svg, pdf, or a window that can be zoomed",
	.places = TO_FILE | TO_WINDOW,
	.usual = TO_WINDOW,
	.prepare = prepare,
	.draw = draw,
	.complaint = complaint,
};
