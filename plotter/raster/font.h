/* Text on a raster. Two faces behind one front: FreeType with fontconfig's per-character fallback
 * when built with them, and a stroke face of our own (printable ASCII and Latin-1) that is drawn by
 * the rasterizer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plotter/raster/point.h"

struct font; /* opaque */
struct raster;
struct text_style;

/* family: "builtin", a family's name, or NULL for the system's sans. Falls back to the built-in
 * face; -ENOMEM only. */
int font_open(struct font **font, const char *family);
void font_close(struct font *font);

/* What it is drawn with where `family` is not installed; NULL: with that. */
const char *font_instead(const struct font *font, const char *family);

/* A character that no font here has, of what has been drawn or measured; 0: there is none. And what
 * package of Debian's has such. */
uint32_t font_missing(const struct font *font);
const char *font_package(uint32_t code_point);

/* UTF-8; broken bytes are drawn as U+FFFD. `size`: pixels an em. Width in pixels. */
double font_width(struct font *font, const char *text, double size, bool bold);

/* x by the style's anchor, y is the baseline. 0 or -ENOMEM. */
int font_draw(struct font *font, struct raster *raster, struct raster_point at, const char *text,
	      const struct text_style *style);
