#include <errno.h>
#include <stdlib.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/inlay.h"
#include "plotter/backend/pixels.h"
#include "share/base64.h"

enum { PIECE = 3072 }; /* 4096 characters of base64, which is as many as may be sent at once */

/* A PNG (f=100) that is shown at once (a=T), with no answer to it (q=2). */
static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	char *png;
	size_t n;
	int r = inlay_png(chart, canvas, &png, &n);
	if (r < 0)
		return r;
	for (size_t at = 0; at < n; at += PIECE) {
		size_t size = n - at < PIECE ? n - at : PIECE;
		fputs(at == 0 ? "\x1b_Ga=T,f=100,q=2," : "\x1b_G", out);
		if (at == 0 && canvas->columns > 0)
			fprintf(out, "c=%d,", canvas->columns);
		fprintf(out, "m=%d;", at + size < n);
		base64_put(out, (const unsigned char *)png + at, size);
		fputs("\x1b\\", out);
	}
	fputc('\n', out);
	free(png);
	return ferror(out) ? -EIO : 0;
}

const struct backend backend_kitty = {
	.name = "kitty",
	.extensions = "",
	.summary = "a picture in a terminal that knows kitty's protocol: Ghostty, Konsole, WezTerm",
	.places = TO_FILE | TO_TERMINAL,
	.inlaid = true,
	.draw = draw,
	.remark = pixels_remark,
};
