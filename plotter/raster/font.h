/* Text on a raster. Two faces behind one front: FreeType with fontconfig's per-character fallback
 * when built with them, and a stroke face of our own (printable ASCII and Latin-1) that is drawn by
 * the rasterizer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct font; /* opaque */
struct raster;

/* family: "builtin", a family's name, or NULL for the system's sans. Falls back to the built-in
 * face; -ENOMEM only. */
int font_open(struct font **font, const char *family);
void font_close(struct font *font);

/* UTF-8; broken bytes are drawn as U+FFFD. `size`: pixels an em. Width in pixels. */
double font_width(struct font *font, const char *text, double size, bool bold);

/* x, y: left end of the baseline. */
int font_draw(struct font *font, struct raster *raster, double x, double y, const char *text,
	      double size, bool bold, uint32_t rgb, double alpha);
