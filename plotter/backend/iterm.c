#include <errno.h>
#include <stdlib.h>

#include "plotter/backend/backend.h"
#include "plotter/backend/inlay.h"
#include "plotter/backend/pixels.h"
#include "share/base64.h"

static int draw(const struct chart *chart, const struct canvas *canvas, FILE *out)
{
	char *png;
	size_t n;
	int r = inlay_png(chart, canvas, &png, &n);
	if (r < 0)
		return r;
	fprintf(out, "\x1b]1337;File=inline=1;size=%zu", n);
	if (canvas->columns > 0)
		fprintf(out, ";width=%d", canvas->columns);
	fputc(':', out);
	base64_put(out, (const unsigned char *)png, n);
	fputs("\a\n", out);
	free(png);
	return ferror(out) ? -EIO : 0;
}

const struct backend backend_iterm = {
	.name = "iterm",
	.extensions = "",
	.summary = "a picture in a terminal that knows iTerm2's protocol: WezTerm, mintty",
	.places = TO_FILE | TO_TERMINAL,
	.inlaid = true,
	.draw = draw,
	.remark = pixels_remark,
};
