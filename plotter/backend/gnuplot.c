/* Through the program gnuplot, which draws what gnuplot_script.h writes. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

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

/* Who drew it, told as our own pictures tell it (share/replace.c looks for it): gnuplot's PNG and
 * PDF do not say. A PNG has its chunks behind the first, which is 33 bytes with the signature. */
static void put_named(const char *bytes, size_t size, FILE *out)
{
	static const char words[] = "tEXtSoftware\0mprof-c through gnuplot";
	enum { HEAD = 33, LENGTH = sizeof words - 1 };
	bool png = size > HEAD && memcmp(bytes, "\x89PNG", 4) == 0;
	bool pdf = size > HEAD && memcmp(bytes, "%PDF-", 5) == 0;
	if (png) {
		uint32_t length = htonl(LENGTH - 4);
		uint32_t sum = htonl((uint32_t)crc32(0, (const Bytef *)words, LENGTH));
		fwrite(bytes, 1, HEAD, out);
		fwrite(&length, 1, sizeof length, out);
		fwrite(words, 1, LENGTH, out);
		fwrite(&sum, 1, sizeof sum, out);
	}
	fwrite(bytes + (png ? HEAD : 0), 1, size - (png ? HEAD : 0), out);
	if (pdf)
		fputs("\n%mprof-c\n", out);
}

/* Feeds it the script and passes on what it draws. */
static int converse(const char *script, size_t length, FILE *out)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *heard = open_memstream(&bytes, &size);
	if (!heard)
		return -ENOMEM;
	int r = pipe_run(&gnuplot, script, length, heard);
	if (fclose(heard) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0)
		put_named(bytes, size, out);
	free(bytes);
	return r;
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
		r = converse(bytes, size, out);
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
